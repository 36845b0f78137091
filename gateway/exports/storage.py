"""Where export files are: a folder, or a bucket of an object store.

A file is written under a temporary name on this machine and appears whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from gateway.exports.bucket import Bucket, opened
from gateway.exports.folder import Folder
from gateway.settings import SettingsError


class Content(Protocol):
    """An open file to read from."""

    size: int

    def read(self, start: int, count: int) -> bytes:
        """`count` bytes from `start` on."""
        ...

    def close(self) -> None:
        """Nothing more is read."""
        ...


class Storage(Protocol):
    """Where files are. What is not there raises FileNotFoundError; every call may block."""

    def draft(self, name: str) -> Path:
        """Where to write the file that is to have this name."""
        ...

    def publish(self, path: Path, name: str) -> None:
        """The file that has been written there is now the one of this name."""
        ...

    def open(self, name: str) -> Content:
        """The file of this name."""
        ...

    def remove(self, name: str) -> None:
        """Remove the file of this name, an unfinished one too; there may be none."""
        ...


def storage_of(place: str) -> Storage:
    """The storage that the setting EXPORT_FOLDER names."""
    if "://" not in place:
        return Folder(Path(place))
    try:
        return Bucket(opened(place))
    except ImportError as error:
        raise SettingsError("EXPORT_FOLDER: An object store needs 'pip install heliograph[s3]'") from error
    except ValueError as error:
        raise SettingsError("EXPORT_FOLDER: That is neither a folder nor s3://bucket/prefix") from error
