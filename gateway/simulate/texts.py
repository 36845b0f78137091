"""How long texts are. A part is what one credit pays for."""

from __future__ import annotations

from models.billing import CHARACTERS_PER_CREDIT

KEYWORD = "STOP"
LENGTHS = (146, 38, 104, 231, 74, 158, 128, 312, 62, 117, 152, 452, 91, 139, 196, 50, 274)  # of a last part
MORE = (
    "We have put aside a small part of it for the people who were with us from the first day, and you "
    "are one of them: show this message at the counter in any of our shops, or use the link above, and "
    "it is yours at the price of last year. Sizes run from XS to XXL, what does not fit can be brought "
    "back for sixty days, and repairs are free for as long as you own it. Delivery takes two days "
    "inland and costs nothing from forty dollars on; parcels are handed to a neighbour only if you say "
    "so.",
    "On Saturday the workshop is open from nine to six. Bring boots, packs or tents that have seen "
    "better days: Marta and Leo mend what can be mended while you wait, and there is coffee. At eleven "
    "and at three we walk the lower loop, about four miles, easy enough for children and dogs, rain or "
    "shine; meet at the side door and bring a bottle of water. If you cannot come this time, the next "
    "date is in four weeks, and members hear of it first. Reply STOP if you would rather not hear from "
    "us.",
)


def length(place: int, parts: int = 1) -> int:
    """How many characters the text at `place` among others has, one that takes so many parts."""
    return (parts - 1) * CHARACTERS_PER_CREDIT + LENGTHS[place % len(LENGTHS)]


def lengthened(body: str, parts: int) -> str:
    """A short text with as much more to say as takes so many parts."""
    return "\n".join((body, *MORE[: parts - 1]))
