"""Values to put into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import Posted
from bot.community import Answer, Engagement, Letter, MemberRecord, Part
from bot.curation import Draft, DraftState
from bot.effects import Effect, Notify, OfferQuestion
from bot.events import Member, MessagePosted, Place
from bot.news import Notice
from bot.post import Arrival, Wish
from bot.question import Question
from bot.safety.alerts import Alert

NOW = datetime(2025, 3, 3, 9, 30, 15, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LEASE = NOW + MINUTE

ANA = Member("web", "home", "ana")
BEN = Member("web", "home", "ben")
CLEO = Member("web", "home", "cleo")


def place(message: str, thread: str = "") -> Place:
    return Place("web", "home", "help", message, thread or message)


def arrival(message: str, thread: str = "", *, crisis: bool = False, by: Member = ANA, text: str = "hello") -> Arrival:
    findings = ("C1/self/rule-1",) if crisis else ()
    return Arrival(MessagePosted(place(message, thread), by, "" if crisis else text, NOW), findings, crisis)


def wish(key: str, lane: str = "", *, about: str = "q1", to: str = "", effect: Effect | None = None) -> Wish:
    return Wish(key, lane or key, "web", about, to, effect or Notify(to, Notice.NOTED))


def offer(key: str, to: str, question: str = "q1") -> Wish:
    return wish(key, about=question, to=to, effect=OfferQuestion(question, to, 1))


def posted(message: str, at: datetime = NOW) -> Posted:
    return Posted("web", "home", "help", message, at)


def question(name: str = "q1", **changes: Any) -> Question:
    values: dict[str, Any] = {
        "id": name,
        "community": "local",
        "place": place(name),
        "asker": ANA.key,
        "asker_person": "p-ana",
        "text": "how do we get through an infusion day?",
        "language": "en",
        "topics": ("infusions", "school"),
        "medical": False,
        "urgent": False,
        "private": False,
        "asked_at": NOW,
    }
    return Question(**(values | changes))


def answer(message: str, question_id: str = "q1", *, by: Member = BEN, text: str = "bring a blanket") -> Answer:
    return Answer(place(message, question_id), question_id, by.key, text, 0.9, NOW)


def part(name: str, *, by: str = "q1", text: str = "he is nine", at: datetime = NOW) -> Part:
    """A message of the channel that belongs to the question `by`."""
    return Part(by, place(name), text, at)


def letter(name: str, question_id: str = "q1", *, by: Member = ANA, text: str = "she is nine") -> Letter:
    return Letter(name, question_id, by.key, text, NOW)


def draft(name: str = "d1", **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "id": name,
        "place": place("a1", "q1"),
        "question": "q1",
        "author": BEN.key,
        "saved_by": CLEO.key,
        "title": "Infusion days",
        "text": "bring a blanket",
        "topics": ("infusions",),
        "medical": False,
        "language": "en",
        "state": DraftState.AWAITING_CONSENT,
        "created_at": NOW,
    }
    return Draft(**(values | changes))


def alert(name: str = "al1", **changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": name,
        "place": place(name),
        "author": ANA.key,
        "code": "C1",
        "speaker": "self",
        "rules": ("rule-1",),
        "raised_at": NOW,
        "deadline": NOW + 5 * MINUTE,
        "paged": ((BEN.key, 0), (CLEO.key, 0)),
    }
    return Alert(**(values | changes))


def record(member: Member, **changes: Any) -> MemberRecord:
    values: dict[str, Any] = {"key": member.key, "person": f"p-{member.id}", "name": member.id.title()}
    return MemberRecord(**(values | changes))


def engagement(key: str, by: Member = ANA, at: datetime = NOW) -> Engagement:
    return Engagement(key, "asked:question", by.key, at, "web:home:help", "", "q1")
