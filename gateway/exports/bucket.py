"""Export files in an object store, through obstore, an extra that is only loaded when it is used.

The calls are the blocking ones: obstore's asynchronous ones have ended interpreters with SIGABRT.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from gateway.exports.folder import Folder

PART_BYTES = 8 << 20


def opened(url: str) -> Any:
    """The object store at s3://bucket/prefix; whose it is and how to get in, the AWS_… variables say.

    Raises ImportError, ValueError.
    """
    store = import_module("obstore.store")
    if not url.startswith("s3://"):
        raise ValueError(f"not an S3 address: {url}")
    return store.S3Store.from_url(url)


class Bucket:
    """Files in an object store; they are written on this machine first, and sent when they are whole."""

    def __init__(self, store: Any) -> None:
        self._store, self._api = store, import_module("obstore")
        self._unfinished = Folder(Path(tempfile.gettempdir()) / "heliograph-exports")

    def draft(self, name: str) -> Path:
        """Where to write the file that is to have this name."""
        return self._unfinished.draft(name)

    def publish(self, path: Path, name: str) -> None:
        """The file that has been written there is now the one of this name."""
        self._api.put(self._store, name, path, chunk_size=PART_BYTES, max_concurrency=2)
        path.unlink(missing_ok=True)

    def open(self, name: str) -> Opened:
        """The file of this name."""
        return Opened(self._api, self._store, name)

    def remove(self, name: str) -> None:
        """Remove the file of this name, an unfinished one too; there may be none."""
        self._unfinished.remove(name)
        with suppress(FileNotFoundError):
            self._api.delete(self._store, name)


class Opened:
    """A file to read from, one request for each part of it."""

    def __init__(self, api: Any, store: Any, name: str) -> None:
        self._api, self._store, self._name = api, store, name
        self.size = int(api.head(store, name)["size"])

    def read(self, start: int, count: int) -> bytes:
        """`count` bytes from `start` on."""
        return bytes(self._api.get_range(self._store, self._name, start=start, length=count))

    def close(self) -> None:
        """Nothing is held."""
