"""What opens for somebody: forms, a resource to read, the home page, and short answers to commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from adapters.slack.client import Json, SlackApi, SlackRefusal
from adapters.slack.identity import Workspace
from adapters.slack.inbound_interactions import Explain, OpenSheet, Ordered, ReadResource, Whence
from adapters.slack.installations import Installations, Installed
from adapters.slack.outbound import web_address
from adapters.slack.outbound_forms import modal, reading
from bot.cards import Form
from bot.community import MemberRecord, Role, Topic, VolunteerSettings
from bot.events import FormSubmitted, Member
from bot.forms import volunteer_settings
from bot.permissions import allowed
from bot.policy import Mode
from bot.ports import DeliveryError, Store, Transaction
from bot.showing.sheets import (
    Sheet,
    answer_sheet,
    ask_sheet,
    channel_sheet,
    hand_over_sheet,
    resource_sheet,
    volunteer_sheet,
    write_back_sheet,
)
from bot.typed import InvalidForm
from bot.wording import Say, say_in
from knowledge.resources import Resource, ReviewState

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class House:
    """What of the community the forms need."""

    store: Store
    topics: Callable[[], Sequence[Topic]]
    default_mode: Mode


class Opening:
    def __init__(self, api: SlackApi, installations: Installations, house: House) -> None:
        self._api = api
        self._installations = installations
        self._house = house

    async def open(self, wanted: OpenSheet | ReadResource | Explain | Ordered, whence: Whence) -> Json | None:
        """Open it, or answer at once with one kind line. What is returned is shown to this person alone."""
        async with self._house.store.read() as tx:
            who = (await tx.members.get([whence.member.key])).get(whence.member.key)
            say = say_in(who.language if who else "en")
            if isinstance(wanted, ReadResource) and await _on_the_web(wanted.resource, tx):
                return None  # the button has opened the page already
            view = await self._view(wanted, whence.member, who, tx, say)
        if view is None:
            return await self._told(say("This is no longer there. If you need something, just ask again."), whence)
        return await self._opened(view, whence, say)

    async def problems(self, fact: FormSubmitted) -> dict[str, str]:
        """What is not right yet, by field, where it can be seen at once: nothing is sent then."""
        async with self._house.store.read() as tx:
            who = (await tx.members.get([fact.by.key])).get(fact.by.key)
        say = say_in(who.language if who else "en")
        if fact.form == Form.VOLUNTEER:
            return _volunteer_problems(fact, frozenset(t.id for t in self._house.topics()), say)
        needed = {
            Form.SAVE_RESOURCE: ("title", "text"),
            Form.EDIT_DRAFT: ("title", "text"),
            Form.EDIT_RESOURCE: ("title", "text"),
            Form.ANSWER: ("text",),
            Form.ASK: ("text",),
            Form.WRITE_BACK: ("text",),
            Form.HAND_OVER: ("to",),
        }
        missing = [name for name in needed.get(Form(fact.form), ()) if not fact.values.get(name, "").strip()]
        return {name: say("Please write a few words here.") for name in missing}

    async def home(self, member: Member, workspace: Workspace) -> None:
        return None

    # --- what opens -------------------------------------------------------------------------------------------

    async def _view(
        self,
        wanted: OpenSheet | ReadResource | Explain | Ordered,
        member: Member,
        who: MemberRecord | None,
        tx: Transaction,
        say: Say,
    ) -> Json | None:
        match wanted:
            case OpenSheet():
                sheet = await self._sheet(wanted, member, who, tx, say)
                return modal(sheet, say("Never mind")) if sheet else None
            case ReadResource(resource_id):
                found = (await tx.resources.get([resource_id])).get(resource_id)
                return _reading(found, say) if found and found.state is ReviewState.PUBLISHED else None
            case _:
                return None

    async def _sheet(
        self, wanted: OpenSheet, member: Member, who: MemberRecord | None, tx: Transaction, say: Say
    ) -> Sheet | None:
        language = who.language if who else "en"
        if not allowed(wanted.form, who):
            return None
        match wanted.form:
            case Form.VOLUNTEER:
                known = await tx.volunteers.get(member.key)
                settings = known or VolunteerSettings(member.key, time_zone=who.time_zone if who else "UTC")
                clinician = who is not None and Role.CLINICIAN in who.roles
                return volunteer_sheet(settings, self._house.topics(), language, say, clinician=clinician)
            case Form.CHANNEL:
                channel = await tx.channels.get(wanted.subject)
                mode = channel.mode if channel else self._house.default_mode
                return channel_sheet(wanted.subject, channel.name if channel else "", mode, say)
            case Form.ANSWER:
                question = await tx.questions.get(wanted.subject)
                if question is None or member.key not in (question.claimed_by, *question.answered_by):
                    return None
                return answer_sheet(question.id, question.text, say)
            case Form.ASK:
                given = wanted.given
                return ask_sheet(
                    given.get("text", ""), given.get("channel", ""), await _channels(given, tx, member), say
                )
            case Form.WRITE_BACK:
                asked = await tx.questions.get(wanted.subject)
                return write_back_sheet(asked.id, say) if asked and asked.asker == member.key else None
            case Form.HAND_OVER:
                held = await tx.questions.get(wanted.subject)
                return hand_over_sheet(held.id, say) if held and held.claimed_by == member.key else None
            case Form.SAVE_RESOURCE:
                answer = await tx.answers.at(wanted.subject)
                given = {"text": answer.text} if answer else dict(wanted.given)
                return resource_sheet(wanted.form, wanted.subject, given, self._house.topics(), language, say)
            case Form.EDIT_DRAFT:
                draft = await tx.drafts.get(wanted.subject)
                if draft is None:
                    return None
                values = {
                    "title": draft.title,
                    "text": draft.text,
                    "topics": ",".join(draft.topics),
                    "asked_as": "\n".join(draft.asked_as),
                    "medical": "yes" if draft.medical else "",
                }
                return resource_sheet(wanted.form, draft.id, values, self._house.topics(), language, say)
            case _:
                return None

    async def _opened(self, view: Json, whence: Whence, say: Say) -> Json | None:
        installed = await self._installed(whence.workspace)
        if installed is None:
            return None
        try:
            await self._api.call("views.open", installed.token, trigger_id=whence.trigger, view=view)
        except SlackRefusal as refused:
            _log.warning("view_not_opened", code=refused.code)
            return await self._told(say("That took a moment too long. Please press once more."), whence)
        except DeliveryError:
            return await self._told(say("That took a moment too long. Please press once more."), whence)
        return None

    async def _told(self, words: str, whence: Whence) -> Json | None:
        """One line to this person alone: as the answer to a command, or under the button that was pressed."""
        message: Json = {"response_type": "ephemeral", "replace_original": False, "text": words}
        if not whence.response_url:
            return None
        try:
            await self._api.respond(whence.response_url, message)
        except DeliveryError:
            _log.warning("line_not_told")
        return None

    async def _installed(self, workspace: Workspace) -> Installed | None:
        return await self._installations.at(workspace.team, workspace.enterprise)


async def _channels(given: Mapping[str, str], tx: Transaction, member: Member) -> list[tuple[str, str]]:
    """Where somebody may ask without a name, the channel they are in first."""
    here, name = given.get("channel", ""), given.get("channel_name", "")
    known = {c.key: f"#{c.name}" for c in await tx.channels.all() if not c.gone and c.mode is not Mode.OFF}
    found = {here: known.get(here) or f"#{name}"} if here else {}
    found |= {key: label for key, label in known.items() if key.startswith(f"{member.platform}:{member.space}:")}
    return list(found.items())


async def _on_the_web(resource_id: str, tx: Transaction) -> bool:
    found = (await tx.resources.get([resource_id])).get(resource_id)
    return found is not None and bool(web_address(found.url))


def _reading(resource: Resource, say: Say) -> Json:
    facts = say("Reviewed by {name}").format(name=resource.reviewed_by) if resource.reviewed_by else ""
    return reading(resource.title, resource.text, facts, say("Close"))


def _volunteer_problems(fact: FormSubmitted, topics: frozenset[str], say: Say) -> dict[str, str]:
    """Each field alone, so that the line stands under the field it is about."""
    values = fact.values
    problems = {}
    for name in ("topics", "time_zone", "weekly_cap", "quiet"):
        try:
            volunteer_settings(fact.by.key, {name: values[name]} if name in values else {}, topics, say)
        except InvalidForm as problem:
            problems[name] = str(problem)
    return problems
