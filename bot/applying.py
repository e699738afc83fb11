"""What facts do: they are judged together beforehand, and applied one by one, each kind by the file that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from bot.alarming import alarm
from bot.around import Judged
from bot.asking import Asking, is_ask
from bot.channels import channel_fact
from bot.community import Audit
from bot.events import (
    ButtonPressed,
    ChannelFact,
    FormSubmitted,
    MemberChanged,
    MemberJoined,
    Place,
    PlatformEvent,
    RoleChanged,
    RolesHeld,
)
from bot.forms import Forms
from bot.hearing import Hearing
from bot.lead import Lead
from bot.people import member_changed
from bot.policy import Mode
from bot.ports import Store
from bot.post import InboxRow
from bot.pressing import SEARCHING, Pressing
from bot.publishing import After
from bot.question import Engaged
from bot.safety.notes import from_strings
from bot.skills import Skills
from bot.steps import Steps, new_id
from bot.trusting import role_changed, roles_held


class Applying:
    """`answer_at` is the probability from which a reply counts as an answer."""

    def __init__(
        self,
        store: Store,
        hearing: Hearing,
        asking: Asking,
        pressing: Pressing,
        forms: Forms,
        skills: Skills,
        lead: Lead,
        default_mode: Mode,
        answer_at: float,
    ) -> None:
        self._store = store
        self._hearing = hearing
        self._asking = asking
        self._pressing = pressing
        self._forms = forms
        self._skills = skills
        self._lead = lead
        self._default_mode = default_mode
        self._answer_at = answer_at

    async def judge(self, rows: Sequence[InboxRow]) -> list[Judged]:
        async with self._store.read() as tx:
            contexts = await self._hearing.look(tx, rows, self._lead)
        await self._skills.recall(e.subject for e in (row.arrival.event for row in rows) if _may_search(e))
        return await self._hearing.judge(rows, contexts)

    async def apply(self, one: Judged, steps: Steps, after: After) -> None:
        event = one.row.arrival.event
        if isinstance(event, ButtonPressed):
            await self._pressing.button(event, steps, after)
        elif isinstance(event, FormSubmitted):
            if one.row.arrival.crisis:  # written to the bot alone: seen by nobody, linked nowhere
                nowhere = Place(event.by.platform, event.by.space, "", event.submission, event.submission)
                findings = from_strings(one.row.arrival.findings)
                await alarm(nowhere, event.by.key, findings, event.key, steps, private=True)
                named = Audit(steps.now, "winwin", "named_in_crisis", new_id("a", event.key), event.form)
                await steps.tx.audit.append([named])  # what was meant without a name names its author to those paged
                return
            if is_ask(event):
                await self._asking.form(event, one.judgement, from_strings(one.row.arrival.findings), steps)
                return
            await self._forms.form(event, steps, after)
        elif isinstance(event, MemberJoined):
            joined = (Engaged("joined:community", event.member.key),)
            await steps.engaged(joined, event.channel, "", f"joined:{event.member.key}")
        elif isinstance(event, MemberChanged):
            await member_changed(event, steps)
        elif isinstance(event, RolesHeld):
            await roles_held(event, steps)
        elif isinstance(event, RoleChanged):
            await role_changed(event, steps)
        elif isinstance(event, ChannelFact):
            await channel_fact(event, steps, self._default_mode)
        else:
            await self._hearing.apply(one, steps, self._answer_at)


def _may_search(event: PlatformEvent) -> TypeGuard[ButtonPressed]:
    """Whether it is a press after which somebody may be looked for."""
    return isinstance(event, ButtonPressed) and event.action in SEARCHING
