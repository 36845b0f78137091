"""Conversations of a chatbot with contacts, and the people who take some of them over.

a contact writes → keyword, flow, language model → the bot's last word, or a transfer → an agent's answers
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.chance import STEPS, bag, log_normal
from gateway.simulate.contacts import Book
from gateway.simulate.moments import DAY, HOUR, MINUTE, SECOND, local, of, text
from gateway.simulate.tenants import Bot, Tenant
from models.zones import zone

SHARE = 0.08  # conversations beside each message that the organization sends
TRANSFERRED, ABANDONED = 0.2, 0.05
IN_FLOW, KEYWORD, ASKS_MODEL = 0.55, 0.6, 0.35
COMPLETES = 0.9  # of the flows whose conversation the bot resolves
ANSWERED = 0.95  # of what an agent takes on
TURN = log_normal(14 * SECOND, 0.6, 3 * MINUTE)
QUEUE = log_normal(2.5 * MINUTE, 1.0, 3 * HOUR)
FIRST_ANSWER = log_normal(1.5 * MINUTE, 0.9, HOUR)
HANDLING = log_normal(9 * MINUTE, 0.8, 4 * HOUR)
IDLE = 30 * MINUTE  # after which a conversation that nobody goes on with is over
TOKENS_IN, TOKENS_OUT = log_normal(180, 0.5, 2_000), log_normal(60, 0.5, 800)
SOURCES = bag(("flow", 5), ("keyword", 3), ("manual", 2))
ASKED = (
    *("Hi, where is my order?", "How long does shipping take?", "I would like to return a scarf."),
    *("What does it cost?", "Are you open on Sunday?", "Can I talk to somebody?"),
)
TOLD = (
    *("Of course, one moment please.", "Could you send me the number of your order?"),
    *("It left us yesterday and will be with you on Friday.", "Is there anything else I can do for you?"),
)
WORK = (9 * HOUR, 13 * HOUR, 18 * HOUR)  # local: when agents come, have lunch and leave


def agent_id(tenant: Tenant, place: int) -> str:
    """The id of the agent at that place."""
    return str(uuid5(NAMESPACE_URL, f"https://{tenant.slug}.example/agents/{place}"))


class Chatbot:
    """Plays the chatbot of one organization, if it has one."""

    def __init__(self, tenant: Tenant, messages: int, calendar: Calendar, random: Random) -> None:
        self._tenant = tenant
        self._sessions = messages * SHARE
        self._calendar = calendar
        self._draw = random.random
        self._prefix = f"chat_{random.getrandbits(24):06x}_"
        self._made = 0
        self._zone = zone(tenant.timezone)

    def open(self) -> None:
        """Put into the calendar the accounts, the flows, the agents and when they are there."""
        bot, start = self._tenant.bot, self._calendar.start
        if bot is None:
            return
        for name, sender in zip(bot.accounts, self._tenant.senders, strict=True):
            self._put(start, "sender", sender, name=name, kind="whatsapp", updated_at=text(start))
        for flow, name in bot.flows:
            self._put(start, "bot_flow", flow, name=name, updated_at=text(start))
        for place, name in enumerate(bot.agents):
            self._put(start, "user", agent_id(self._tenant, place), name=name, created_at=text(start))
            self._attend(place)

    def live(self, begin: int, until: int, share: float, book: Book) -> None:
        """Put into the calendar the conversations that start in `begin` … `until`."""
        bot = self._tenant.bot
        if bot is None:
            return
        for _ in range(int(self._sessions * share + self._draw())):
            at = begin + int(self._draw() * (until - begin))
            self._converse(bot, at, book.ids[int(self._draw() * len(book))])

    def _converse(self, bot: Bot, at: int, contact: str) -> None:
        self._made += 1
        senders = self._tenant.senders
        told = {
            "id": f"{self._prefix}{self._made:06d}",
            "contact_id": contact,
            "sender_id": senders[int(self._draw() * len(senders))],
            "started_at": text(at),
        }
        self._put(at, "bot_session", told["id"], **told)
        end = self._talk(at, told)
        fate = self._draw()
        self._listen(bot, at, end, told, fate >= TRANSFERRED + ABANDONED)
        if fate < TRANSFERRED:
            self._hand_over(bot, end, told)
        else:
            status = "timeout" if fate < TRANSFERRED + ABANDONED else "completed"
            end += IDLE if status == "timeout" else SECOND
            self._put(end, "bot_session", told["id"], **told, status=status, ended_at=text(end))

    def _talk(self, at: int, told: Record) -> int:
        """Two to four times the contact writes and the bot answers; says when it is over."""
        for turn in range(2 + int(self._draw() * 3)):
            self._message(at, told, f"{turn}a", direction="inbound", source="inbox")
            answer = at + 2 * SECOND
            self._message(answer, told, f"{turn}b", direction="outbound", source="chatbot")
            at = answer + self._lasts(TURN)
        return at

    def _listen(self, bot: Bot, at: int, end: int, told: Record, is_resolved: bool) -> None:
        """What the bot makes of it: a keyword, a flow, calls of a model."""
        of_session = {"session_id": told["id"], "sender_id": told["sender_id"]}
        if self._draw() < KEYWORD:
            word = bot.keywords[int(self._draw() * len(bot.keywords))]
            self._put(
                at + SECOND,
                "keyword_hit",
                f"{told['id']}_k",
                **of_session,
                keyword=word,
                at=text(at + SECOND),
            )
        if self._draw() < IN_FLOW:
            flow = bot.flows[int(self._draw() ** 2 * len(bot.flows))][0]
            run = {**of_session, "flow_id": flow, "started_at": text(at + SECOND)}
            self._put(at + SECOND, "flow_run", f"{told['id']}_f", **run)
            if is_resolved and self._draw() < COMPLETES:
                self._put(end, "flow_run", f"{told['id']}_f", **run, completed_at=text(end))
        if self._draw() < ASKS_MODEL:
            sizes = {"tokens_in": self._lasts(TOKENS_IN), "tokens_out": self._lasts(TOKENS_OUT)}
            cost = sum(sizes.values()) * bot.price_micros // 1000
            told_of = {**of_session, **sizes, "model": bot.model, "cost_micros": cost}
            self._put(at + SECOND, "ai_call", f"{told['id']}_m", **told_of, at=text(at + SECOND))

    def _hand_over(self, bot: Bot, at: int, told: Record) -> None:
        """The bot gives up; somebody takes the conversation on and ends it, unless nobody does."""
        place = int(self._draw() * len(bot.agents))
        transfer = {
            "session_id": told["id"],
            "contact_id": told["contact_id"],
            "sender_id": told["sender_id"],
            "source": SOURCES[int(self._draw() * len(SOURCES))],
            "transferred_at": text(at),
        }
        name, user = f"{told['id']}_t", agent_id(self._tenant, place)
        self._put(at, "transfer", name, **transfer)
        assigned = at + self._lasts(QUEUE)
        if self._draw() > ANSWERED:
            expired = at + DAY
            self._put(expired, "transfer", name, **transfer, status="expired", updated_at=text(expired))
            return
        answered = assigned + self._lasts(FIRST_ANSWER)
        resumed = answered + self._lasts(HANDLING)
        for number in range(1 + int(self._draw() * 3)):
            moment = answered + number * (resumed - answered) // 4
            self._message(moment, told, f"u{number}", direction="outbound", source="inbox", user_id=user)
        taken = {**transfer, "user_id": user, "assigned_at": text(assigned)}
        self._put(answered, "transfer", name, **taken, first_response_at=text(answered))
        done = {"first_response_at": text(answered), "resumed_at": text(resumed)}
        self._put(resumed, "transfer", name, **taken, **done, status="resumed")
        self._put(resumed, "bot_session", told["id"], **told, status="completed", ended_at=text(resumed))

    def _message(self, at: int, told: Record, name: str, **fields: Any) -> None:
        arrives = at
        if fields["direction"] == "outbound":
            arrives = at + 4 * SECOND
            fields |= {
                "sent_at": text(at + 500),
                "delivered_at": text(at + SECOND),
                "read_at": text(arrives),
                "cost_micros": self._tenant.price_micros["whatsapp"],
            }
            fields["charged_at"] = fields[f"{self._tenant.charged}_at"]
        about = {"contact_id": told["contact_id"], "sender_id": told["sender_id"], "session_id": told["id"]}
        texts = ASKED if fields["direction"] == "inbound" else TOLD
        content = {"channel": "whatsapp", "content_type": "text", "created_at": text(at)}
        content["body"] = texts[int(self._draw() * len(texts))]
        self._put(arrives, "message", f"{told['id']}_{name}", **about, **content, **fields)

    def _attend(self, place: int) -> None:
        """Each weekday an agent is there, away over lunch, and there again."""
        user = agent_id(self._tenant, place)
        first = local(self._calendar.start, self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range((self._calendar.end - self._calendar.start) // DAY + 2):
            midnight = of(first) + day * DAY
            if local(midnight + HOUR, self._zone).weekday() == 6:
                continue
            came, lunch, left = (
                midnight + hour + int(self._draw() * 20 * MINUTE) + place * 20 * MINUTE for hour in WORK
            )
            back = lunch + 30 * MINUTE + int(self._draw() * 20 * MINUTE)
            for number, (is_there, start, end) in enumerate(
                ((True, came, lunch), (False, lunch, back), (True, back, left))
            ):
                self._be(user, f"{day}_{number}", is_there, start, end)

    def _be(self, user: str, name: str, is_there: bool, start: int, end: int) -> None:
        """A span is told of when it is over; one that is not over at the end of all, when it begins."""
        if not self._calendar.start <= start < self._calendar.end:
            return
        told = {"user_id": user, "is_available": is_there, "started_at": text(start)}
        if end < self._calendar.end:
            self._put(end, "availability", f"{user}_{name}", **told, ended_at=text(end))
        else:
            self._put(start, "availability", f"{user}_{name}", **told)

    def _lasts(self, times: tuple[int, ...]) -> int:
        return times[int(self._draw() * STEPS)]

    def _put(self, at: int, kind: str, name: str, /, **fields: Any) -> None:
        self._calendar.put(at, {"type": kind, "organization": self._tenant.slug, "id": name, **fields})
