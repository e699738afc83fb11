"""Which messages the models read, and as what: as something that needs an answer, or as an answer."""

from __future__ import annotations

from bot.around import Context
from bot.cards import Form
from bot.community import MemberRecord
from bot.events import FormSubmitted, MessageEdited, MessagePosted
from bot.judging import Heard
from bot.policy import Mode
from bot.post import InboxRow
from bot.question import Question
from bot.safety.notes import from_strings


def as_need(row: InboxRow, context: Context | None) -> Heard | None:
    """What the models judge as a need, if it is heard at all."""
    event = row.arrival.event
    if isinstance(event, FormSubmitted):
        return _asked_by_form(event, row)
    if context is None or not isinstance(event, MessagePosted | MessageEdited) or event.by_bot:
        return None
    if row.arrival.crisis or not event.place.opens_thread:
        return None
    addressed = isinstance(event, MessagePosted) and (event.mentions_bot or event.direct)
    theirs = isinstance(event, MessageEdited) and any(q.asker == event.author.key for q in context.here)
    if context.author is not None and context.author.opted_out and not (addressed or theirs):
        return None  # but what they have asked they can mend and take back
    if context.question is None and context.mode in (Mode.OFF, Mode.MENTION) and not addressed:
        return None
    if context.question is None and context.mode is Mode.OFF and not event.direct:
        return None  # not even when it is mentioned
    whispered = context.mode is Mode.HINT or event.direct
    found = from_strings(row.arrival.findings)
    return Heard(event.text, found, addressed, about=event.about, whispered=whispered)


def as_reply(row: InboxRow, context: Context | None) -> list[tuple[Question, str]]:
    """The questions that somebody else than the asker may answer by what they wrote in the thread."""
    event = row.arrival.event
    if context is None or context.question is None or not isinstance(event, MessagePosted | MessageEdited):
        return []
    if event.by_bot or row.arrival.crisis or event.place.opens_thread:
        return []
    if event.author.key == context.question.asker:
        return []
    if context.author is not None and (context.author.opted_out or _asked_by(context.question, context.author)):
        return []
    return [(question, event.text) for question in context.here if question.text]


def _asked_by(question: Question, author: MemberRecord) -> bool:
    """Also from another account of theirs."""
    return author.person == question.asker_person


def _asked_by_form(event: FormSubmitted, row: InboxRow) -> Heard | None:
    """Who asks through the form asks: the library is looked into, however little it reads like a question."""
    text = event.values.get("text", "").strip()
    if event.form != Form.ASK or row.arrival.crisis or not text:
        return None
    whispered = event.values.get("how") != "anonymous"
    return Heard(text, from_strings(row.arrival.findings), addressed=True, thorough=True, whispered=whispered)
