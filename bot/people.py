"""Members as a platform reports them: names, zones, guests, bots, accounts that were switched off, what they are by
roles of their platform; and what becomes of the questions somebody holds who can no longer answer them."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.community import Audit, Badge, MemberRecord, QuestionFilter, Role
from bot.effects import PostQuestion
from bot.events import ClaimReleased, MemberChanged, OfferPassed
from bot.routing import Kind
from bot.steps import Steps


async def member_changed(event: MemberChanged, steps: Steps) -> None:
    key = event.member.key
    await steps.tx.members.seen([(event.member, event.name)], steps.now)
    record = (await steps.tx.members.get([key]))[key]
    changed = replace(
        record,
        time_zone=event.time_zone if _is_zone(event.time_zone) else record.time_zone,
        language=event.language.replace("_", "-").split("-")[0].lower() or record.language,
        deactivated=event.deactivated,
        guest=event.guest,
        bot=event.bot,
        staff=record.staff or event.bot,
    )
    if changed != record:
        await steps.tx.members.save(changed)
    if changed.deactivated or changed.bot:
        await wear(changed, frozenset(), steps)
    if not changed.may_help:
        await hand_back(key, "winwin", steps)


async def wear(record: MemberRecord, badges: frozenset[Badge], steps: Steps) -> None:
    """From now on they are this by roles of their platform. Who becomes a clinician by it volunteers as one; who is
    none any more hands back what only a clinician may answer."""
    badges = frozenset() if record.bot or record.deactivated else badges
    if badges == record.badges:
        return
    now = replace(record, badges=badges)
    await steps.tx.members.save(now)
    if now.held != record.held:
        detail = "+".join(sorted(badge.role for badge in badges))
        await steps.tx.audit.append([Audit(steps.now, "winwin", "by_role", record.key, detail)])
    await held_now(record, now, steps)


async def held_now(record: MemberRecord, now: MemberRecord, steps: Steps) -> None:
    """What follows for a volunteer from what they hold `now`, where they held what `record` says."""
    if now.held != record.held:
        steps.known.roster.touch([record.key], steps.now)
    if (Role.CLINICIAN in now.held) == (Role.CLINICIAN in record.held):
        return
    kind = Kind.CLINICIAN if Role.CLINICIAN in now.held else Kind.PARENT
    settings = await steps.tx.volunteers.get(record.key)
    if settings is not None and settings.kind is not kind:
        await steps.tx.volunteers.save(replace(settings, kind=kind))
    if kind is not Kind.CLINICIAN:
        await hand_back(record.key, "winwin", steps, medical=True)


async def hand_back(member: str, by: str, steps: Steps, *, medical: bool = False) -> None:
    """What they were asked or had taken goes to the next person, without blame. `medical`: only what is about
    medicines."""
    for question in await steps.tx.questions.find(QuestionFilter(holder=member)):
        if medical and not question.medical:
            continue
        given_back = OfferPassed(member) if question.offered_to == member else ClaimReleased(member)
        await steps.befall(question, given_back, by)


async def take_letters_back(member: str, steps: Steps) -> None:
    """What the bot wrote in a thread or brought to somebody for them loses its words there too."""
    for question in await steps.tx.questions.find(QuestionFilter(asker=member)):
        if question.pseudonym:
            await steps.say((PostQuestion(question.id),), f"{question.id}:forgotten", question.place)
        for letter in await steps.tx.letters.of(question.id):
            brought = [row.wish.effect for row in await steps.tx.outbox.of(letter.id) if letter.member == member]
            await steps.say(brought, f"{letter.id}:forgotten", question.place)


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
