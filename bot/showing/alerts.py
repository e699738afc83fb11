"""What is said in a crisis: the private reply with people to call, and the page to those who watch over safety.

The page holds a link and no words; a drill says that it is one. The reply asks what stands in the way rather than only
listing numbers, and reads kindly when the alert was wrong. It says that the bot is not watched round the clock; it
never diagnoses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot.cards import Action, Block, Button, Card, Direct, Link, OnlyFor, Style, Text
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.events import Member
from bot.safety.alerts import Alert, AlertState, Ending
from bot.safety.findings import Code
from bot.safety.helplines import Helpline
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say

AlertWish = AnswerCrisis | PageSafety | ClosePage | FoldPage | SaySorry | ReadAgain


def about_alert(effect: AlertWish, scene: Scene) -> Shown:
    alert = scene.alert
    if alert is None:
        return Unsaid("the alert is gone")
    match effect:
        case AnswerCrisis():
            author = Member.from_key(alert.author)
            paged = bool(alert.paged)
            say = scene.say(alert.author)
            card = crisis_card(alert.found, alert.speaker, scene.helplines, say, paged=paged)
            alone = None if alert.leads_only else OnlyFor(alert.place, author)  # of abuse nothing is left lying
            return Saying(Direct(author), card, alone)
        case PageSafety():
            if alert.state is not AlertState.OPEN:
                return Unsaid("somebody has it already")
            return Saying(Direct(Member.from_key(effect.to)), _page_card(alert, scene, effect.to))
        case ClosePage():
            if scene.posted is None:
                return Unsaid("no page was shown")
            return Change(scene.posted, _page_card(alert, scene, effect.to))
        case FoldPage():
            if scene.posted is None:
                return Unsaid("there was no page before it")
            say = scene.say(effect.to)
            text = Text(say("I have written to you about this again, further down."))
            return Change(scene.posted, Card((text,), quiet=True))
        case SaySorry():
            return Saying(Direct(Member.from_key(effect.to)), _sorry_card(scene.say(effect.to), again=effect.again))
        case ReadAgain():
            return Unsaid("this is read, not said")  # see bot.delivery
        case _:
            assert_never(effect)


def crisis_card(codes: Sequence[str], speaker: str, helplines: tuple[Helpline, ...], say: Say, *, paged: bool) -> Card:
    """`codes` and `speaker` are of what was found, the most severe first; `paged`: whether people of the community
    know."""
    lead, ask = _reply(codes[0], speaker, say)
    blocks: list[Block] = [Text(lead, strong=True), Text(ask)]
    if Code.C3 in codes[1:]:
        blocks.append(Text(say("If anybody is hurt or very unwell now, please call your emergency number first.")))
    if Code.C4 in codes[1:]:
        blocks.append(Text(say("Every child should be safe. Some of these people know what to do about that, too.")))
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


def _sorry_card(say: Say, *, again: bool) -> Card:
    """For somebody who was asked whether they were safe, and who was fine."""
    sorry = Text(say("I had misread what you wrote. I am sorry if that gave you a fright."), strong=True)
    if again:
        return Card((sorry, Text(say("I have read it again now, like any other message. You need not do anything."))))
    text = say("I kept no words of it. If you would like an answer, please write it once more: I will listen.")
    return Card((sorry, Text(text)))


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
    if alert.drill:
        return _drill_card(alert, scene, say)
    taker = scene.name(alert.taken_by, say) if alert.taken_by else ""
    match alert.state:
        case AlertState.OPEN:
            lead = say("Safety alert {code}. Please look now.").format(code=" + ".join(alert.found))
            return Card((Text(lead, strong=True), *_about(alert, scene, say)), _page_buttons(alert, say))
        case AlertState.TAKEN:
            lead = say("{name} is on it.").format(name=taker)
            return Card(
                (Text(lead, strong=True), *_about(alert, scene, say)), _page_buttons(alert, say)[1:], quiet=True
            )
        case AlertState.NOT_A_CRISIS:
            return Card((Text(say("Not a crisis. Closed by {name}.").format(name=taker)),), quiet=True)
        case AlertState.RESOLVED:
            return _resolved_card(alert, scene, to, say)
        case _:
            assert_never(alert.state)


def _about(alert: Alert, scene: Scene, say: Say) -> tuple[Block, ...]:
    meanings = tuple(Text(meaning_of(code, say)) for code in alert.found)
    alone = (Text(say("Only safety leads see this. Please keep it among you.")),) if alert.leads_only else ()
    return (*meanings, *alone, *_where(alert, scene, say))


def _resolved_card(alert: Alert, scene: Scene, to: str, say: Say) -> Card:
    """Whoever closed it may say how it went, with one tap; the others read it."""
    by = alert.ended_by or alert.taken_by
    blocks = [Text(say("Resolved by {name}.").format(name=scene.name(by, say)))]
    if alert.note:
        blocks.append(Text(endings(say)[Ending(alert.note)]))
    if to != by or alert.note:
        return Card(tuple(blocks), quiet=True)
    blocks.append(Text(say("How did it go? The others who were called will see it. Nothing else is kept.")))
    buttons = tuple(Button(Action.ALERT_NOTE, f"{alert.id}|{e}", label) for e, label in endings(say).items())
    return Card(tuple(blocks), buttons, quiet=True)


def endings(say: Say) -> dict[Ending, str]:
    return {
        Ending.SPOKE: say("Spoke with them"),
        Ending.EMERGENCY: say("Emergency services were called"),
        Ending.PROFESSIONAL: say("A professional has it now"),
        Ending.NOT_REACHED: say("Could not reach them"),
        Ending.OTHER: say("Something else"),
    }


def _drill_card(alert: Alert, scene: Scene, say: Say) -> Card:
    if alert.state is AlertState.OPEN:
        lead = Text(say("This is a drill. Nobody is in danger."), strong=True)
        ask = Text(say("Please press “I'm on it” as you would at night. It shows us how soon somebody is there."))
        return Card((lead, ask), _page_buttons(alert, say)[:1])
    if not alert.taken_by or alert.taken_at is None:
        text = say("The drill is over. Nobody pressed “I'm on it” within an hour: please talk about who watches when.")
        return Card((Text(text),), quiet=True)
    minutes, seconds = divmod(round((alert.taken_at - alert.raised_at).total_seconds()), 60)
    text = say("The drill is over: {name} was there after {time} minutes. Thank you.")
    name = scene.name(alert.taken_by, say)
    return Card((Text(text.format(name=name, time=f"{minutes}:{seconds:02d}")),), quiet=True)


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
