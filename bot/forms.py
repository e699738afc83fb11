"""Forms: saving and editing resources, a volunteer's settings, a channel's mode, an answer to a private question."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cards import Form
from bot.community import Answer, Audit, Channel, MemberRecord, Role, VolunteerSettings
from bot.curation import Draft, DraftState, consented, without_private_details
from bot.effects import AskConsent, Notice, Notify, RelayAnswer
from bot.events import FormSubmitted, Place, Replied
from bot.permissions import require
from bot.policy import Mode
from bot.pressing import load_question
from bot.publishing import After, consent_given
from bot.question import Engaged, Refused, Status
from bot.routing import Kind, Quiet
from bot.safety.triage import Code, Triage, is_crisis
from bot.steps import Steps, new_id
from knowledge.resources import ReviewState

_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
MAX_TITLE, MAX_TEXT = 300, 20_000


class InvalidForm(Exception):  # noqa: N818 -- reads as what happened
    """What was typed can't be used; the message says what to do."""


class Forms:
    """`topics` are the community's; an empty set allows any."""

    def __init__(self, triage: Triage, topics: frozenset[str]) -> None:
        self._triage = triage
        self._topics = topics

    async def form(self, event: FormSubmitted, steps: Steps, after: After) -> None:
        who = (await steps.tx.members.get([event.by.key])).get(event.by.key)
        try:
            require(event.form, who)
            await self._submitted(event, who, steps, after)
        except Refused as refused:
            await steps.refuse(refused, event.by.key, event.key)
        except InvalidForm as invalid:
            await steps.say((Notify(event.by.key, Notice.INVALID, str(invalid)),), event.key)

    async def _submitted(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
        match event.form:
            case Form.SAVE_RESOURCE:
                await self._save(event, steps, after)
            case Form.EDIT_DRAFT:
                await self._edit_draft(event, steps)
            case Form.EDIT_RESOURCE | Form.RETIRE_RESOURCE:
                await self._edit(event, who, steps, after)
            case Form.VOLUNTEER:
                await self._volunteer(event, who, steps)
            case Form.CHANNEL:
                await self._channel(event, steps)
            case Form.ANSWER:
                await self._answer(event, steps)
            case _:
                raise Refused(Notice.GONE)

    def _clean(self, values: dict[str, str]) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
        """(title, text, topics, asked as), or InvalidForm with what to do."""
        title, text = values.get("title", "").strip(), values.get("text", "").strip()
        if not title or not text:
            raise InvalidForm("Give it a title and a text.")
        if len(title) > MAX_TITLE or len(text) > MAX_TEXT:
            raise InvalidForm(f"Keep the title under {MAX_TITLE} and the text under {MAX_TEXT} characters.")
        topics = tuple(t.strip() for t in values.get("topics", "").split(",") if t.strip())
        unknown = [t for t in topics if self._topics and t not in self._topics]
        if unknown:
            raise InvalidForm(f"Unknown topic: {unknown[0]}. Choose from the list.")
        asked_as = tuple(line.strip() for line in values.get("asked_as", "").splitlines() if line.strip())[:20]
        findings = self._triage.check(f"{title}\n{text}")
        if is_crisis(findings) or any(f.code is Code.M2 for f in findings):
            raise Refused(Notice.DOUBTFUL)
        return title, text, topics, asked_as

    async def _save(self, event: FormSubmitted, steps: Steps, after: After) -> None:
        """Save an answer as a draft, or, without a message behind it, the moderator's own text."""
        values = event.values
        title, text, topics, asked_as = self._clean(values)
        names = [m.name for m in await steps.tx.members.all()]
        answer = await steps.tx.answers.at(event.subject) if event.subject else None
        author = answer.member if answer else values.get("author") or event.by.key
        record = (await steps.tx.members.get([author])).get(author)
        draft = Draft(
            id=new_id("d", event.key),
            place=answer.place if answer else Place(event.by.platform, event.by.space, "", "", ""),
            question=answer.question if answer else "",
            author=author,
            saved_by=event.by.key,
            title=without_private_details(title, names),
            text=without_private_details(text, names),
            topics=topics,
            medical=values.get("medical") == "yes" or any(f.code is Code.M1 for f in self._triage.check(text)),
            language=values.get("language") or (record.language if record else "en"),
            state=DraftState.AWAITING_CONSENT,
            created_at=steps.now,
            publish_at_once=values.get("publish_at_once") == "yes",
            asked_as=asked_as,
        )
        if author == event.by.key or (record is not None and record.shares_answers):
            await consent_given(consented(draft, author, steps.now), steps, after)
            await steps.say((Notify(event.by.key, Notice.SAVED_FOR_REVIEW),), event.key)
            return
        await steps.tx.drafts.save(draft)
        await steps.say((AskConsent(draft.id),), f"{draft.id}:consent", Place(*_platform_of(author), "", "", ""))
        await steps.say((Notify(event.by.key, Notice.SAVED_FOR_CONSENT),), event.key)

    async def _edit_draft(self, event: FormSubmitted, steps: Steps) -> None:
        """A reviewer puts a draft right before it is published; what the author agreed to stays agreed."""
        draft = await steps.tx.drafts.get(event.subject)
        if draft is None:
            raise Refused(Notice.GONE)
        if draft.state is not DraftState.IN_REVIEW:
            raise Refused(Notice.ALREADY_DONE)
        title, text, topics, asked_as = self._clean(event.values)
        medical = draft.medical or event.values.get("medical") == "yes"
        changed = replace(draft, title=title, text=text, topics=topics, asked_as=asked_as, medical=medical)
        await steps.tx.drafts.save(changed)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "edit_draft", draft.id)])
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _edit(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
        found = (await steps.tx.resources.get([event.subject])).get(event.subject)
        if found is None:
            raise Refused(Notice.GONE)
        if event.form == Form.RETIRE_RESOURCE:
            changed = replace(found, state=ReviewState.RETIRED)
        else:
            title, text, topics, asked_as = self._clean(event.values)
            name = who.name if who else ""
            changed = replace(
                found, title=title, text=text, topics=topics, asked_as=asked_as, reviewed_by=name, reviewed_at=steps.now
            )
        after.index += await steps.tx.resources.put([changed], steps.now)
        verb = "retire" if event.form == Form.RETIRE_RESOURCE else "edit"
        await steps.tx.audit.append([Audit(steps.now, event.by.key, verb, found.id)])
        await steps.engaged((Engaged("edited:resource", event.by.key, found.id),), "", "", event.key)
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _volunteer(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        settings = volunteer_settings(event.by.key, event.values, self._topics)
        if settings.kind is Kind.CLINICIAN and (who is None or Role.CLINICIAN not in who.roles):
            raise Refused(Notice.NOT_ALLOWED)  # a moderator says who is a clinician
        await steps.tx.volunteers.save(settings)
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _channel(self, event: FormSubmitted, steps: Steps) -> None:
        try:
            mode = Mode(event.values.get("mode", ""))
        except ValueError as error:
            raise InvalidForm("Choose off, mention, hint or thread.") from error
        known = await steps.tx.channels.get(event.subject)
        channel = replace(known, mode=mode) if known else Channel(event.subject, event.subject.rsplit(":", 1)[-1], mode)
        await steps.tx.channels.save(channel)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "channel_mode", event.subject, mode.value)])
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _answer(self, event: FormSubmitted, steps: Steps) -> None:
        """The claimant's answer to a private question, brought over by the bot."""
        question = await load_question(event.subject, steps)
        text = event.values.get("text", "").strip()
        if not text:
            raise InvalidForm("Write the answer first.")
        if event.by.key not in (question.claimed_by, *question.answered_by):
            raise Refused(Notice.NOT_YOURS)
        if is_crisis(self._triage.check(text)):
            raise Refused(Notice.DOUBTFUL)
        root = question.place
        place = Place(root.platform, root.space, root.channel, f"relayed-{new_id('r', event.key)}", root.thread)
        answer = Answer(place, question.id, event.by.key, text[:MAX_TEXT], 1.0, event.at)
        await steps.tx.answers.put(answer)
        await steps.say((RelayAnswer(question.id, place.key),), event.key, root)
        if question.status is not Status.CLOSED:
            await steps.befall(question, Replied(event.by.key, answers=True), event.by.key)


def _platform_of(member: str) -> tuple[str, str]:
    platform, space, _ = member.split(":", 2)
    return platform, space


def volunteer_settings(member: str, values: dict[str, str], topics: frozenset[str]) -> VolunteerSettings:
    """A volunteer's form as settings; InvalidForm says what to do."""
    chosen = frozenset(t.strip() for t in values.get("topics", "").split(",") if t.strip())
    if topics and chosen - topics:
        raise InvalidForm(f"Unknown topic: {min(chosen - topics)}. Choose from the list.")
    zone = values.get("time_zone", "UTC").strip()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidForm(f"Unknown time zone: {zone[:60]}. Write it like Europe/Madrid.") from error
    cap = values.get("weekly_cap", "5").strip()
    if not cap.isdecimal() or not 1 <= int(cap) <= 50:
        raise InvalidForm("Choose a weekly cap between 1 and 50.")
    languages = frozenset(v.strip() for v in values.get("languages", "en").split(",") if v.strip())
    return VolunteerSettings(
        member=member,
        kind=Kind.CLINICIAN if values.get("kind") == "clinician" else Kind.PARENT,
        topics=chosen,
        languages=languages or frozenset({"en"}),
        time_zone=zone,
        quiet=_quiet(values.get("quiet", "")),
        weekly_cap=int(cap),
        paused=values.get("paused") == "yes",
    )


def _quiet(spec: str) -> tuple[Quiet, ...]:
    """`mon 22:00-07:00;tue 22:00-07:00` as spans."""
    spans = []
    for part in filter(None, (p.strip() for p in spec.split(";"))):
        day, _, hours = part.partition(" ")
        start, _, last = hours.partition("-")
        try:
            spans.append(Quiet(_DAYS[day.lower()], time.fromisoformat(start), time.fromisoformat(last)))
        except (KeyError, ValueError) as error:
            raise InvalidForm("Write quiet hours like: mon 22:00-07:00") from error
    return tuple(spans)
