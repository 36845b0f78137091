"""Documents by their id: those of our own shims and gallery, of the manifests, and registered ones.

documentId ──ours? from a manifest?──▶ text ◀──registered?── the store
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.memory import Memory
from models.engine import Store
from models.errors import InvalidInput, UnknownDocument, UntrustedDocument
from resolvers.documents import KIND, document_id, find_document

ID = re.compile(rf"({KIND})?[0-9a-f]{{64}}")
NONE: Final = ""


class Registry:
    """Finds documents; `known` are those that need no looking up. With `only`, no others run."""

    def __init__(self, store: Store, known: Mapping[str, str], only: bool = False) -> None:
        self._store, self._known, self._only = store, known, only
        self._seen: Memory[str, str] = Memory()

    async def text(self, id: str | None, text: str | None) -> str:
        """The text of the document that is meant.

        Raises InvalidInput, UnknownDocument, and UntrustedDocument for a text that is not registered where
        only those run.
        """
        if text is None:
            return await self._of_id(id or "")
        if id is not None and _whole(id) != document_id(text):
            raise InvalidInput("'documentId' is not the SHA-256 of 'query'; send one of the two.")
        if self._only and await self._find(document_id(text)) == NONE:
            raise UntrustedDocument()
        return text

    def at_hand(self, id: str | None, text: str | None) -> str | None:
        """The same where nothing needs to be read or checked for it; None otherwise."""
        if text is not None:
            return None if self._only or id is not None else text
        return self._known.get(id or "") or self._seen.get(id or "") or None

    async def _of_id(self, id: str) -> str:
        found = await self._find(_whole(id))
        if found == NONE:
            raise UnknownDocument()
        return found

    async def _find(self, id: str) -> str:
        """The text of this id, else NONE."""
        found = self._known.get(id) or self._seen.get(id)
        if found is None:
            async with self._store.reading() as db:
                found = await find_document(db, id) or NONE
            self._seen.keep(id, found)
        return found


def _whole(id: str) -> str:
    """The id with its kind in front, which Relay leaves out. Raises InvalidInput."""
    if not ID.fullmatch(id):
        raise InvalidInput(f"A 'documentId' looks like {KIND} and 64 hexadecimal digits in lower case.")
    return id if id.startswith(KIND) else KIND + id
