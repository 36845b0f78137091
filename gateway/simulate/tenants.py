"""The organizations that are played, one for each vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Terms:
    """How an organization pays ahead: each month for some credits, and for more when they run low."""

    brand: str  # under whose name it is billed
    pricing_model: Literal["full_service"]
    plan_type: str
    provider: str


@dataclass(frozen=True, slots=True)
class Bot:
    """What an organization's chatbot knows, and who takes conversations over from it."""

    accounts: tuple[str, ...]  # the names of the organization's senders
    flows: tuple[tuple[str, str], ...]  # ids and names, the one begun most often first
    keywords: tuple[str, ...]  # each as often as it is written
    model: str
    price_micros: int  # of a thousand tokens
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tenant:
    """One organization: what it is called, what it sends and to whom. Shares and weights are relative."""

    slug: str
    name: str
    vendor: str  # one of messagesender, penguinmails, agentmessage, slicktext, whatomate
    alias: str  # what the vendor calls it
    timezone: str
    plan: str
    channels: tuple[tuple[str, int], ...]
    senders: tuple[str, ...]
    zones: tuple[tuple[str, int], ...]  # where its contacts live
    hours: tuple[int, ...]  # local hours at which its campaigns start
    campaign_ids: Literal["named", "uuid", "code", "number"]
    campaign_names: tuple[str, ...]
    workflows: tuple[str, ...]
    price_micros: dict[str, int]  # of one segment, by channel; of what comes in
    charged: Literal["sent", "delivered"]
    tells_sent: bool  # whether the hand-off comes as an event or with the message
    weight: float  # how much it sends beside the others
    records_per_message: float  # measured; turns a wanted number of records into messages
    endpoints: tuple[str, ...] = ()  # webhook subscribers
    webhook_share: float = 0.0  # of status changes that are handed to them
    billing: Terms | None = None  # only of those whose account is told of
    addresses: tuple[tuple[str, tuple[str, ...]], ...] = ()  # that e-mail leaves from; domains of each
    bot: Bot | None = None  # only of those that have a chatbot
    is_shop: bool = False  # whether its orders, links, workflows and inbox are told of

    @property
    def aliases(self) -> dict[str, str]:
        """What each vendor calls it, as in its organization record."""
        return {self.vendor: self.alias}


TENANTS: tuple[Tenant, ...] = (
    Tenant(
        slug="amplifi",
        name="Amplifi Outdoor",
        vendor="messagesender",
        alias="5b0c6f1e-8f5e-4f0b-9a57-2d3f6f1c7a10",
        timezone="America/New_York",
        plan="unlimited",
        channels=(("sms", 8), ("mms", 2)),
        senders=("+12125550143", "+12125550187"),
        zones=(
            ("America/New_York", 30),
            ("America/Chicago", 17),
            ("America/Denver", 5),
            ("America/Los_Angeles", 12),
        ),
        hours=(10, 11, 12, 15, 17, 18, 19),
        campaign_ids="uuid",
        campaign_names=(
            "Weekend sale",
            "New arrivals",
            "Trail day invitation",
            "Back in stock",
            "Member thank-you",
        ),
        workflows=("wf_welcome", "wf_abandoned_cart", "wf_order_shipped"),
        price_micros={"sms": 7_900, "mms": 20_000},
        charged="delivered",
        tells_sent=True,
        weight=1.2,
        records_per_message=3.49,
        billing=Terms("amplifi", "full_service", plan_type="full_service", provider="amplifi"),
    ),
    Tenant(
        slug="penguin",
        name="Penguin Atelier",
        vendor="penguinmails",
        alias="ws_penguin",
        timezone="Europe/Madrid",
        plan="unlimited",
        channels=(("email", 1),),
        senders=("hola@penguin.example", "noticias@cartas.penguin.example", "equipo@penguin.example"),
        zones=(
            ("Europe/Madrid", 40),
            ("Europe/London", 8),
            ("America/Mexico_City", 10),
            ("America/New_York", 6),
        ),
        hours=(8, 9, 9, 10, 11, 16),
        campaign_ids="code",
        campaign_names=("Monthly letter", "Studio news", "Summer course", "Last places", "Reader survey"),
        workflows=("wf_welcome_series", "wf_follow_up", "wf_win_back"),
        price_micros={"email": 100},
        charged="sent",
        tells_sent=False,
        weight=1.5,
        records_per_message=3.09,
        addresses=(
            ("203.0.113.25", ("penguin.example",)),
            ("203.0.113.26", ("penguin.example", "cartas.penguin.example")),
        ),
    ),
    Tenant(
        slug="signal-post",
        name="Signal Post",
        vendor="agentmessage",
        alias="org_signalpost",
        timezone="UTC",
        plan="growth",
        channels=(("sms", 9), ("mms", 1)),
        senders=("+13125550110", "+447700900123"),
        zones=(
            ("UTC", 8),
            ("Europe/London", 26),
            ("America/New_York", 18),
            ("Australia/Adelaide", 6),
            ("Asia/Tokyo", 6),
        ),
        hours=(9, 11, 13, 14, 16),
        campaign_ids="named",
        campaign_names=("Service notice", "Release notes", "Appointment week", "Renewal reminder"),
        workflows=("wf_otp", "wf_reminder", "wf_agent_follow_up"),
        price_micros={"sms": 8_300, "mms": 22_000, "inbound": 4_000},
        charged="sent",
        tells_sent=True,
        weight=1.0,
        records_per_message=3.69,
        endpoints=("whe_crm", "whe_warehouse", "whe_pager"),
        webhook_share=0.2,
    ),
    Tenant(
        slug="slick",
        name="Slick Pizza Company",
        vendor="slicktext",
        alias="26136",
        timezone="America/Chicago",
        plan="unlimited",
        channels=(("sms", 1),),
        senders=("31996", "+13125550166"),
        zones=(("America/Chicago", 52), ("America/New_York", 8), ("America/Denver", 4)),
        hours=(11, 11, 15, 16, 17),
        campaign_ids="number",
        campaign_names=(
            "Two for Tuesday",
            "Game night",
            "Free delivery",
            "Lunch special",
            "Loyalty double points",
        ),
        workflows=("341", "352", "367"),
        is_shop=True,
        price_micros={"sms": 10_000},
        charged="sent",
        tells_sent=True,
        weight=0.8,
        records_per_message=3.45,
    ),
    Tenant(
        slug="whato",
        name="Whato Bazaar",
        vendor="whatomate",
        alias="0f8e7c52-3a4b-4d0e-9b1a-6c5d4e3f2a1b",
        timezone="Asia/Kolkata",
        plan="unlimited",
        channels=(("whatsapp", 1),),
        senders=("7d2f0c4a-51be-4b7e-8d13-0a9e6f2c1b01", "7d2f0c4a-51be-4b7e-8d13-0a9e6f2c1b02"),
        zones=(("Asia/Kolkata", 54), ("Asia/Dubai", 6), ("Asia/Kathmandu", 4)),
        hours=(10, 11, 12, 17, 18, 19),
        campaign_ids="uuid",
        campaign_names=("Festival offers", "Monsoon sale", "Order by Sunday", "New collection", "Price drop"),
        workflows=("flow_order_status", "flow_returns", "flow_catalogue"),
        price_micros={"whatsapp": 11_800},
        charged="delivered",
        tells_sent=False,
        weight=1.0,
        records_per_message=4.2,
        endpoints=("whe_shop",),
        webhook_share=0.03,
        bot=Bot(
            accounts=("whatsapp-main", "whatsapp-support"),
            flows=(
                ("flow_order_status", "Order Status"),
                ("flow_faq", "FAQ"),
                ("flow_returns", "Returns"),
                ("flow_catalogue", "Catalogue"),
            ),
            keywords=(
                *("order", "order", "order", "order", "shipping", "shipping", "return", "return"),
                *("price", "hours", "agent"),
            ),
            model="gpt-4o-mini",
            price_micros=20_000,
            agents=("Asha Menon", "Farid Khan", "Leela Rao"),
        ),
    ),
)
