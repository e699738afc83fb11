"""`Lookups`: what a surface asks the core for, without any platform in it.

A member is given by key; one nobody has met yet is nobody special. What is not for the reader raises Refused, whose
notice is the line to show (bot.showing.show.notice_text). Nothing is changed here but two things a search does: it is
counted, and a crisis in its words is handed to `receive` as if it had been written to the bot in private.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from bot.cards import Action, Card, Form, Text
from bot.community import Audit, Channel, MemberRecord, Role, Topic, VolunteerSettings
from bot.curation import Draft, DraftState
from bot.events import Member, MessagePosted, Place, PlatformEvent
from bot.explaining import Explanation, as_card
from bot.judging import Judge
from bot.librarian import Found, Librarian
from bot.lookups import own, waiting
from bot.lookups.reasons import Reasons
from bot.lookups.saving import Prefilled, answer_there
from bot.merging import similar_to
from bot.news import Notice
from bot.permissions import require
from bot.policy import Mode, Policy
from bot.ports import Clock, Store, Transaction
from bot.question import Engaged, Refused
from bot.safety.findings import CRISES, Code, Finding, by_severity, is_crisis
from bot.safety.helplines import Helpline, helplines_for_all
from bot.safety.whereabouts import whereabouts
from bot.showing.alerts import crisis_card
from bot.steps import Steps, new_id
from bot.wording import say_in
from knowledge.resources import Resource, ReviewState

MAX_SEARCH = 2_000  # characters looked at

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]


class CrisisFound(Refused):
    """The words of a search sound like a crisis. `help` is what to show at once: people to call, in plain text."""

    def __init__(self, help_: str) -> None:
        super().__init__(Notice.WRITTEN_IN_PRIVATE)
        self.help = help_


class Lookups:
    """`receive` is the desk's front door; `default_mode` what a channel does until a moderator chooses."""

    def __init__(
        self,
        store: Store,
        librarian: Librarian,
        judge: Judge,
        clock: Clock,
        policy: Policy,
        topics: Sequence[Topic],
        receive: Receive,
        helplines: tuple[Helpline, ...],
        default_mode: Mode = Mode.THREAD,
        country: str = "",
    ) -> None:
        self._store = store
        self._librarian = librarian
        self._judge = judge
        self._clock = clock
        self._policy = policy
        self.topics = tuple(topics)
        self._receive = receive
        self._helplines = helplines
        self._default_mode = default_mode
        self._country = country  # where members live of whom nothing is known

    @property
    def shown_from(self) -> float:
        """The confidence from which a resource is shown to somebody who asks."""
        return self._judge.speak_at

    # --- the library --------------------------------------------------------------------------------------

    async def search(self, member_key: str, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Published resources, best first. Raises CrisisFound for a crisis: it is never searched, the answer to it
        comes in private, and people are paged. Words that ask for a dose find only what a clinician has read. Without a
        member nothing is counted and nobody is told: for a program that asks."""
        text = text.strip()[:MAX_SEARCH]
        if not text:
            return ()
        findings = (await self._judge.read(text)).findings
        if is_crisis(findings):
            if member_key:
                await self._receive([self._as_written_in_private(member_key, text)])
            raise CrisisFound(await self._help(findings, member_key))
        medicine = any(f.code is Code.M1 for f in findings)
        (found,) = await self._librarian.find([text], limit, reviewed_only=medicine)
        if member_key:
            await self._count_search(member_key)
        return tuple(found)

    def _as_written_in_private(self, member_key: str, text: str) -> MessagePosted:
        now, member = self._clock.now(), Member.from_key(member_key)
        message = new_id("search-", f"{member_key}:{now.isoformat()}")
        place = Place(member.platform, member.space, "", message, message)
        return MessagePosted(place, member, text, now, direct=True)

    async def _help(self, findings: Sequence[Finding], member_key: str) -> str:
        async with self._store.read() as tx:
            viewer = await _viewer(tx, member_key)
        crises = [f for f in by_severity(findings) if f.code in CRISES]
        codes = [f.code.value for f in crises]
        lines = helplines_for_all(codes, whereabouts(viewer, self._country), self._helplines)
        say = say_in(viewer.language if viewer else "en")
        card = crisis_card(codes, crises[0].speaker.value, lines, say, paged=False)  # who was paged is said in private
        return "\n".join(block.text for block in card.blocks if isinstance(block, Text))

    async def _count_search(self, member_key: str) -> None:
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, self._clock.now() + timedelta(minutes=1))
            await tx.members.seen([(Member.from_key(member_key), "")], steps.now)
            key = f"search:{steps.now.isoformat()}"
            await steps.engaged((Engaged("searched:library", member_key),), "", "", key)

    async def resource(self, resource_id: str, member_key: str = "") -> Resource:
        """A published resource; one that is not, for moderators only."""
        async with self._store.read() as tx:
            found = (await tx.resources.get([resource_id])).get(resource_id)
            viewer = await _viewer(tx, member_key)
        public = found is not None and found.state is ReviewState.PUBLISHED
        if found is None or not (public or (viewer is not None and viewer.may(Role.MODERATOR))):
            raise Refused(Notice.GONE)
        return found

    # --- oneself ------------------------------------------------------------------------------------------

    async def my_data(self, member_key: str) -> dict[str, Any]:
        """Everything held about the member, as JSON values."""
        async with self._store.read() as tx:
            return await own.my_data(tx, member_key)

    async def my_data_file(self, member_key: str) -> bytes:
        """The same as a file to keep: JSON, indented, in UTF-8."""
        data = {"made_at": self._clock.now().isoformat(), **await self.my_data(member_key)}
        async with self._store.begin() as tx:
            await tx.audit.append([Audit(self._clock.now(), member_key, "my_data", member_key)])
        return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")

    async def my_questions(self, member_key: str) -> own.MyQuestions:
        async with self._store.read() as tx:
            return await own.my_questions(tx, member_key)

    async def follows(self, member_key: str) -> tuple[str, ...]:
        """The topics the member follows."""
        async with self._store.read() as tx:
            return await tx.follows.of(member_key)

    async def blocked(self, member_key: str) -> tuple[MemberRecord, ...]:
        """Whom the member has blocked, from whichever account."""
        async with self._store.read() as tx:
            return await own.blocked(tx, member_key)

    async def volunteer_settings(self, member_key: str) -> VolunteerSettings:
        """As they are stored; for who does not volunteer yet, what the form begins with."""
        async with self._store.read() as tx:
            stored = await tx.volunteers.get(member_key)
            viewer = await _viewer(tx, member_key)
        if stored is not None or viewer is None:
            return stored or VolunteerSettings(member_key)
        return VolunteerSettings(member_key, languages=frozenset({viewer.language}), time_zone=viewer.time_zone)

    async def burden(self, member_key: str) -> own.Burden | None:
        """How much the member is asked as a volunteer; None for who is not."""
        async with self._store.read() as tx:
            return await own.burden(tx, member_key, self._clock.now())

    # --- why ----------------------------------------------------------------------------------------------

    async def why(self, place: Place, member_key: str = "") -> Card:
        """What a message was decided by, in words: one of the bot, or one of a person that it reacted to or did not.
        The asker and the moderators see all of it, others what is not about people."""
        found, viewer = await self._explained(place, member_key)
        language, zone = (viewer.language, viewer.time_zone) if viewer else ("en", "UTC")
        return as_card(found, say_in(language), language, zone)

    async def explain(self, place: Place, member_key: str = "") -> Explanation:
        """The same as a value, for a surface that draws it."""
        return (await self._explained(place, member_key))[0]

    async def _explained(self, place: Place, member_key: str) -> tuple[Explanation, MemberRecord | None]:
        async with self._store.read() as tx:
            viewer = await _viewer(tx, member_key)
            say = say_in(viewer.language if viewer else "en")
            return await Reasons(tx, viewer, say, self._judge.speak_at, self._default_mode).of(place), viewer

    # --- what waits ---------------------------------------------------------------------------------------

    async def board(self, member_key: str, *, everything: bool = False) -> tuple[waiting.OnBoard, ...]:
        """Unanswered questions that the member may take or has, the oldest first; `everything`: the others too."""
        async with self._store.read() as tx:
            found = await waiting.board(tx, await _viewer(tx, member_key), member_key)
        return tuple(one for one in found if everything or one.may_take or one.mine)

    async def review_queue(self, member_key: str) -> tuple[waiting.InReview, ...]:
        """Drafts to be read, questions that could lead to a resource, then drafts whose author is still being asked; of
        each the oldest first."""
        async with self._store.read() as tx:
            viewer = await _viewer(tx, member_key)
            require(Action.PUBLISH, viewer)
            drafts = await tx.drafts.all()
            open_ = [d for d in drafts if d.state in (DraftState.IN_REVIEW, DraftState.AWAITING_CONSENT)]
            asked_for = await waiting.asked_for(open_, tx)
        open_ = [d for d in open_ if not d.asks_for or d.asks_for in asked_for]
        open_.sort(key=lambda d: (d.state is DraftState.AWAITING_CONSENT, bool(d.asks_for), d.created_at, d.id))
        similar = await similar_to(tuple(open_), self._librarian, self._judge)
        clinician = viewer is not None and Role.CLINICIAN in viewer.held
        return tuple(
            waiting.InReview(
                d,
                similar.get(d.id),
                d.state is DraftState.IN_REVIEW and (clinician or not d.medical),
                asked_for.get(d.asks_for),
            )
            for d in open_
        )

    async def phrase(self, draft_id: str, member_key: str) -> waiting.Proposed:
        """A question that could be one more way to ask for a resource, for whoever may add it. Raises Refused."""
        async with self._store.read() as tx:
            viewer = await _viewer(tx, member_key)
            require(Form.ADD_PHRASE, viewer)
            found = await waiting.phrase(tx, draft_id)
        if found.draft.medical and not (viewer is not None and Role.CLINICIAN in viewer.held):
            raise Refused(Notice.NOT_ALLOWED)
        return found

    async def draft(self, draft_id: str, member_key: str) -> Draft:
        """For its author, whoever saved it, and reviewers."""
        async with self._store.read() as tx:
            found = await tx.drafts.get(draft_id)
            viewer = await _viewer(tx, member_key)
        if found is None:
            raise Refused(Notice.GONE)
        if member_key not in (found.author, found.saved_by):
            require(Form.EDIT_DRAFT, viewer)
        return found

    # --- forms that open with something in them -----------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """The community's numbers."""
        return self._policy

    async def channel_settings(self, channel_key: str) -> Channel:
        """As they are stored, or as they are until a moderator chooses."""
        async with self._store.read() as tx:
            stored = await tx.channels.get(channel_key)
        return stored or Channel(channel_key, channel_key.rpartition(":")[2], self._default_mode)

    async def answer_to_save(
        self, place_key: str, member_key: str, *, text: str = "", author: str = "", thread_key: str = ""
    ) -> Prefilled:
        """The form SAVE_RESOURCE for an answer, with private details and members' names marked and taken out.
        The store knows what it took for an answer; of any other message the surface says what it sees: `text`,
        `author`, `thread_key`.
        Raises Refused."""
        async with self._store.read() as tx:
            require(Form.SAVE_RESOURCE, await _viewer(tx, member_key))
            there = await answer_there(tx, place_key, thread_key)
        return there.prefilled(text, author)


async def _viewer(tx: Transaction, member_key: str) -> MemberRecord | None:
    return (await tx.members.get([member_key])).get(member_key) if member_key else None
