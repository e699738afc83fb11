"""Channels: the bot is invited, removed, told a new name; a moderator says what it does there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from bot.community import Audit, Channel, QuestionFilter
from bot.effects import AskMode, Notify, WelcomeChannel
from bot.events import (
    BotInvited,
    BotRemoved,
    BotSilenced,
    ButtonPressed,
    ChannelArchived,
    ChannelFact,
    ChannelLost,
    ChannelRenamed,
    FormSubmitted,
    PermissionsMissing,
)
from bot.news import Notice
from bot.policy import LOCAL, Answering, Mode, local_bounds
from bot.question import Refused, Status
from bot.steps import Steps
from bot.typed import InvalidForm
from bot.wording import Say

_UNSETTLED = frozenset({Status.OPEN, Status.OFFERED, Status.CLAIMED, Status.ESCALATED})


async def channel_fact(event: ChannelFact, steps: Steps, default_mode: Mode) -> None:
    match event:
        case BotInvited():
            await _invited(event, steps, default_mode)
        case BotRemoved() | ChannelArchived():
            await _left(event.channel_key, steps, default_mode)
        case ChannelRenamed():
            known = await _known(event.channel_key, steps, default_mode)
            await steps.tx.channels.save(replace(known, name=event.name or known.name, public=_public(event, known)))
        case PermissionsMissing():
            await _lacks(event, steps, default_mode)
        case BotSilenced():
            told = await _askable(f"{event.space}:", steps)
            await steps.say(tuple(Notify(m, Notice.SILENCED) for m in told), event.key)
        case _:
            assert_never(event)


async def _lacks(event: PermissionsMissing, steps: Steps, default_mode: Mode) -> None:
    """Moderators are told once, and again only of something that was there in between."""
    known = await _known(event.channel_key, steps, default_mode)
    if known.gone or event.lacks == known.lacks:
        return
    await steps.tx.channels.save(replace(known, lacks=event.lacks))
    if set(event.lacks) - set(known.lacks):
        what = f"#{known.name}: {', '.join(event.lacks)}"
        told = await _askable(event.channel_key, steps)
        await steps.say(tuple(Notify(m, Notice.PERMISSIONS, what) for m in told), event.key)


async def _known(key: str, steps: Steps, default_mode: Mode) -> Channel:
    """What is stored about it; one seen for the first time does what the community's default says."""
    return await steps.tx.channels.get(key) or Channel(key, key.rsplit(":", 1)[-1], default_mode)


def _public(event: BotInvited | ChannelRenamed, known: Channel) -> bool:
    return known.public if event.public is None else event.public


async def _invited(event: BotInvited, steps: Steps, default_mode: Mode) -> None:
    """Welcomed once; again only when the bot was away in between."""
    key = event.place.channel_key
    known = await _known(key, steps, default_mode)
    told = replace(known, name=event.name or known.name, welcomed=True, gone=False, public=_public(event, known))
    await steps.tx.channels.save(told)
    if known.welcomed and not known.gone:
        return
    channel = replace(event.place, message="", thread="")
    await steps.say((WelcomeChannel(channel, steps.policy.keep_text.days),), event.key, channel)
    await steps.say(tuple(AskMode(key, m) for m in await _askable(key, steps)), f"{event.key}:mode")


async def _left(key: str, steps: Steps, default_mode: Mode) -> None:
    """Nothing is sent there any more; everything that is known stays. Questions that wait there go on in private."""
    known = await _known(key, steps, default_mode)
    await steps.tx.channels.save(replace(known, welcomed=False, gone=True))
    for question in await steps.tx.questions.find(QuestionFilter(statuses=_UNSETTLED, channel=key)):
        await steps.befall(question, ChannelLost(), "winwin")


async def _askable(key: str, steps: Steps) -> tuple[str, ...]:
    """The moderators of the channel's own space; all of them where it has none."""
    space = key.rsplit(":", 1)[0] + ":"
    moderators = await steps.moderators()
    return tuple(m for m in moderators if m.startswith(space)) or moderators


async def set_mode(key: str, mode: Mode, by: str, stem: str, steps: Steps, answering: Answering | None = None) -> None:
    """The cards that asked for it show what was chosen, and by whom. `answering`: where answers stand from now on."""
    known = await _known(key, steps, mode)
    await steps.tx.channels.save(replace(known, mode=mode, answering=answering or known.answering))
    await steps.tx.audit.append([Audit(steps.now, by, "channel_mode", key, mode.value)])
    if answering not in (None, known.answering):
        await steps.tx.audit.append([Audit(steps.now, by, "channel_answering", key, str(answering))])
    await steps.say(tuple(AskMode(key, m, by) for m in await _askable(key, steps)), f"{stem}:mode")
    await steps.say((Notify(by, Notice.SETTINGS_SAVED),), stem)


async def set_waiting(event: FormSubmitted, say: Say, steps: Steps, default_mode: Mode) -> None:
    """Questions of the channel that are asked from now on, and the next step of the others, go by these numbers."""
    channel = await _known(event.subject, steps, default_mode)
    numbers = own_numbers(event.values, say)
    await steps.tx.channels.save(replace(channel, numbers=numbers))
    detail = " ".join(f"{name}={number}" for name, number in numbers)
    await steps.tx.audit.append([Audit(steps.now, event.by.key, "channel_waiting", channel.key, detail)])
    await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)


def own_numbers(typed: Mapping[str, str], say: Say) -> tuple[tuple[str, int], ...]:
    """What a moderator typed for a channel; a field that is empty goes by the community's number. Raises
    InvalidForm."""
    numbers = {}
    for name in LOCAL:
        value = typed.get(name, "").strip()
        if not value:
            continue
        low, high = local_bounds(name)
        if not value.isdecimal() or not low <= int(value) <= high:
            problem = say("“{typed}” can't be used here. Please choose a whole number between {low} and {high}.")
            raise InvalidForm(problem.format(typed=value[:20], low=low, high=high))
        numbers[name] = int(value)
    return tuple(sorted(numbers.items()))


async def mode_pressed(event: ButtonPressed, steps: Steps) -> None:
    key, _, wanted = event.subject.rpartition("|")
    if wanted not in set(Mode) or await steps.tx.channels.get(key) is None:
        raise Refused(Notice.GONE)
    await set_mode(key, Mode(wanted), event.by.key, event.key, steps)
