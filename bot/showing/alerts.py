"""What is said in a crisis: the private reply with people to call, and the page to those who watch over safety.

The page holds a link and no words. The reply asks what stands in the way rather than only listing numbers, and
reads kindly when the alert was wrong. It says that the bot is not watched round the clock; it never diagnoses.
"""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Direct, Link, OnlyFor, Style, Text
from bot.events import Member
from bot.safety.alerts import Alert, AlertState
from bot.safety.findings import Code
from bot.safety.helplines import Helpline
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say

AlertWish = do.AnswerCrisis | do.PageSafety | do.ClosePage | do.FoldPage


def about_alert(effect: AlertWish, scene: Scene) -> Shown:
    alert = scene.alert
    if alert is None:
        return Unsaid("the alert is gone")
    match effect:
        case do.AnswerCrisis():
            author = Member.from_key(alert.author)
            paged = bool(alert.paged)
            say = scene.say(alert.author)
            card = crisis_card(alert.code, alert.speaker, scene.helplines, say, paged=paged)
            alone = OnlyFor(alert.place, author) if alert.code != Code.C4 else None  # of abuse nothing is left lying
            return Saying(Direct(author), card, alone)
        case do.PageSafety():
            if alert.state is not AlertState.OPEN:
                return Unsaid("somebody has it already")
            return Saying(Direct(Member.from_key(effect.to)), _page_card(alert, scene, effect.to))
        case do.ClosePage():
            if scene.posted is None:
                return Unsaid("no page was shown")
            return Change(scene.posted, _page_card(alert, scene, effect.to))
        case do.FoldPage():
            if scene.posted is None:
                return Unsaid("there was no page before it")
            say = scene.say(effect.to)
            text = Text(say("I have written to you about this again, further down."))
            return Change(scene.posted, Card((text,), quiet=True))
        case _:
            assert_never(effect)


def crisis_card(code: str, speaker: str, helplines: tuple[Helpline, ...], say: Say, *, paged: bool) -> Card:
    """`code` and `speaker` are a finding's; `paged`: whether people of the community know."""
    lead, ask = _reply(code, speaker, say)
    blocks: list[Block] = [Text(lead, strong=True), Text(ask)]
    blocks += [Text(f"{line.name}: {line.contact} ({line.hours})") for line in helplines]
    if paged:
        blocks.append(Text(say("I have let people know who look after safety in this community.")))
    blocks.append(
        Text(
            say(
                "I am a program and nobody watches me round the clock, so please do not wait for an answer here. If I "
                "have misread you, I am sorry."
            )
        )
    )
    return Card(tuple(blocks))


def _reply(code: str, speaker: str, say: Say) -> tuple[str, str]:
    """By code and by whom the message is about."""
    if code == "C3":
        return (
            say("This sounds like something a doctor should see now."),
            say(
                "Please call your emergency number, or go to the nearest emergency department now. What stands in "
                "the way?"
            ),
        )
    if code == "C4":
        return (
            say("Thank you for telling me. Every child should be safe."),
            say("You can talk to people who know what to do. What stands in the way of calling them?"),
        )
    if code == "C5":
        return (
            say("It sounds as if somebody could get hurt, and as if things are very hard just now."),
            say("If it may happen now, please call your emergency number. Is there somebody with you who can help?"),
        )
    if speaker == "other":
        return (
            say("That must be frightening to hear. If you can, stay with them now, and do not carry this alone."),
            say("You can call one of these together or by yourself. What stands in the way of calling?"),
        )
    return (
        say("I am glad you said it. You matter, and you do not have to carry this alone."),
        say("Please talk to a person now. These people are there for just this. What stands in the way of calling?"),
    )


def _page_card(alert: Alert, scene: Scene, to: str) -> Card:
    say = scene.say(to)
    taker = scene.name(alert.taken_by, say) if alert.taken_by else ""
    match alert.state:
        case AlertState.OPEN:
            lead = say("Safety alert {code}. Please look now.").format(code=alert.code)
            blocks = (Text(lead, strong=True), Text(meaning_of(alert.code, say)), *_where(alert, scene, say))
            return Card(blocks, _page_buttons(alert, say))
        case AlertState.TAKEN:
            lead = say("{name} is on it.").format(name=taker)
            blocks = (Text(lead, strong=True), Text(meaning_of(alert.code, say)), *_where(alert, scene, say))
            return Card(blocks, _page_buttons(alert, say)[1:], quiet=True)
        case AlertState.NOT_A_CRISIS:
            return Card((Text(say("Not a crisis. Closed by {name}.").format(name=taker)),), quiet=True)
        case AlertState.RESOLVED:
            return Card((Text(say("Resolved by {name}.").format(name=taker)),), quiet=True)
        case _:
            assert_never(alert.state)


def meaning_of(code: str, say: Say) -> str:
    """What a code stands for, for those who watch over safety: nobody should have to look it up at night."""
    meanings = {
        "C1": say("It may be about somebody who is about to harm themselves."),
        "C2": say("It may be about thoughts of suicide or of self-injury."),
        "C3": say("It may be a medical emergency."),
        "C4": say("It may be about a child who is not safe."),
        "C5": say("It may be about harm to other people."),
    }
    return meanings.get(code, say("Somebody may be in danger."))


def _where(alert: Alert, scene: Scene, say: Say) -> tuple[Block, ...]:
    """A link and no words; a private message can't be opened by others, so its author is named."""
    if not alert.private:
        return (Link(say("Open the message"), alert.place),)
    text = say("{name} wrote it to me in private. I keep no words of it: please write to them yourself.")
    return (Text(text.format(name=scene.name(alert.author, say))),)


def _page_buttons(alert: Alert, say: Say) -> tuple[Button, ...]:
    return (
        Button(Action.ALERT_MINE, alert.id, say("I'm on it"), Style.PRIMARY),
        Button(Action.ALERT_FALSE, alert.id, say("Not a crisis")),
        Button(Action.ALERT_RESOLVED, alert.id, say("Resolved")),
    )
