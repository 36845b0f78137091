"""Headers that keep browsers from doing with our answers what nobody meant."""

from __future__ import annotations

# Nothing is taken for another type than it says, and no address of ours is told to another site.
EVERYWHERE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


# What a page of ours may load: only what comes from us. Editors write style attributes and style elements,
# and some of their pictures are data: addresses. Nobody may frame it, and no form leads away from it.
PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
