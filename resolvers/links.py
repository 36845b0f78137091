"""Links to export files: signed, so that whoever has one needs no key, and over when the file is."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from models import Export
from models.base import micros
from models.errors import LinkExpired, NotFound
from models.exports import COMPLETED

PATH = "/exports"
_NUMBER = re.compile(r"[0-9]{1,18}")
_ID = re.compile(r"exp_[0-9A-Za-z]{22}")


@dataclass(frozen=True)
class Link:
    """What a link that is ours says."""

    organization_id: int
    export_id: str


class Links:
    """Makes links to files of exports and reads them; `base` goes before them when it is known."""

    def __init__(self, secret: str, base: str | None = None) -> None:
        self._secret, self._base = secret.encode(), (base or "").rstrip("/")

    def to(self, export: Export, now: datetime) -> str | None:
        """The link to its file; None when there is none, or no longer."""
        if export.status != COMPLETED or export.expires_at is None or export.expires_at <= now:
            return None
        said = {"organization": str(export.organization_id), "expires": str(micros(export.expires_at))}
        said["signature"] = self._signature(export.id, said["organization"], said["expires"])
        return f"{self._base}{PATH}/{export.id}.{export.format}?{urlencode(said)}"

    def read(self, name: str, said: Mapping[str, str], now: datetime) -> Link:
        """What a link to the file `name` says. Raises NotFound when it is not ours, LinkExpired."""
        export_id = name.partition(".")[0]
        organization, expires = said.get("organization", ""), said.get("expires", "")
        signature = self._signature(export_id, organization, expires)
        is_signed = hmac.compare_digest(
            signature.encode(), said.get("signature", "").encode(errors="replace")
        )
        numbers = (_NUMBER.fullmatch(number) for number in (organization, expires))
        if not (is_signed and _ID.fullmatch(export_id) and all(numbers)):
            raise NotFound("There is nothing at this address.")
        if micros(now) >= int(expires):
            raise LinkExpired()
        return Link(int(organization), export_id)

    def _signature(self, export_id: str, organization: str, expires: str) -> str:
        words = "\n".join(("export link", export_id, organization, expires))
        return hmac.new(self._secret, words.encode(errors="replace"), sha256).hexdigest()
