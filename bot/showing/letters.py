"""A question without a name as it stands in its channel, and letters: what is brought over between its people."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Button, Card, Direct, Quote, Style, Text
from bot.community import Letter
from bot.events import Member
from bot.policy import Answering
from bot.question import Outcome, Question
from bot.showing.addresses import for_everybody, only_for_asker
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, say_in

LetterWish = do.PostQuestion | do.PassOn


def about_letters(effect: LetterWish, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    match effect:
        case do.PostQuestion():
            return _posted(q, scene)
        case do.PassOn():
            return _passed_on(effect, q, scene)
        case _:
            assert_never(effect)


def _posted(q: Question, scene: Scene) -> Shown:
    if scene.posted is not None:
        return Unsaid("the channel is gone") if scene.gone else Change(scene.posted, _post(q, scene))
    if not q.unposted or q.closed_at is not None:
        return Unsaid("the question has moved on")
    return Saying(for_everybody(q, scene), _post(q, scene))


def _post(q: Question, scene: Scene) -> Card:
    """Everybody reads it, so it is written in the language of the question."""
    say = say_in(q.language)
    if not q.text or q.outcome is Outcome.WITHDRAWN:
        return Card((Text(say("This question has been taken back.")),), quiet=True, question=q.id)
    lead = say("{name} asks, and prefers not to be named:").format(name=q.pseudonym)
    note = say("Please answer in this thread. I bring every reply to the one who asked.")
    if scene.answering is Answering.REPLY:
        note = say("Please reply to this message. I bring every reply to the one who asked.")
    return Card((Text(lead, strong=True), Quote(q.text), Text(note)), question=q.id)


def _passed_on(effect: do.PassOn, q: Question, scene: Scene) -> Shown:
    letter, say = scene.letter, say_in(q.language)
    if letter is None or not letter.text:
        if scene.posted is None:
            return Unsaid("the words are gone")
        taken_back = Text(say("This message has been taken back."))
        return Change(scene.posted, Card((taken_back,), quiet=True, question=q.id))
    saying = _brought(effect, q, letter, scene)
    if saying is None:
        return Unsaid("there is no thread to write it into")
    return Change(scene.posted, saying.card) if scene.posted is not None else saying


def _brought(effect: do.PassOn, q: Question, letter: Letter, scene: Scene) -> Saying | None:
    if letter.member != q.asker:
        return only_for_asker(q, scene, _reply_card(q, letter, scene))
    if effect.to:
        return Saying(Direct(Member.from_key(effect.to)), _from_asker(q, letter, scene.say(effect.to)))
    if q.private or scene.gone or not q.place.message:
        return None
    say = say_in(q.language)
    lead = say("{name} writes:").format(name=q.pseudonym)
    return Saying(for_everybody(q, scene), Card((Text(lead), Quote(letter.text)), question=q.id))


def _reply_card(q: Question, letter: Letter, scene: Scene) -> Card:
    """A reply in the thread, brought to the one who asked; only a real answer asks whether it helped."""
    say = say_in(q.language)
    by = scene.name(letter.member, say)
    buttons = [write_back_button(q, say)]
    if scene.answer is not None:
        buttons.insert(0, Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY))
        buttons.append(Button(Action.ASK_PERSON, q.id, say("Not yet: ask somebody else")))
    lead = say("{name} has written under your question:").format(name=by)
    confirmed = scene.confirmed(letter.member, q.language, say)
    return Card((Text(lead), Quote(letter.text), *confirmed), tuple(buttons), question=q.id)


def _from_asker(q: Question, letter: Letter, say: Say) -> Card:
    lead = Text(say("The one who asked writes back:"))
    button = Button(Action.ANSWER, q.id, say("Write an answer"), Style.PRIMARY)
    return Card((lead, Quote(letter.text)), (button,), question=q.id)


def write_back_button(q: Question, say: Say) -> Button:
    return Button(Action.WRITE_BACK, q.id, say("Write back"))
