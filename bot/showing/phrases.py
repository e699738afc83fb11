"""What those who review get to see of a question that could be one more way to ask for a resource: no name, and no
word of it when it has been decided."""

from __future__ import annotations

from bot.cards import Action, Block, Button, Card, Direct, Quote, Style, Text
from bot.curation import Draft, DraftState
from bot.events import Member
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say
from knowledge.resources import ReviewState


def phrase_to_review(draft: Draft, to: str, scene: Scene) -> Shown:
    say = scene.say(to)
    into = scene.resources.get(draft.asks_for)
    title = into.title if into is not None and into.state is ReviewState.PUBLISHED else ""
    if draft.state is DraftState.IN_REVIEW and title:
        return Saying(Direct(Member.from_key(to)), _card(draft, title, say))
    if scene.posted is None:
        return Unsaid("it has been decided already")
    return Change(scene.posted, Card((Text(_settled(draft, title, say)),), quiet=True))


def _settled(draft: Draft, title: str, say: Say) -> str:
    if draft.state is DraftState.PUBLISHED and title:
        return say("I find “{title}” by one more question now. Thank you.").format(title=title)
    if draft.state is DraftState.SENT_BACK:
        return say("This question was left out. Nothing of it is kept.")
    return say("This question needs no reader any more. Nothing is left to do.")


def _card(draft: Draft, title: str, say: Say) -> Card:
    lead = say("“{title}” has helped somebody who asked like this:").format(title=title)
    blocks: list[Block] = [Text(lead, strong=True), *(Quote(line) for line in draft.asked_as)]
    blocks.append(Text(say("Shall I find it by this question too? Please look whether it could say who asked.")))
    if draft.medical:
        blocks.append(Text(say("It is about medicines, so only a clinician can add it.")))
    buttons = (
        Button(Action.PUBLISH, draft.id, say("Yes, add it"), Style.PRIMARY),
        Button(Action.REWORD, draft.id, say("In other words")),
        Button(Action.SEND_BACK, draft.id, say("Leave it out")),
    )
    return Card(tuple(blocks), buttons, quiet=True)
