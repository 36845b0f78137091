"""How far a long command is, on a terminal; elsewhere the last of it."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn


def bars(*more: ProgressColumn) -> Progress:
    """A bar for each task with its name and its share, and more beside them."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        *more,
        console=Console(stderr=True),
        transient=not sys.stderr.isatty(),
    )
