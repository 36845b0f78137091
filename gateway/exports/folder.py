"""Export files in a folder of this machine, or one that several machines share."""

from __future__ import annotations

import os
from pathlib import Path

PART = ".part"


class Folder:
    """Files in a folder; an unfinished one ends in `.part`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def draft(self, name: str) -> Path:
        """Where to write the file that is to have this name."""
        self._path.mkdir(parents=True, exist_ok=True)
        return self._path / f"{name}{PART}"

    def publish(self, path: Path, name: str) -> None:
        """The file that has been written there is now the one of this name."""
        path.replace(self._path / name)

    def open(self, name: str) -> Opened:
        """The file of this name."""
        return Opened(self._path / name)

    def remove(self, name: str) -> None:
        """Remove the file of this name, an unfinished one too; there may be none."""
        for path in (self._path / name, self._path / f"{name}{PART}"):
            path.unlink(missing_ok=True)


class Opened:
    """A file to read from; once open it stays readable, even when it is removed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def read(self, start: int, count: int) -> bytes:
        """`count` bytes from `start` on."""
        self._file.seek(start)
        return self._file.read(count)

    def close(self) -> None:
        """Nothing more is read."""
        self._file.close()
