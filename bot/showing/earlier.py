"""The link to a thread in which the same was asked before: where and when, and never anybody's words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot import effects as do
from bot.cards import Action, Button, Card, Link, Style, Text
from bot.question import Question, Status
from bot.showing.addresses import suggestions_for
from bot.showing.scene import Change, Earlier, Scene, Shown, Unsaid
from bot.wording import Say, day_of, say_in

SETTLED = (Status.ANSWERED, Status.CLOSED)


def link_to_earlier(effect: do.ShowEarlier | do.CloseEarlier, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    say = say_in(q.language)
    settled = isinstance(effect, do.CloseEarlier) or q.status in SETTLED
    if scene.posted is not None:
        return Unsaid("the channel is gone") if scene.gone else Change(scene.posted, _card(q, scene, say, settled))
    if settled or q.unposted:
        return Unsaid("the question has moved on")
    if scene.earlier is None:
        return Unsaid("nothing may be linked to any more")
    return suggestions_for(q, scene, _card(q, scene, say, settled))


def _card(q: Question, scene: Scene, say: Say, settled: bool) -> Card:
    if scene.earlier is None:
        return Card((Text(say("I have taken this link back.")),), quiet=True, question=q.id)
    day = day_of(scene.earlier.asked_at.astimezone(ZoneInfo(scene.time_zone(q.asker))).date(), q.language)
    link = Link(say("Read what they wrote: {date}").format(date=day), scene.earlier.place)
    lead = Text(_lead(scene.earlier, say))
    if settled:
        return Card((lead, link), quiet=True, question=q.id)
    rest = Text(say("I look for a person all the same. If this is all you need, tell me with a button."))
    buttons = (
        Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY),
        Button(Action.NOT_HELPED, q.id, say("Not what I need")),
        Button(Action.ASK_PERSON, q.id, say("Ask a person")),
    )
    return Card((lead, link, rest), buttons, question=q.id)


def _lead(earlier: Earlier, say: Say) -> str:
    if not earlier.channel:
        return say("This was asked here before, and people answered. It may help you too.")
    text = say("This was asked before, in {channel}, and people answered. It may help you too.")
    return text.format(channel=earlier.channel)
