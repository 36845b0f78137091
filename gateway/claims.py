"""What a JSON Web Token says, once it is verified, and what one looks like before."""

from __future__ import annotations

from dataclasses import dataclass

NOT_TAKEN = "The token has expired or is not one that is taken here."


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, and the names of the organizations they may read."""

    subject: str
    organizations: tuple[str, ...]


def is_token(credential: str) -> bool:
    """Whether it has the three parts of a token; keys have no dots."""
    return credential.count(".") == 2
