"""What a form begins with when somebody opens it, and what is not right yet when they send it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.answering import may_answer, standing
from bot.cards import Form
from bot.community import Role
from bot.countries import unknown_country
from bot.events import FormSubmitted, Member
from bot.forms import volunteer_settings
from bot.lookups import Prefilled
from bot.news import Notice
from bot.permissions import APPOINTS, may_appoint, may_edit, require
from bot.policy import Mode
from bot.ports import Transaction
from bot.question import Question, Refused
from bot.safety.whereabouts import country_named
from bot.showing import replies
from bot.showing.community_sheets import appoint_sheet, channel_sheet, roles_sheet, unmask_sheet, waiting_sheet
from bot.showing.library_sheets import merge_sheet, phrase_sheet, resource_sheet, retire_sheet
from bot.showing.member_sheets import (
    answer_sheet,
    ask_sheet,
    block_sheet,
    country_sheet,
    follow_sheet,
    hand_over_sheet,
    write_back_sheet,
)
from bot.showing.sheet import Sheet
from bot.showing.short_lines import notice_text
from bot.showing.volunteer_sheets import volunteer_sheet
from bot.surfaces.house import House, Reader
from bot.surfaces.wanted import OpenSheet
from bot.trusting import untrusted_line
from bot.typed import InvalidForm
from bot.wording import Say
from knowledge.resources import ReviewState

NEEDED: Mapping[Form, tuple[str, ...]] = {  # what can't be empty, seen before anything is sent
    Form.SAVE_RESOURCE: ("title", "text"),
    Form.EDIT_DRAFT: ("title", "text"),
    Form.EDIT_RESOURCE: ("title", "text"),
    Form.ADD_PHRASE: ("asked_as",),
    Form.ANSWER: ("text",),
    Form.ASK: ("text",),
    Form.WRITE_BACK: ("text",),
    Form.HAND_OVER: ("to",),
    Form.FOLLOW: ("topic",),
    Form.BLOCK: ("other",),
    Form.APPOINT: ("who", "role"),
    Form.UNMASK: ("reason",),
}
MERGEABLE = 10  # resources to choose from


class Beginning:
    def __init__(self, house: House) -> None:
        self._house = house

    async def problems(self, fact: FormSubmitted) -> dict[str, str]:
        """What is not right yet, by field, where it can be seen at once: nothing is sent then."""
        say = (await self._house.reader(fact.by.key)).say
        if fact.form == Form.VOLUNTEER:
            return volunteer_problems(fact, frozenset(t.id for t in self._house.topics()), say)
        if refused := fact.values.get("untrusted", ""):
            return {"": untrusted_line(refused, say)}
        if fact.form == Form.ANSWER and fact.values.get("text", "").strip():
            return await self._too_late(fact, say)
        if fact.form == Form.COUNTRY:
            typed = fact.values.get("country", "").strip()
            return {"country": unknown_country(say)} if typed and not country_named(typed) else {}
        missing = [name for name in NEEDED.get(Form(fact.form), ()) if not fact.values.get(name, "").strip()]
        return {name: replies.a_few_words(say) for name in missing}

    async def _too_late(self, fact: FormSubmitted, say: Say) -> dict[str, str]:
        """Who can't answer any more is told while their words still stand in the form."""
        try:
            await self._answerable(await self._question(fact.subject), fact.by)
        except Refused as refused:
            return {"text": notice_text(refused.notice, "", say)}
        return {}

    async def sheet(self, wanted: OpenSheet, member: Member, reader: Reader) -> Sheet:
        """Raises Refused."""
        require(wanted.form, reader.record)
        say, topics, lookups = reader.say, self._house.topics(), self._house.lookups
        match wanted.form:
            case Form.VOLUNTEER:
                volunteer = await lookups.volunteer_settings(member.key)
                clinician = reader.record is not None and Role.CLINICIAN in reader.record.held
                return volunteer_sheet(volunteer, topics, reader.language, say, clinician=clinician)
            case Form.CHANNEL:
                settings = await lookups.channel_settings(wanted.subject)
                return channel_sheet(settings, say, replies=self._house.replies)
            case Form.ROLES:
                async with self._house.store.read() as tx:
                    trusts = [t for t in await tx.trusts.all() if t.space == wanted.subject]
                return roles_sheet(wanted.subject, trusts, say)
            case Form.WAITING:
                return waiting_sheet(await lookups.channel_settings(wanted.subject), lookups.policy, say)
            case Form.FOLLOW | Form.BLOCK | Form.COUNTRY:
                return await self._of_oneself(wanted.form, member, reader)
            case Form.ASK:
                given = wanted.given
                async with self._house.store.read() as tx:
                    channels = await channels_to_ask_in(given, tx, member)
                return ask_sheet(given.get("text", ""), given.get("channel", ""), channels, say)
            case Form.ANSWER | Form.WRITE_BACK | Form.HAND_OVER:
                return await self._about_question(wanted, member, say)
            case Form.SAVE_RESOURCE:
                found = await self._to_save(wanted, member)
                values = _as_typed(found)
                return resource_sheet(wanted.form, wanted.subject, values, topics, reader.language, say, found.taken)
            case Form.ADD_PHRASE:
                proposed = await lookups.phrase(wanted.subject, member.key)
                resources = [(r.id, r.title) for r in proposed.shown]
                return phrase_sheet(proposed.draft.id, proposed.words, resources, say)
            case Form.EDIT_DRAFT:
                draft = await lookups.draft(wanted.subject, member.key)
                values = _as_typed(
                    Prefilled(draft.title, draft.text, draft.topics, "\n".join(draft.asked_as), draft.medical, "")
                )
                return resource_sheet(wanted.form, draft.id, values, topics, reader.language, say)
            case Form.EDIT_RESOURCE | Form.RETIRE_RESOURCE:
                return await self._to_tend(wanted, reader)
            case Form.MERGE_DRAFT:
                return await self._to_merge(wanted.subject, member, say)
            case Form.APPOINT:
                may = [role for role in APPOINTS if reader.record is not None and may_appoint(role, reader.record)]
                return appoint_sheet(may, say)
            case Form.UNMASK:
                question = await self._nameless(wanted)
                return unmask_sheet(question.id, question.pseudonym, say)
            case _:
                raise Refused(Notice.GONE)

    async def _nameless(self, wanted: OpenSheet) -> Question:
        """By its id, or by the place of a message in its thread. Raises Refused."""
        async with self._house.store.read() as tx:
            found = await tx.questions.get(wanted.subject) if wanted.subject else None
            if found is None and (thread := wanted.given.get("thread_key", "")):
                found = (await tx.questions.in_threads([thread])).get(thread)
        if found is None or not found.nameless:
            raise Refused(Notice.GONE)
        return found

    async def _of_oneself(self, form: Form, member: Member, reader: Reader) -> Sheet:
        say, lookups = reader.say, self._house.lookups
        if form is Form.FOLLOW:
            follows = await lookups.follows(member.key)
            return follow_sheet(self._house.topics(), follows, reader.language, say)
        if form is Form.BLOCK:
            names = [m.name or say("Somebody") for m in await lookups.blocked(member.key)]
            return block_sheet(names, say)
        return country_sheet(reader.record, reader.language, say)

    async def _about_question(self, wanted: OpenSheet, member: Member, say: Say) -> Sheet:
        question = await self._question(wanted.subject)
        match wanted.form:
            case Form.ANSWER:
                stands = await self._answerable(question, member)
                return answer_sheet(question.id, question.text, say, stands)
            case Form.WRITE_BACK:
                if question.asker != member.key:
                    raise Refused(Notice.NOT_YOURS)
                return write_back_sheet(question.id, say)
            case _:
                if question.claimed_by != member.key:
                    raise Refused(Notice.NOT_YOURS)
                return hand_over_sheet(question.id, say)

    async def _answerable(self, question: Question, member: Member) -> str:
        """What stands in the thread for them already. Raises Refused."""
        async with self._house.store.read() as tx:
            who = (await tx.members.get([member.key])).get(member.key)
            await may_answer(question, member.key, who, tx)
            before = None if question.private else await standing(question, member.key, tx)
        return before.text if before is not None else ""

    async def _to_save(self, wanted: OpenSheet, member: Member) -> Prefilled:
        given = wanted.given
        return await self._house.lookups.answer_to_save(
            wanted.subject,
            member.key,
            text=given.get("text", ""),
            author=given.get("author", ""),
            thread_key=given.get("thread_key", ""),
        )

    async def _to_tend(self, wanted: OpenSheet, reader: Reader) -> Sheet:
        """A published resource to put right or to retire. Who may not is told so before they type."""
        found = await self._house.lookups.resource(wanted.subject, reader.key)
        if found.state is not ReviewState.PUBLISHED:
            raise Refused(Notice.GONE)
        if wanted.form is Form.RETIRE_RESOURCE:
            return retire_sheet(found.id, found.title, reader.say)
        if not may_edit(found, reader.record):
            raise Refused(Notice.NOT_ALLOWED)
        asked_as = "\n".join(found.asked_as)
        values = _as_typed(Prefilled(found.title, found.text, tuple(found.topics), asked_as, found.medical, ""))
        topics = self._house.topics()
        return resource_sheet(wanted.form, found.id, values, topics, reader.language, reader.say)

    async def _to_merge(self, draft_id: str, member: Member, say: Say) -> Sheet:
        draft = await self._house.lookups.draft(draft_id, member.key)
        similar = await self._house.lookups.search("", f"{draft.title}\n{draft.text}", MERGEABLE)
        if not similar:
            raise Refused(Notice.GONE)
        return merge_sheet(draft.id, draft.title, [(r.id, r.title) for r, _ in similar], say)

    async def _question(self, question_id: str) -> Question:
        async with self._house.store.read() as tx:
            found = await tx.questions.get(question_id)
        if found is None:
            raise Refused(Notice.GONE)
        return found

    async def about_medicines(self, question_id: str) -> bool:
        if not question_id:
            return False
        async with self._house.store.read() as tx:
            found = await tx.questions.get(question_id)
        return found is not None and found.medical


def _as_typed(found: Prefilled) -> dict[str, str]:
    return {
        "title": found.title,
        "text": found.text,
        "topics": ",".join(found.topics),
        "asked_as": found.asked_as,
        "medical": "yes" if found.medical else "",
        "author": found.author,
    }


async def channels_to_ask_in(given: Mapping[str, str], tx: Transaction, member: Member) -> list[tuple[str, str]]:
    """Where somebody may ask without a name: the channel they are in, and those that everybody there may read. What
    others are called is nobody's business who is not in them."""
    here, name = given.get("channel", ""), given.get("channel_name", "")
    space = f"{member.platform}:{member.space}:"
    known = {c.key: c for c in await tx.channels.all() if not c.gone and c.mode is not Mode.OFF}
    found = {here: f"#{known[here].name if here in known else name}"} if here else {}
    found |= {key: f"#{c.name}" for key, c in known.items() if c.public and key.startswith(space)}
    return list(found.items())


def volunteer_problems(fact: FormSubmitted, topics: frozenset[str], say: Say) -> dict[str, str]:
    """Each field alone, so that the line stands under the field it is about."""
    problems = {}
    fields: tuple[str, ...] = ("topics", "time_zone", "weekly_cap", "quiet", "away")
    for name in fields:
        try:
            values = {name: fact.values[name]} if name in fact.values else {}
            volunteer_settings(fact.by.key, values, topics, say)
        except InvalidForm as problem:
            problems[name] = str(problem)
    return problems
