"""What authors and reviewers get to see on the way from an answer to a resource."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Direct, Quote, Style, Text
from bot.curation import Draft, DraftState
from bot.events import Member
from bot.showing.phrases import phrase_to_review
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid

DraftWish = do.AskConsent | do.InviteReview | do.TellPublished


def about_draft(effect: DraftWish, scene: Scene) -> Shown:
    draft = scene.draft
    if draft is None:
        return Unsaid("the draft is gone")
    match effect:
        case do.AskConsent():
            if draft.state is not DraftState.AWAITING_CONSENT:
                return _settled(_consent_settled(draft, scene), scene)
            return Saying(Direct(Member.from_key(draft.author)), _consent_card(draft, scene))
        case do.InviteReview() if draft.asks_for:
            return phrase_to_review(draft, effect.to, scene)
        case do.InviteReview():
            if draft.state is not DraftState.IN_REVIEW:
                return _settled(_review_settled(draft, effect.to, scene), scene)
            return Saying(Direct(Member.from_key(effect.to)), _review_card(draft, effect.to, scene))
        case do.TellPublished():
            if draft.state is not DraftState.PUBLISHED:
                return Unsaid("it has been taken back")
            say = scene.say(effect.to)
            text = say("“{title}” is in the library now. It can help the next person who asks. Thank you.")
            return Saying(Direct(Member.from_key(effect.to)), Card((Text(text.format(title=draft.title)),), quiet=True))
        case _:
            assert_never(effect)


def _settled(text: str, scene: Scene) -> Shown:
    """The card that was shown loses its quote and its buttons; where none was, nothing is said."""
    if scene.posted is None:
        return Unsaid("it has been decided already")
    return Change(scene.posted, Card((Text(text),), quiet=True))


def _consent_settled(draft: Draft, scene: Scene) -> str:
    say = scene.say(draft.author)
    if draft.state is DraftState.DECLINED:
        return say("You said no, and nothing is kept.")
    if draft.state is DraftState.LAPSED:
        return say("Some time has passed, so I have let this one go. Nothing of it is kept.")
    if draft.state is DraftState.SENT_BACK:
        return say("A reader has put this one aside. Thank you all the same.")
    return say("You said yes to keeping your answer. Thank you.")


def _review_settled(draft: Draft, to: str, scene: Scene) -> str:
    say = scene.say(to)
    if draft.state is DraftState.PUBLISHED:
        return say("“{title}” is in the library now.").format(title=draft.title)
    if draft.state is DraftState.SENT_BACK:
        return say("This one has been sent back.")
    return say("The author has taken this one back.")


def _consent_card(draft: Draft, scene: Scene) -> Card:
    say = scene.say(draft.author)
    blocks = (
        Text(say("Your answer could help the next family."), strong=True),
        Text(
            say("{name} would like to keep it in the library, like this:").format(name=scene.name(draft.saved_by, say))
        ),
        Quote(f"{draft.title}\n\n{draft.text}"),
        Text(say("Your name is not shown with it. If you say no, nothing is kept. Both are fine.")),
    )
    buttons = (
        Button(Action.CONSENT, draft.id, say("Yes, keep it"), Style.PRIMARY),
        Button(Action.REFUSE, draft.id, say("No, thank you")),
    )
    return Card(blocks, buttons)


def _review_card(draft: Draft, to: str, scene: Scene) -> Card:
    say = scene.say(to)
    blocks: list[Block] = [
        Text(say("A new resource is waiting to be read: “{title}”").format(title=draft.title), strong=True)
    ]
    if draft.medical:
        blocks.append(Text(say("It speaks of treatment, so only a clinician can publish it.")))
    blocks.append(Quote(draft.text))
    buttons = [
        Button(Action.PUBLISH, draft.id, say("Publish"), Style.PRIMARY),
        Button(Action.SEND_BACK, draft.id, say("Send back")),
    ]
    if scene.similar is not None:
        blocks.append(Text(say("The library has something like it: “{title}”").format(title=scene.similar.title)))
        buttons.insert(1, Button(Action.MERGE, draft.id, say("Add to that one")))
    return Card(tuple(blocks), tuple(buttons))
