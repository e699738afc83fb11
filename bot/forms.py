"""Forms: saving and editing resources, a volunteer's settings, a channel's mode. (A question asked by form is
bot.asking's, an answer bot.answering's; writing back and handing over have files of their own too.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering import answer, is_clinician
from bot.appointing import appoint
from bot.blocking import block
from bot.cards import Form
from bot.channels import set_mode, set_waiting
from bot.community import Audit, MemberRecord
from bot.countries import live_in
from bot.curation import Draft, DraftState, consented
from bot.digesting import choose_team_channel
from bot.effects import AskConsent, Notify
from bot.events import FormSubmitted, Place
from bot.following import follow, is_news, note_followers
from bot.handing import hand_over
from bot.letters import write_back
from bot.linking import link, unlink
from bot.merging import merge
from bot.news import Notice
from bot.permissions import require
from bot.phrases import WAYS
from bot.phrasing import add_reworded
from bot.policy import Answering, Mode
from bot.private_details import names_of, without
from bot.publishing import After, consent_given
from bot.question import Engaged, Refused
from bot.routing import Kind
from bot.safety.findings import harmful
from bot.safety.triage import Code, Triage
from bot.stand_ins import left_in
from bot.steps import Steps, new_id
from bot.trusting import trust_roles
from bot.typed import MAX_TEXT, InvalidForm
from bot.typed import say_to as _say
from bot.unmasking import ask_second
from bot.volunteering import unknown_topic, volunteer_settings
from bot.wording import Say
from knowledge.resources import Resource, ReviewState

__all__ = ["Cleaned", "Forms", "volunteer_settings"]

MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The fields of a resource as they may be kept."""

    title: str
    text: str
    topics: tuple[str, ...]
    asked_as: tuple[str, ...]
    medical: bool


class Forms:
    """`topics` are the community's; an empty set allows any."""

    def __init__(self, triage: Triage, topics: frozenset[str], default_mode: Mode) -> None:
        self._triage = triage
        self._topics = topics
        self._default_mode = default_mode

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
                await self._save(event, who, steps, after)
            case Form.EDIT_DRAFT:
                await self._edit_draft(event, who, steps)
            case Form.EDIT_RESOURCE:
                await self._edit(event, who, steps, after)
            case Form.RETIRE_RESOURCE:
                await self._retire(event, steps, after)
            case Form.VOLUNTEER:
                await self._volunteer(event, who, steps)
            case Form.CHANNEL | Form.WAITING | Form.ROLES:
                await self._settings(event, who, steps)
            case Form.ANSWER:
                await answer(event, who, self._triage, steps)
            case Form.WRITE_BACK:
                await write_back(event, who, steps)
            case Form.HAND_OVER:
                await hand_over(event, who, steps)
            case Form.MERGE_DRAFT:
                await merge(event, who, steps, after)
            case Form.ADD_PHRASE:
                await add_reworded(event, who, self._triage, steps, after)
            case Form.FOLLOW | Form.BLOCK | Form.LINK | Form.UNLINK | Form.COUNTRY:
                await self._of_oneself(event, who, steps)
            case Form.APPOINT:
                await appoint(event, who, steps, after)
            case Form.UNMASK:
                await ask_second(event, who, steps)
            case _:
                raise Refused(Notice.GONE)

    async def _of_oneself(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        match event.form:
            case Form.FOLLOW:
                await follow(event, self._topics, steps)
            case Form.BLOCK:
                await block(event, who, steps)
            case Form.LINK:
                await link(event, who, steps)
            case Form.COUNTRY:
                await live_in(event, who, _say(who), steps)
            case _:
                await unlink(event, who, steps)

    def _clean(self, values: dict[str, str], say: Say, names: Sequence[str] | None) -> Cleaned:
        """What was typed, or InvalidForm with what to do. `names`: whose names are taken out with all other private
        details; None where a moderator edits the library, which may hold a helpline's number."""
        title, text = values.get("title", "").strip(), values.get("text", "").strip()
        if not title or not text:
            raise InvalidForm(say("Please give it a title and a text."))
        if len(title) > MAX_TITLE or len(text) > MAX_TEXT:
            limits = say("Please keep the title under {title} and the text under {text} characters.")
            raise InvalidForm(limits.format(title=MAX_TITLE, text=MAX_TEXT))
        topics = tuple(t.strip() for t in values.get("topics", "").split(",") if t.strip())
        unknown = [t for t in topics if self._topics and t not in self._topics]
        if unknown:
            raise InvalidForm(unknown_topic(unknown[0], say))
        asked_as = tuple(line.strip() for line in values.get("asked_as", "").splitlines() if line.strip())[:WAYS]
        left = left_in(values.get("keep", ""))
        for stand_in, words in left.items():
            title, text = title.replace(stand_in, words), text.replace(stand_in, words)
            asked_as = tuple(line.replace(stand_in, words) for line in asked_as)
        findings = self._triage.check(f"{title}\n{text}")
        if harmful(findings):
            raise Refused(Notice.DOUBTFUL)
        asked_as = tuple(line for line in asked_as if not harmful(self._triage.check(line)))
        medical = values.get("medical") == "yes" or any(f.code is Code.M1 for f in findings)
        if names is not None:
            spare = frozenset(left.values())
            title, text, *lines = (without(part, names, spare=spare) for part in (title, text, *asked_as))
            asked_as = tuple(lines)
        return Cleaned(title, text, topics, asked_as, medical)

    async def _save(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
        """Save an answer as a draft, or, without a message behind it, the moderator's own text."""
        values = event.values
        cleaned = self._clean(values, _say(who), await _names(steps))
        given = await steps.tx.answers.at(event.subject) if event.subject else None
        if event.subject and given is None and not values.get("author"):
            raise Refused(Notice.GONE)  # deleted meanwhile: nobody is left to ask for consent
        author = given.member if given else values.get("author") or event.by.key
        record = (await steps.tx.members.get([author])).get(author)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "save", new_id("d", event.key))])
        draft = Draft(
            id=new_id("d", event.key),
            place=given.place if given else Place(event.by.platform, event.by.space, "", "", ""),
            question=given.question if given else "",
            author=author,
            saved_by=event.by.key,
            title=cleaned.title,
            text=cleaned.text,
            topics=cleaned.topics,
            medical=cleaned.medical,
            language=values.get("language") or (record.language if record else "en"),
            state=DraftState.AWAITING_CONSENT,
            created_at=steps.now,
            publish_at_once=values.get("publish_at_once") == "yes",
            asked_as=cleaned.asked_as,
        )
        if author == event.by.key or (record is not None and record.shares_answers):
            kept = await consent_given(consented(draft, author, steps.now), steps, after)
            if kept.state is DraftState.IN_REVIEW:
                await steps.say((Notify(event.by.key, Notice.SAVED_FOR_REVIEW),), event.key)
            return
        await steps.tx.drafts.save(draft)
        await steps.say((AskConsent(draft.id),), f"{draft.id}:consent", Place(*_platform_of(author), "", "", ""))
        await steps.say((Notify(event.by.key, Notice.SAVED_FOR_CONSENT),), event.key)

    async def _edit_draft(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        """A reviewer puts a draft right before it is published; what the author agreed to stays agreed."""
        draft = await steps.tx.drafts.get(event.subject)
        if draft is None or draft.asks_for:
            raise Refused(Notice.GONE)
        if draft.state is not DraftState.IN_REVIEW:
            raise Refused(Notice.ALREADY_DONE)
        new = self._clean(event.values, _say(who), await _names(steps))
        medical = draft.medical or new.medical
        changed = replace(
            draft, title=new.title, text=new.text, topics=new.topics, asked_as=new.asked_as, medical=medical
        )
        await steps.tx.drafts.save(changed)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "edit_draft", draft.id)])
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _edit(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
        """An edit is a review too; so what is about medicines is edited by clinicians only."""
        found = await _resource(event.subject, steps)
        new = self._clean(event.values, _say(who), None)
        medical = found.medical or new.medical
        if medical and not is_clinician(who):
            raise Refused(Notice.NOT_ALLOWED)
        changed = replace(
            found,
            title=new.title,
            text=new.text,
            topics=new.topics,
            asked_as=new.asked_as,
            medical=medical,
            reviewed_by=who.name if who else "",
            reviewed_at=steps.now,
            clinician=event.by.key if is_clinician(who) else "",
        )
        after.index += await steps.tx.resources.put([changed], steps.now)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "edit", found.id)])
        await steps.engaged((Engaged("edited:resource", event.by.key, found.id),), "", "", event.key)
        if changed.state is ReviewState.PUBLISHED and is_news(found, changed):
            await note_followers(changed, (event.by.key,), steps)
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _retire(self, event: FormSubmitted, steps: Steps, after: After) -> None:
        found = await _resource(event.subject, steps)
        after.index += await steps.tx.resources.put([replace(found, state=ReviewState.RETIRED)], steps.now)
        await steps.tx.audit.append([Audit(steps.now, event.by.key, "retire", found.id)])
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _volunteer(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        settings = volunteer_settings(event.by.key, event.values, self._topics, _say(who))
        if who is not None and not who.may_help:
            raise Refused(Notice.NOT_ALLOWED)
        if settings.kind is Kind.CLINICIAN and not is_clinician(who):
            raise Refused(Notice.NOT_ALLOWED)  # a moderator says who is a clinician
        await steps.tx.volunteers.save(settings)
        if not settings.learns:
            await steps.tx.volunteers.unlearn(settings.member)
        steps.known.roster.touch([settings.member], steps.now)
        await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)

    async def _settings(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        """Of a channel, and of a space."""
        if event.form == Form.CHANNEL:
            await self._channel(event, who, steps)
        elif event.form == Form.WAITING:
            await set_waiting(event, _say(who), steps, self._default_mode)
        else:
            await trust_roles(event, _say(who), steps)

    async def _channel(self, event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
        say = _say(who)
        known = await steps.tx.channels.get(event.subject)
        typed = event.values.get("mode") or (known.mode.value if known else "")
        where = event.values.get("answering")
        try:
            mode, answering = Mode(typed), Answering(where) if where else None
        except ValueError as error:
            raise InvalidForm(say("Please choose off, mention, hint or thread.")) from error
        await set_mode(event.subject, mode, event.by.key, event.key, steps, answering)
        channel = await steps.tx.channels.get(event.subject)
        if channel is not None and event.values.get("digest"):
            await choose_team_channel(channel, event.values["digest"] == "yes", event.by.key, steps)


async def _names(steps: Steps) -> list[str]:
    return names_of(await steps.tx.members.all())


async def _resource(resource_id: str, steps: Steps) -> Resource:
    found = (await steps.tx.resources.get([resource_id])).get(resource_id)
    if found is None:
        raise Refused(Notice.GONE)
    return found


def _platform_of(member: str) -> tuple[str, str]:
    platform, space, _ = member.split(":", 2)
    return platform, space
