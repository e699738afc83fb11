"""Whether somebody takes back what they asked: "never mind, found it", and nothing more.

A message that also asks for something settles nothing, however plainly it says "sorted": a question that is closed by
mistake is lost, one that stays open by mistake costs somebody a look.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot import listening
from bot.adding import cut_out
from bot.around import UNSETTLED, Context, Message
from bot.events import MessageEdited, Withdrawn
from bot.listening_cues import NEED_CUES
from bot.question import Question, Status
from bot.steps import Steps

LONGEST = 12  # words of a message that takes back and says no more
ASKS = 0.2  # what the surface says of it from which on more is asked; see tests/bot/test_never_mind.py


def settles(text: str) -> bool:
    """Whether that is all it says, in a thread as in the channel."""
    if not _takes_back(text) or "?" in text:
        return False
    asks = NEED_CUES["asks_inside"].search(listening.excerpt(text)) or listening.quick_need(text) >= ASKS
    return not asks


def _takes_back(text: str) -> bool:
    return len(text.split()) <= LONGEST and listening.withdraws(text)


def taken_back(context: Context, event: Message, *, asks: bool) -> tuple[Question, ...]:
    """What a short "never mind, found it" in the channel itself takes back: what its author asked there just before; to
    the bot alone also what is the only thing they asked it lately. `asks`: whether it is a question, which then takes
    the place of the old one."""
    if context.in_care or not (settles(event.text) or (asks and _takes_back(event.text))):
        return ()
    if context.near:
        newest = max(context.near, key=lambda q: q.asked_at).place
        return tuple(q for q in context.near if q.place == newest)
    alone = event.direct and len({q.place.key for q in context.lately}) == 1
    return context.lately if alone else ()


async def take_these_back(questions: Sequence[Question], steps: Steps) -> None:
    """What nobody has answered yet of what was asked just before."""
    for question in questions:
        now = await steps.tx.questions.get(question.id)
        if now is not None and now.status in UNSETTLED:
            await steps.befall(now, Withdrawn(now.asker), now.asker)


async def settle(here: Sequence[Question], event: Message, steps: Steps) -> None:
    """Its author has taken back what stands here. What the message said before it was edited is gone, so its words go
    too."""
    for question in here:
        if isinstance(event, MessageEdited):
            await cut_out(question, [event.place], steps)
        now = await steps.tx.questions.get(question.id)
        if now is not None and now.status is not Status.CLOSED:
            await steps.befall(now, Withdrawn(now.asker), now.asker)
