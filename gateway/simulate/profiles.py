"""How each channel behaves: what gets lost and why, how fast, and what people do with the rest.

Chances of failing are of all messages; chances of engagement are of delivered ones, except that a click
in an e-mail takes an open.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.simulate.chance import bag, log_normal
from gateway.simulate.moments import DAY, HOUR, MINUTE, SECOND

HANDOFF = log_normal(0.4 * SECOND, 0.8, 20 * SECOND)
BOUNCE = log_normal(4 * SECOND, 1.6, 6 * HOUR)
MACHINE = log_normal(3 * SECOND, 0.7, 25 * SECOND)
OPEN = log_normal(1.6 * HOUR, 1.5, 4 * DAY)
READ = log_normal(6 * MINUTE, 1.8, 3 * DAY)
CLICK_TEXT = log_normal(20 * MINUTE, 1.5, 2 * DAY)
CLICK_MAIL = log_normal(40 * SECOND, 1.0, HOUR)
REPLY = log_normal(12 * MINUTE, 1.6, 2 * DAY)
ANSWER = log_normal(9 * MINUTE, 1.1, 8 * HOUR)
OPT_OUT = log_normal(15 * MINUTE, 1.5, 2 * DAY)


@dataclass(frozen=True, slots=True)
class Profile:
    """One channel's chances and delays."""

    delivery: tuple[int, ...]  # from hand-off to confirmation
    refused: float  # failed before anything was handed off
    lost: float  # failed or bounced afterwards
    silent: float  # never heard of again
    reasons: tuple[tuple[str, str], ...]  # of a loss: (kind, code or reason), kind being hard, soft or failed
    refusals: tuple[str, ...] = ("21610",)
    machine_open: float = 0.0
    open: float = 0.0
    read: float = 0.0
    machine_click: float = 0.0
    click: float = 0.0
    reply: float = 0.0
    complaint: float = 0.0
    unsubscribe: float = 0.0


_TEXT_REASONS = bag(
    (("failed", "30003"), 34),  # unreachable handset
    (("failed", "30005"), 20),  # unknown number
    (("failed", "30006"), 16),  # landline
    (("failed", "30007"), 22),  # filtered by the carrier
    (("failed", "30008"), 8),  # unknown
)
_MAIL_REASONS = bag(
    (("hard", "Mailbox does not exist"), 30),
    (("hard", "Domain not found"), 12),
    (("hard", "Rejected by policy"), 8),
    (("soft", "Mailbox full"), 26),
    (("soft", "Greylisted"), 14),
    (("soft", "Server unavailable"), 10),
)
_WHATSAPP_REASONS = bag((("failed", "131026"), 50), (("failed", "131049"), 30), (("failed", "131047"), 20))

_SMS = Profile(
    delivery=log_normal(3.5 * SECOND, 1.1, 4 * HOUR),
    refused=0.004,
    lost=0.028,
    silent=0.006,
    reasons=_TEXT_REASONS,
    machine_click=0.012,
    click=0.065,
    reply=0.022,
    unsubscribe=0.006,
)
PROFILES: dict[str, Profile] = {
    "sms": _SMS,
    "mms": Profile(
        delivery=log_normal(7 * SECOND, 1.1, 4 * HOUR),
        refused=0.004,
        lost=0.036,
        silent=0.009,
        reasons=_TEXT_REASONS,
        machine_click=0.008,
        click=0.085,
        reply=0.03,
        unsubscribe=0.005,
    ),
    "email": Profile(
        delivery=log_normal(5 * SECOND, 1.5, 5 * HOUR),
        refused=0.001,
        lost=0.024,
        silent=0.002,
        reasons=_MAIL_REASONS,
        refusals=("suppressed",),
        machine_open=0.22,
        open=0.34,
        machine_click=0.02,
        click=0.16,
        reply=0.018,
        complaint=0.0009,
        unsubscribe=0.0025,
    ),
    "whatsapp": Profile(
        delivery=log_normal(1.8 * SECOND, 1.4, 12 * HOUR),
        refused=0.003,
        lost=0.016,
        silent=0.004,
        reasons=_WHATSAPP_REASONS,
        refusals=("131048",),
        read=0.76,
        click=0.05,
        reply=0.08,
        unsubscribe=0.003,
    ),
}

# What the messages of a channel consist of, by what caused them.
CONTENT: dict[str, dict[str, tuple[str, ...]]] = {
    "sms": {},
    "mms": {
        "campaign": ("image",),
        "workflow": ("image",),
        "api": ("image",),
        "inbox": ("image",),
        "inbound": bag(("image", 3), ("text", 1)),
    },
    "email": {"campaign": ("template",), "workflow": ("template",)},
    "whatsapp": {
        "campaign": ("template",),
        "workflow": ("template", "interactive", "flow"),
        "api": ("template",),
        "inbox": bag(("text", 7), ("image", 2), ("document", 1)),
        "inbound": bag(
            ("text", 14), ("image", 3), ("audio", 2), ("video", 1), ("interactive", 3), ("location", 1)
        ),
    },
}
PLAIN = ("text",)
