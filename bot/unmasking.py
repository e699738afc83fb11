"""Seeing who asked a question without a name: two people agree, both see it once, and the asker is told.

Who moderates or leads safety asks for it and says why, from a list. Everybody else who may is asked, and another person
(linked accounts are one) agrees within a day, or it expires. The name is put in when the two cards are delivered: it
stands in no wish and in no log. A day later it is taken off the cards again, and whoever asked the question is told
that two people have seen their name, and why: later, because somebody may be in danger from the very one who asked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards import Action
from bot.community import Audit, MemberRecord, Reason, Role, Sight, Unmasking
from bot.effects import Notify
from bot.events import ButtonPressed, FormSubmitted
from bot.news import Notice
from bot.permissions import TABLE, allowed
from bot.ports import Transaction
from bot.question import Question, Refused
from bot.rights_effects import AskSecond, ShowAsker, TellSeen
from bot.showing.scene import Scene
from bot.steps import Steps, new_id
from bot.typed import InvalidForm, say_to

A_DAY = timedelta(days=1)


async def ask_second(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    """The form UNMASK: a second person is asked. Raises Refused and InvalidForm."""
    question, say = await steps.tx.questions.get(event.subject), say_to(who)
    asker = await _asker(question, steps.tx) if question else None
    if who is None or question is None or asker is None:
        raise Refused(Notice.GONE)
    if not question.nameless:
        raise InvalidForm(say("Who asked this stands there already: it was asked with a name."))
    if asker.person == who.person:
        raise Refused(Notice.NOT_YOURS)
    if any(_waits(one, steps.now) for one in await steps.tx.unmaskings.of(question.id)):
        raise Refused(Notice.SECOND_AWAITED)
    reason = event.values.get("reason", "")
    if reason not in set(Reason):
        raise InvalidForm(say("Please choose why you need to see it."))
    until = steps.now + A_DAY
    asked = Unmasking(new_id("u", event.key), question.id, Reason(reason), who.key, steps.now, due_at=until)
    await steps.tx.unmaskings.save(asked)
    await _note(asked, who.key, "unmask_request", steps)
    await _cards(asked, question, steps)
    await steps.say((Notify(who.key, Notice.SECOND_ASKED),), event.key)


async def second_pressed(event: ButtonPressed, who: MemberRecord | None, steps: Steps) -> None:
    """The second person agrees, or does not. Raises Refused."""
    asked = await steps.tx.unmaskings.get(event.subject)
    question = await steps.tx.questions.get(asked.question) if asked else None
    if asked is None or question is None or who is None:
        raise Refused(Notice.GONE)
    if not _waits(asked, steps.now):
        raise Refused(Notice.ALREADY_DONE)
    first = (await steps.tx.members.get([asked.by])).get(asked.by)
    if who.key == asked.by or (first is not None and first.person == who.person):
        raise Refused(Notice.SECOND_NEEDED)
    asker = await _asker(question, steps.tx)
    if asker is not None and asker.person == who.person:
        raise Refused(Notice.NOT_YOURS)
    if event.action == Action.KEEP_HIDDEN:
        await _settle(asked, question, who.key, Sight.REFUSED, "unmask_refuse", steps)
        return
    if not allowed(Action.SEE_ASKER, first) or asker is None:
        raise Refused(Notice.GONE)  # the first may not see it any more, or who asked has been forgotten
    agreed = await _settle(asked, question, who.key, Sight.SHOWN, "unmask_confirm", steps)
    shown = (ShowAsker(agreed.id, agreed.by), ShowAsker(agreed.id, agreed.second))
    await steps.say(shown, f"{agreed.id}:shown", question.place)


async def seconds_due(tx: Transaction, now: datetime) -> bool:
    """Whether one expires, or its asker is to be told."""
    return bool(await tx.unmaskings.due(now))


async def let_pass(steps: Steps) -> None:
    """What nobody agreed to expires; what was shown is taken off the cards again, and its asker is told."""
    for asked in await steps.tx.unmaskings.due(steps.now):
        question = await steps.tx.questions.get(asked.question)
        if question is None:
            await steps.tx.unmaskings.save(replace(asked, due_at=None))
        elif asked.state is Sight.SHOWN:
            await steps.tx.unmaskings.save(replace(asked, state=Sight.TOLD, due_at=None))
            await _note(asked, "winwin", "unmask_told", steps)
            last = (TellSeen(asked.id), ShowAsker(asked.id, asked.by), ShowAsker(asked.id, asked.second))
            await steps.say(last, f"{asked.id}:told", question.place)
        else:
            await _settle(asked, question, "", Sight.EXPIRED, "unmask_expire", steps)


async def around_unmasking(unmasking_id: str, scene: Scene, tx: Transaction) -> Scene:
    """What a card about it needs."""
    asked = await tx.unmaskings.get(unmasking_id)
    question = await tx.questions.get(asked.question) if asked else None
    return replace(scene, unmasking=asked, question=question)


async def asker_shown(effect: ShowAsker, steps: Steps) -> None:
    """The card with the name has reached somebody. (Told again, it takes the name off.)"""
    asked = await steps.tx.unmaskings.get(effect.unmasking)
    if asked is not None and asked.state is Sight.SHOWN:
        await _note(asked, effect.to, "unmask_shown", steps)


def _waits(asked: Unmasking, now: datetime) -> bool:
    return asked.state is Sight.WAITING and asked.due_at is not None and now < asked.due_at


async def _asker(question: Question, tx: Transaction) -> MemberRecord | None:
    """None when they were forgotten: nobody sees them any more."""
    found = (await tx.members.get([question.asker])).get(question.asker)
    return found if found is not None and found.name else None


async def _settle(asked: Unmasking, question: Question, by: str, state: Sight, action: str, steps: Steps) -> Unmasking:
    """The cards that asked for a second person show how it ended."""
    told_at = steps.now + A_DAY if state is Sight.SHOWN else None
    settled = replace(asked, state=state, second=by, settled_at=steps.now, due_at=told_at)
    await steps.tx.unmaskings.save(settled)
    await _note(settled, by or "winwin", action, steps)
    await _cards(settled, question, steps)
    return settled


async def _cards(asked: Unmasking, question: Question, steps: Steps) -> None:
    """For everybody who may be the second. Whoever asked the question is left out, and nobody is told that."""
    known = await steps.tx.members.get([asked.by, question.asker])
    out = {question.asker_person, *(m.person for m in known.values())}
    roles = (*sorted(TABLE[Action.SEE_ASKER].roles or ()), Role.OWNER)
    people = [m for role in roles for m in await steps.tx.members.with_role(role)]
    to = dict.fromkeys(m.key for m in people if not m.deactivated and m.person not in out)
    wishes = [AskSecond(asked.id, member) for member in to]
    if asked.state is not Sight.WAITING:
        wishes.append(AskSecond(asked.id, asked.by))  # whoever asked for it hears how it ended
    await steps.say(tuple(wishes), f"{asked.id}:cards:{asked.state}", question.place)


async def _note(asked: Unmasking, by: str, action: str, steps: Steps) -> None:
    await steps.tx.audit.append([Audit(steps.now, by, action, asked.id, asked.reason.value)])
