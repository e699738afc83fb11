"""What volunteers get to see of a question. Who can open it where it stands gets a link; everybody else
reads it on the card and answers through the bot."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Direct, Link, Quote, Style, Text
from bot.crossing import at_home
from bot.events import Member
from bot.news import OfferEnd
from bot.policy import Answering
from bot.question import Question, Status
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, clock_time, in_words, past_time

QUOTE = 400  # characters of a question shown on a card
WHOLE = 4_000  # of one that the reader can open nowhere else

OfferWish = do.OfferQuestion | do.ChangeOffer | do.CloseOffer | do.WarnClaimant


def about_question(effect: OfferWish, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    match effect:
        case do.OfferQuestion():
            if q.status is not Status.OFFERED or q.offered_to != effect.to:
                return Unsaid("the question has moved on")
            return Saying(Direct(Member.from_key(effect.to)), _offer_card(q, scene, effect.to))
        case do.ChangeOffer():
            if q.status is not Status.OFFERED or (q.offered_to, q.round) != (effect.to, effect.round):
                return Unsaid("the question has moved on")
            if scene.posted is None:
                return Unsaid("no card was shown")
            return Change(scene.posted, _offer_card(q, scene, effect.to))
        case do.CloseOffer():
            card = _closed_card(effect, q, scene)
            if scene.posted is not None:
                return Change(scene.posted, card)
            if effect.end is OfferEnd.ACCEPTED:  # taken from the board: there was no card to change
                return Saying(Direct(Member.from_key(effect.to)), card)
            return Unsaid("no card was shown")
        case do.WarnClaimant():
            if q.status is not Status.CLAIMED or q.claimed_by != effect.to:
                return Unsaid("the question has moved on")
            return Saying(Direct(Member.from_key(effect.to)), _warning_card(effect, q, scene))
        case _:
            assert_never(effect)


def kept_from(to: str, q: Question, scene: Scene) -> bool:
    """Whether its words may not be shown to them, because they stay in a space where they are not."""
    return scene.confined and not at_home(to, q.place)


def _through_me(to: str, q: Question) -> bool:
    """Whether they can answer through the bot: who is elsewhere can't write where it stands."""
    return q.private or not at_home(to, q.place)


def _offer_card(q: Question, scene: Scene, to: str) -> Card:
    """It quotes the question; when the offer ends, the quote goes with it."""
    say = scene.say(to)
    lead = say("{name} has a question that you may be able to answer.").format(name=scene.asker_name(q, say))
    if q.private:
        lead = say("Somebody has a private question that you may be able to answer.")
    there = not q.private and bool(q.place.message) and scene.opens(q, to)
    blocks: list[Block] = [Text(lead, strong=True), *_quote(q, to, scene, QUOTE if there or q.private else WHOLE)]
    if q.handed_by:
        by = scene.name(q.handed_by, say)
        blocks.append(Text(say("{name} had it, and thinks that you may know better.").format(name=by)))
    if q.answered_by:
        blocks.append(Text(say("Somebody has answered already, and the one who asked needs a little more.")))
    if there:
        blocks.append(Link(say("Read it in the channel"), q.place))
    blocks.append(Text(say("If it does not suit you, that is fine. You need no reason: I will ask somebody else.")))
    buttons = (
        Button(Action.ACCEPT, q.id, say("Accept"), Style.PRIMARY),
        Button(Action.PASS, q.id, say("Pass")),
        Button(Action.NOT_NOW, q.id, say("Not now")),
    )
    return Card(tuple(blocks), buttons, question=q.id)


def _quote(q: Question, to: str, scene: Scene, limit: int) -> tuple[Quote, ...]:
    """Nothing when the words are gone, or not for their eyes."""
    if kept_from(to, q, scene):
        return ()
    text = q.text if len(q.text) <= limit else q.text[:limit].rsplit(" ", 1)[0] + " …"
    return (Quote(text),) if text else ()


def _closed_card(effect: do.CloseOffer, q: Question, scene: Scene) -> Card:
    say = scene.say(effect.to)
    if effect.end is OfferEnd.ACCEPTED and q.status is Status.CLAIMED and q.claimed_by == effect.to:
        return _claimed_card(q, scene, say, effect.to)
    buttons: tuple[Button, ...] = ()
    if _through_me(effect.to, q) and q.text and effect.end is OfferEnd.ANSWERED and effect.to in q.answered_by:
        buttons = (Button(Action.ANSWER, q.id, say("Write something more")),)
    return Card(
        (Text(_ending(effect.end, say)), _which(effect.to, q, scene, say, there=effect.end is not OfferEnd.WITHDRAWN)),
        buttons,
        quiet=True,
        question=q.id,
    )


def _which(to: str, q: Question, scene: Scene, say: Say, *, there: bool) -> Link | Text:
    """Which question it was: a link where the reader can open it, else its time and topics; never its words."""
    stands = there and not q.private and not scene.gone
    if stands and q.place.message and scene.opens(q, to):
        return Link(say("Open the question"), q.place)
    when = past_time(q.asked_at, scene.now, scene.time_zone(to), scene.language(to), say)
    if not q.topics:
        return Text(say("It was asked {when}.").format(when=when))
    topics = ", ".join(in_words(topic) for topic in q.topics)
    return Text(say("It was asked {when}, about: {topics}.").format(when=when, topics=topics))


def _claimed_card(q: Question, scene: Scene, say: Say, to: str) -> Card:
    until = q.deadline or scene.now
    when = clock_time(until, scene.now, scene.time_zone(to), say)
    blocks: list[Block] = [Text(say("Thank you. This question is yours."), strong=True)]
    if q.private:
        blocks += _quote(q, to, scene, WHOLE)
        blocks += [Quote(letter.text) for letter in scene.letters if letter.text]
        blocks.append(Text(say("It was asked in private: press “Write an answer” and I will bring it over.")))
    elif not scene.opens(q, to):
        blocks += _quote(q, to, scene, WHOLE)
        brought = say("Press “Write an answer”: I will post it in the thread under your name.")
        if scene.answering is Answering.REPLY:
            brought = say("Press “Write an answer”: I will post it as a reply under your name.")
        blocks.append(Text(brought))
    elif q.place.message:
        blocks.append(_way_to_answer(q, scene, say))
    check = say("I will check with you {when} if it has no answer by then, and never in your quiet hours.")
    blocks.append(Text(check.format(when=when)))
    buttons = [
        Button(Action.EXTEND, q.id, say("I need more time")),
        Button(Action.HAND_OVER, q.id, say("Hand it to somebody")),
        Button(Action.RELEASE, q.id, say("I can't after all")),
    ]
    if _through_me(to, q):
        buttons.insert(0, Button(Action.ANSWER, q.id, say("Write an answer"), Style.PRIMARY))
    return Card(tuple(blocks), tuple(buttons), question=q.id)


def _way_to_answer(q: Question, scene: Scene, say: Say) -> Link:
    replies = scene.answering is Answering.REPLY
    return Link(say("Answer it with a reply") if replies else say("Answer it in the thread"), q.place)


def _ending(end: OfferEnd, say: Say) -> str:
    match end:
        case OfferEnd.ACCEPTED | OfferEnd.ANSWERED:
            return say("This question has been answered. Thank you for being there.")
        case OfferEnd.PASSED:
            return say("Passed on. Thank you for looking.")
        case OfferEnd.POSTPONED:
            return say("All right, not now. I am looking for somebody else.")
        case OfferEnd.EXPIRED:
            return say("I am looking for somebody else now. If you have time later, look on the open board.")
        case OfferEnd.CLAIM_EXPIRED:
            return say("I am looking for somebody else now. Thank you for being willing.")
        case OfferEnd.RELEASED:
            return say("Handed back. Thank you for telling me: I am looking for somebody else.")
        case OfferEnd.TAKEN:
            return say("Somebody else has taken this one. Thank you.")
        case OfferEnd.WITHDRAWN:
            return say("The question is settled or was taken back. Thank you.")
        case OfferEnd.HANDED_OVER:
            return say("Thank you. I am asking them now, and somebody else if it does not suit them.")
        case OfferEnd.CHANNEL_LOST:
            return say("I am no longer in the channel of this question. Thank you for being there.")
        case OfferEnd.CHANGED:
            return say("The question has changed and needs a clinician now. Thank you for being there.")
        case _:
            assert_never(end)


def _warning_card(effect: do.WarnClaimant, q: Question, scene: Scene) -> Card:
    say = scene.say(effect.to)
    when = clock_time(effect.until, scene.now, scene.time_zone(effect.to), say)
    text = say(
        "You took a question that has no answer yet. Do you need more time? If I hear nothing, I will ask somebody "
        "else {when}, and that is fine."
    )
    blocks: list[Block] = [Text(text.format(when=when))]
    if not q.private and scene.opens(q, effect.to):
        blocks.append(_way_to_answer(q, scene, say))
    else:
        blocks.append(_which(effect.to, q, scene, say, there=False))
    buttons = [
        Button(Action.EXTEND, q.id, say("I need more time"), Style.PRIMARY),
        Button(Action.RELEASE, q.id, say("I can't after all")),
    ]
    if _through_me(effect.to, q):
        buttons.insert(0, Button(Action.ANSWER, q.id, say("Write an answer")))
    return Card(tuple(blocks), tuple(buttons), question=q.id)
