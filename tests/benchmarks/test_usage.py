"""What the operating system says of ourselves."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from benchmarks.usage import cpu_s, family_cpu_s, forget_peak, memory

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


def test_the_peak_of_memory_can_begin_anew() -> None:
    bytearray(64 * MIB)[::4096] = bytes(16 * 1024)
    high = memory("VmHWM")
    forget_peak()

    assert memory("VmRSS") <= memory("VmHWM") < high
