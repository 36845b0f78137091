"""The file of an export while it is written: how long it is so far, and what it hashes to."""

from __future__ import annotations

from hashlib import sha256
from io import RawIOBase
from pathlib import Path


class Written(RawIOBase):
    """A new file that can only be appended to; `size` and `sha256` are those of what has been written.

    It cannot seek: what is hashed has to stay as it is, and zip files come out streamed.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._hash = sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash in hexadecimal digits."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # ty: ignore[incompatible-method-override]
        """Append these bytes."""
        self._file.write(data)
        self._hash.update(data)
        length = memoryview(data).nbytes
        self.size += length
        return length

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        self._file.close()
        super().close()
