"""What moderators are told of a question that nobody was found for: a link and no words, and when it is over."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Direct, Link, Style, Text
from bot.community import Role
from bot.events import Member
from bot.question import Question, Status
from bot.showing.offers import kept_from
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say

ModeratorWish = do.AlertModerator | do.CloseAlert


def to_moderator(effect: ModeratorWish, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    match effect:
        case do.AlertModerator():
            if q.status is not Status.ESCALATED:
                return Unsaid("the question has moved on")
            return Saying(Direct(Member.from_key(effect.to)), _alert_card(effect, q, scene))
        case do.CloseAlert():
            if scene.posted is None:
                return Unsaid("no card was shown")
            if q.status in (Status.OPEN, Status.OFFERED, Status.ESCALATED):
                return Unsaid("it waits again")
            line = Text(_settled(effect.to, q, scene, scene.say(effect.to)))
            return Change(scene.posted, Card((line,), quiet=True, question=q.id))
        case _:
            assert_never(effect)


def _settled(to: str, q: Question, scene: Scene, say: Say) -> str:
    """Never why it was closed: it may have been taken back, or be in the hands of those who watch over safety."""
    if q.status is Status.CLAIMED and q.claimed_by == to:
        return say("You have taken this one. Thank you.")
    if q.status is Status.CLAIMED and (q.private or kept_from(to, q, scene)):
        return say("Somebody has taken this one. Thank you for being there.")
    if q.status is Status.CLAIMED:
        text = say("{name} has taken this one. Thank you for being there.")
        return text.format(name=scene.name(q.claimed_by, say))
    if q.status is Status.ANSWERED:
        return say("This question has been answered. Thank you for being there.")
    return say("This question is settled or was taken back: there is nothing left to do. Thank you for being there.")


def _alert_card(effect: do.AlertModerator, q: Question, scene: Scene) -> Card:
    say = scene.say(effect.to)
    fit = not q.medical or _knows_medicine(effect.to, scene)
    ask = say("Please take it, or ask somebody you know. The person who asked knows that I have told you.")
    if not fit:
        ask = say(
            "It is about medicines: only a clinician may answer it. Is there one whom you can ask, or confirm as one "
            "here? The person who asked knows that I have told you, and whom else they can ask."
        )
    blocks: list[Block] = [Text(_lead(effect, q, say), strong=True), Text(ask)]
    if kept_from(effect.to, q, scene):
        text = say(
            "It was asked in a channel that is not open to all, so its words stay there. Please tell somebody there."
        )
        return Card((*blocks, Text(text)), question=q.id)
    if q.private:
        blocks.append(Text(only_through_me(scene, say)))
    elif scene.opens(q, effect.to):
        blocks.append(Link(say("Open the question"), q.place))
    else:
        blocks.append(
            Text(say("It stands where you may have no account: once you have taken it you can read it here."))
        )
    take = (Button(Action.TAKE, q.id, say("I'll take it"), Style.PRIMARY),) if fit else ()
    return Card(tuple(blocks), take, question=q.id)


def _lead(effect: do.AlertModerator, q: Question, say: Say) -> str:
    if q.answered_by:
        return say("This question was answered, and the one who asked needs more. I have found nobody else.")
    if effect.reminder:
        return say("This question still has no answer.")
    return say("I have found nobody to answer this question.")


def _knows_medicine(member: str, scene: Scene) -> bool:
    return Role.CLINICIAN in scene.held(member)


def only_through_me(scene: Scene, say: Say) -> str:
    if scene.gone:
        return say(
            "I am no longer in its channel. Once you have taken it you can read it, and I bring your answer over."
        )
    return say("It was asked in private: you can read it once you have taken it.")
