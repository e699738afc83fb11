"""What a volunteer's answers led to, as a card."""

from __future__ import annotations

from bot import effects as do
from bot.cards import Block, Card, Direct, Text
from bot.events import Member
from bot.showing.scene import Saying, Scene, Shown, Unsaid
from bot.wording import Say


def thanks(effect: do.ThankVolunteer, scene: Scene) -> Shown:
    """Nothing for somebody who has opted out, was forgotten, has left, or does not want to hear it any more."""
    record = scene.members.get(effect.to)
    if record is None or record.opted_out or record.deactivated or not scene.wanted:
        return Unsaid("they are left in peace")
    return Saying(Direct(Member.from_key(effect.to)), _card(effect, scene.say(effect.to)))


def _card(effect: do.ThankVolunteer, say: Say) -> Card:
    lines = [_answered(effect, say), _helped(effect, say), _families(effect, say)]
    blocks: list[Block] = [Text(say("What your answers led to in the last 30 days"), strong=True)]
    blocks.append(Text("\n".join(line for line in lines if line)))
    blocks.append(Text(say("Thank you for being there. It makes a difference.")))
    blocks.append(Text(say("I tell you once a month at most. If you would rather not hear it: /volunteer")))
    return Card(tuple(blocks), quiet=True)


def _answered(effect: do.ThankVolunteer, say: Say) -> str:
    if not effect.answered:
        return ""
    if effect.answered == 1:
        return say("You answered one question.")
    return say("You answered {count} questions.").format(count=effect.answered)


def _helped(effect: do.ThankVolunteer, say: Say) -> str:
    """Silence is unknown: of those who did not say, nothing is said."""
    if not effect.helped:
        return ""
    if effect.answered == 1:
        return say("The one who asked said that it helped.")
    if effect.helped == 1:
        return say("One of those who asked said that it helped.")
    return say("{count} of those who asked said that it helped.").format(count=effect.helped)


def _families(effect: do.ThankVolunteer, say: Say) -> str:
    if not effect.families:
        return ""
    if effect.families == 1:
        return say("One family used an answer of yours that is in the library now.")
    return say("{count} families used answers of yours that are in the library now.").format(count=effect.families)
