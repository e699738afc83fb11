"""Answers that the bot brings over: to the one who asked in private, or into the thread of a question that stands where
the one who answers can't write. When its words change or go, so does the card."""

from __future__ import annotations

from bot import effects as do
from bot.cards import Action, Button, Card, Direct, Quote, Style, Text
from bot.community import Answer
from bot.crossing import at_home
from bot.events import Member
from bot.policy import Mode
from bot.question import Question
from bot.showing.addresses import for_everybody, only_for_asker
from bot.showing.letters import write_back_button
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, say_in

NAMES = {"slack": "Slack", "discord": "Discord"}


def about_answer(effect: do.RelayAnswer | do.PostAnswer, scene: Scene) -> Shown:
    q, answer = scene.question, scene.answer
    if q is None:
        return Unsaid("the question is gone")
    if answer is None or not answer.text:
        if scene.posted is None:
            return Unsaid("the answer is gone")
        say = say_in(q.language)
        taken_back = Text(say("This answer has been taken back."))
        return Change(scene.posted, Card((taken_back,), quiet=True, question=q.id))
    card = _relayed(q, answer, scene) if isinstance(effect, do.RelayAnswer) else _posted(q, answer, scene)
    if scene.posted is not None:
        return Change(scene.posted, card)
    if isinstance(effect, do.RelayAnswer) or q.private or scene.gone or scene.mode is Mode.OFF:
        return only_for_asker(q, scene, card)
    to_asker = Direct(Member.from_key(q.asker))
    otherwise = None if q.pseudonym else to_asker  # asked without a name: told anyway
    return Saying(for_everybody(q, scene), card, otherwise)


def _relayed(q: Question, answer: Answer, scene: Scene) -> Card:
    say = say_in(q.language)
    by = scene.name(answer.member, say)
    lead = Text(say("{name} has answered your question:").format(name=by))
    buttons = list(_buttons(q, say))
    if q.nameless:
        buttons.insert(1, write_back_button(q, say))
    confirmed = scene.confirmed(answer.member, q.language, say)
    return Card((lead, Quote(answer.text, by), *confirmed), tuple(buttons), question=q.id)


def _posted(q: Question, answer: Answer, scene: Scene) -> Card:
    """Everybody reads it, so it is written in the language of the question."""
    say = say_in(q.language)
    by = scene.name(answer.member, say)
    buttons = () if q.pseudonym else _buttons(q, say)  # who asked without a name gets it, and the buttons, in private
    confirmed = scene.confirmed(answer.member, q.language, say)
    return Card((Text(_lead(q, answer, by, say)), Quote(answer.text, by), *confirmed), buttons, question=q.id)


def _lead(q: Question, answer: Answer, by: str, say: Say) -> str:
    platform = Member.from_key(answer.member).platform
    if at_home(answer.member, q.place):
        return say("{name} answers:").format(name=by)
    if platform == q.place.platform:
        return say("{name}, from another of our spaces, answers:").format(name=by)
    if platform in NAMES:
        return say("{name}, from our {platform}, answers:").format(name=by, platform=NAMES[platform])
    return say("{name}, from our community on the web, answers:").format(name=by)


def _buttons(q: Question, say: Say) -> tuple[Button, ...]:
    return (
        Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY),
        Button(Action.ASK_PERSON, q.id, say("Not yet: ask somebody else")),
    )
