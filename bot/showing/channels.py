"""The bot comes into a channel: what it says there once, and how a moderator is asked what it should do."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Button, Card, Direct, InThread, Style, Text
from bot.community import Channel
from bot.events import Member
from bot.policy import Answering, Mode
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, say_in

ChannelWish = do.WelcomeChannel | do.AskMode


def about_channel(effect: ChannelWish, scene: Scene) -> Shown:
    channel = scene.channel
    if channel is None or channel.gone:
        return Unsaid("the bot is no longer there")
    match effect:
        case do.WelcomeChannel():
            return Saying(InThread(effect.place), _welcome(effect.keeps, channel, say_in(channel.language)))
        case do.AskMode():
            card = _mode_card(effect, scene, scene.say(effect.to))
            if scene.posted is not None:
                return Change(scene.posted, card)
            return Unsaid("they were not asked") if effect.chosen_by else Saying(_to(effect), card)
        case _:
            assert_never(effect)


def _to(effect: do.AskMode) -> Direct:
    return Direct(Member.from_key(effect.to))


def _welcome(keeps: int, channel: Channel, say: Say) -> Card:
    """What it does, what it keeps, how to opt out."""
    does = _what_it_does(channel.mode, say)
    if channel.answering is Answering.REPLY and channel.mode in (Mode.THREAD, Mode.MENTION):
        here = say("You find it here in the channel, as a reply to your message.")
        does = f"{does} {here}"
    blocks = (
        Text(say("Hello, I am winwin. I help questions here find an answer."), strong=True),
        Text(does),
        Text(
            say(
                "I am a program. I read what is written here to find questions. I keep the words of a question until "
                "{days} days after it is settled, and no crisis message at all."
            ).format(days=keeps)
        ),
        Text(
            say(
                "If you would rather not be heard by me, press the button. Nobody sees that you did, and you can come "
                "back any time. I am not watched round the clock: in an emergency, please call for help."
            )
        ),
    )
    return Card(blocks, (Button(Action.OPT_OUT, "me", say("Leave my messages alone")),), quiet=True)


def _what_it_does(mode: Mode, say: Say) -> str:
    match mode:
        case Mode.THREAD:
            return say(
                "When you ask something, I show what our community's library has. If that is not it, I ask one "
                "volunteer at a time until a person has answered."
            )
        case Mode.HINT:
            return say(
                "When you ask something, I show you alone what our community's library has. If that is not it, I ask "
                "one volunteer at a time until a person has answered."
            )
        case Mode.MENTION:
            return say(
                "When you mention me with a question, I show what our community's library has. If that is not it, I "
                "ask one volunteer at a time until a person has answered."
            )
        case Mode.OFF:
            return say("I am quiet here for now. A moderator can change that.")
        case _:
            assert_never(mode)


def _mode_card(effect: do.AskMode, scene: Scene, say: Say) -> Card:
    channel = scene.channel
    assert channel is not None
    names = {mode: mode_name(mode, say, channel.answering) for mode in (Mode.THREAD, Mode.HINT, Mode.MENTION, Mode.OFF)}
    if effect.chosen_by:
        by = scene.name(effect.chosen_by, say)
        lead = say("In #{channel} I do this now: {mode}. Chosen by {name}.")
        lead = lead.format(channel=channel.name, mode=names[channel.mode], name=by)
        meanings = [Text(say("You can change it here at any time."))]
    else:
        lead = say("I have been invited to #{channel}. What should I do there?").format(channel=channel.name)
        now = say("Until somebody chooses, I do this: {mode}.").format(mode=names[channel.mode])
        meanings = [Text(f"{names[mode]}: {meaning}") for mode, meaning in _meanings(say)] + [Text(now)]
    buttons = tuple(
        Button(
            Action.SET_MODE,
            f"{channel.key}|{mode.value}",
            name,
            Style.PRIMARY if mode is channel.mode else Style.PLAIN,
        )
        for mode, name in names.items()
    )
    return Card((Text(lead, strong=True), *meanings), buttons, quiet=bool(effect.chosen_by))


def mode_name(mode: Mode, say: Say, answering: Answering = Answering.THREAD) -> str:
    replies = answering is Answering.REPLY
    names = {
        Mode.THREAD: say("Answer with a reply") if replies else say("Answer in the thread"),
        Mode.HINT: say("Whisper"),
        Mode.MENTION: say("Only when called"),
        Mode.OFF: say("Stay silent"),
    }
    return names[mode]


def _meanings(say: Say) -> tuple[tuple[Mode, str], ...]:
    return (
        (Mode.THREAD, say("everybody in the channel sees what I suggest.")),
        (Mode.HINT, say("only the one who asked sees what I suggest.")),
        (Mode.MENTION, say("I listen only to messages that mention me.")),
        (Mode.OFF, say("I say nothing. I still look out for emergencies.")),
    )
