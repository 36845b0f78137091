"""What the operating system says of ourselves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from benchmarks.usage import cpu_s, family_cpu_s, forget_peak, memory, queued_s

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
MIB = 1 << 20
BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


def test_processor_time_grows_with_work_and_not_with_waiting() -> None:
    before = cpu_s()
    time.sleep(0.2)
    waited = cpu_s() - before
    while time.process_time() < 0.2 or cpu_s() - before < waited + 0.1:
        pass

    assert waited < 0.1 <= cpu_s() - before


def test_a_family_counts_its_children() -> None:
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])"
    with subprocess.Popen(
        (sys.executable, "-c", parent), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()  # the child has been busy for 0.3 s and waits

        assert family_cpu_s(process.pid) >= cpu_s(process.pid) + 0.28
        process.stdin.write(b"\n")


def test_waiting_for_a_processor_is_told_from_sleep() -> None:
    words = (
        sys.executable,
        "-c",
        f"import os\nos.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n{BUSY}",
    )
    with ExitStack() as stack:
        # both want 0.3 s of one processor: until the first is done, it has run for half of the time or less
        both = [
            stack.enter_context(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for _ in range(2)
        ]
        for one in both:
            assert one.stdout is not None
            one.stdout.readline()
        waited = [queued_s(one.pid) for one in both]
        time.sleep(0.3)  # they wait for a word of ours
        slept = [queued_s(one.pid) - before for one, before in zip(both, waited, strict=True)]
        for one in both:
            one.communicate(b"\n")

    assert sum(waited) > 0.2
    assert max(slept) < 0.1


def test_the_peak_of_memory_can_begin_anew() -> None:
    bytearray(64 * MIB)[::4096] = bytes(16 * 1024)
    high = memory("VmHWM")
    forget_peak()

    assert memory("VmRSS") <= memory("VmHWM") < high
