"""Where the asker of a question is told something, and where else when that place takes nothing for good."""

from __future__ import annotations

from bot.cards import Address, Card, Direct, InThread, OnlyFor
from bot.events import Member
from bot.policy import Answering, Mode
from bot.question import Question
from bot.showing.scene import Saying, Scene


def news_for_asker(q: Question, scene: Scene, card: Card) -> Saying:
    """In the thread where the channel wants it so; in private where nobody may learn who asked."""
    if q.nameless or scene.gone or scene.mode in (Mode.HINT, Mode.OFF):
        return only_for_asker(q, scene, card)
    return Saying(for_everybody(q, scene), card, Direct(Member.from_key(q.asker)))


def for_everybody(q: Question, scene: Scene) -> InThread:
    """Under the question: in a thread, or where the channel wants it so as a reply to it."""
    return InThread(q.place, reply=scene.answering is Answering.REPLY)


def only_for_asker(q: Question, scene: Scene, card: Card) -> Saying:
    """Seen by the asker alone. Who takes no private messages is told in the channel, where only they see it."""
    asker = Member.from_key(q.asker)
    direct = Direct(asker)
    if q.private or scene.gone or not q.place.message:
        return Saying(direct, card)
    hint = OnlyFor(q.place, asker)
    return Saying(direct, card, hint) if q.nameless else Saying(hint, card, direct)


def suggestions_for(q: Question, scene: Scene) -> Address:
    """A question without a name is answered where it stands, unless the channel wants its suggestions whispered."""
    asker = Member.from_key(q.asker)
    whispered = scene.mode in (Mode.HINT, Mode.OFF)
    if q.private or scene.gone or (q.pseudonym and whispered):
        return Direct(asker)
    return OnlyFor(q.place, asker) if whispered else for_everybody(q, scene)
