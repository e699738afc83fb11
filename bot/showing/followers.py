"""What somebody who follows a topic is told: what is new in the library about it, once, in one message."""

from __future__ import annotations

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Direct, ResourceShown, Text
from bot.events import Member
from bot.showing.asker import summary_of
from bot.showing.scene import Saying, Scene, Shown, Unsaid
from bot.wording import Say, in_words
from knowledge.resources import Resource

LISTED = 5  # resources named in one message


def news_of_topics(effect: do.TellFollower, scene: Scene) -> Shown:
    """Nothing for somebody who has opted out, was forgotten or follows none of it any more."""
    record = scene.members.get(effect.to)
    if record is None or record.opted_out:
        return Unsaid("they are left in peace")
    found = [scene.resources[r] for r in effect.resources if r in scene.resources]
    found = [r for r in found if scene.follows & set(r.topics)]
    if not found:
        return Unsaid("they do not follow this any more, or it is no longer there")
    return Saying(Direct(Member.from_key(effect.to)), _card(found, scene, scene.say(effect.to)))


def _card(found: list[Resource], scene: Scene, say: Say) -> Card:
    blocks: list[Block] = [Text(say("New in our library, on what you follow:"))]
    blocks += [ResourceShown("", r.id, r.title, _begins(r), _facts(r, say), r.url) for r in found[:LISTED]]
    if len(found) > LISTED:
        blocks.append(
            Text(say("And {count} more, which you can find in the library.").format(count=len(found) - LISTED))
        )
    topics = sorted({topic for r in found for topic in r.topics} & scene.follows)
    label = say("Stop: {topic}")
    buttons = tuple(Button(Action.UNFOLLOW, topic, label.format(topic=in_words(topic))) for topic in topics[:LISTED])
    return Card(tuple(blocks), buttons, quiet=True)


def _begins(resource: Resource) -> str:
    """Nobody should take a dose from a card."""
    return summary_of(resource, numbers=not resource.medical)


def _facts(resource: Resource, say: Say) -> str:
    return say("Reviewed by {name}").format(name=resource.reviewed_by) if resource.reviewed_by else ""
