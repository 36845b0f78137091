"""What vendors' URLs are asked and answer, as types that are only made ready when they are first used."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """Parameters of a request."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Told(BaseModel):
    """A part of an answer, with nothing in it that is not declared."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
