"""Where the asker of a question is told something, and where else when that place takes nothing for good."""

from __future__ import annotations

from bot.cards import Card, Direct, InThread, OnlyFor
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
    """Seen by the asker alone. Who takes no private messages is told in the channel, where only they see it; when they
    asked in no channel, wherever the platform can do that."""
    asker = Member.from_key(q.asker)
    direct, hint = Direct(asker), OnlyFor(q.place, asker)
    if scene.gone:
        return Saying(direct, card)
    if q.nameless or q.private or not q.place.message:
        return Saying(direct, card, hint)
    return Saying(hint, card, direct)


def for_asker_alone(q: Question, scene: Scene) -> bool:
    """Whether nobody but the asker sees what is suggested."""
    return q.private or scene.gone or scene.mode in (Mode.HINT, Mode.OFF)


def suggestions_for(q: Question, scene: Scene, card: Card) -> Saying:
    """A question without a name is answered where it stands, unless the channel wants its suggestions whispered. Where
    nothing can be said in the channel, the asker is told in private."""
    if for_asker_alone(q, scene):
        return only_for_asker(q, scene, card)
    return Saying(for_everybody(q, scene), card, None if q.pseudonym else Direct(Member.from_key(q.asker)))
