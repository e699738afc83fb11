"""Thanks: once a month a volunteer hears what their answers led to, in their own hours, unless they don't want to.

People are counted, not clicks. A resource counts as used when somebody opened it, or when it was shown, no person
answered, and the asker said it helped. Who has nothing to hear is told nothing, and looked at again a month later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.community import Engagement, MemberRecord, QuestionFilter
from bot.curation import Draft, DraftState
from bot.effects import ThankVolunteer
from bot.policy import Policy
from bot.ports import Clock, Store, Transaction
from bot.question import Outcome, Question, Status
from bot.quiet import awake
from bot.steps import Steps

MONTH = timedelta(days=30)
BATCH = 200  # volunteers thanked in one transaction
LOOKED_AT = 2_000  # of those who wait the longest, for those who are awake
EVERYTHING = 10_000  # questions read at once
BEHAVIOURS = ("answered:question", "pressed:helped", "opened:resource")


@dataclass(frozen=True, slots=True)
class Impact:
    """Questions somebody answered, those of them whose asker said that it helped, and how many others used what became
    of their answers."""

    answered: int = 0
    helped: int = 0
    families: int = 0


@dataclass(slots=True)
class Lately:
    """What happened, read once for everybody who is to be thanked. By person; questions and resources by id."""

    answered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    helped: set[str] = field(default_factory=set)
    wrote: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # of a resource

    def impact(self, person: str) -> Impact:
        answered = self.answered.get(person, set())
        users = {user for r in self.wrote.get(person, ()) for user in self.users.get(r, ())} - {person}
        return Impact(len(answered), len(answered & self.helped), len(users))


def lately(
    rows: Iterable[Engagement],
    closed: Iterable[Question],
    drafts: Iterable[Draft],
    members: Iterable[MemberRecord],
    since: datetime,
) -> Lately:
    """`closed` are questions closed by now; those closed before `since` do not count. Staff and bots are nobody's
    family."""
    members = tuple(members)
    person = {m.key: m.person for m in members}
    staff = {m.person for m in members if m.staff}
    found = Lately()
    for draft in drafts:
        if draft.state is DraftState.PUBLISHED and draft.resource and draft.author in person:
            found.wrote[person[draft.author]].add(draft.resource)
    for row in rows:
        who = person.get(row.member, row.person or row.member)
        match row.behaviour:
            case "answered:question":
                found.answered[who].add(row.question)
            case "pressed:helped":
                found.helped.add(row.question)
            case "opened:resource" if who not in staff:
                found.users[row.resource].add(who)
            case _:
                pass
    for q in closed:
        by_itself = q.outcome is Outcome.HELPED and not q.answered_by and q.asker_person not in staff
        if by_itself and q.closed_at is not None and q.closed_at >= since:
            for resource in q.suggested:
                found.users[resource].add(q.asker_person)
    return found


class Thanking:
    """The tick that thanks."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def thank_one(self) -> bool:
        """Thank those who were told nothing for a month and are awake, a person once. Returns whether there was work.
        The messages go to the outbox, where the next tick finds them. All that is read is read before anything is
        written: nobody waits for it. Done twice on one day, it says the same once."""
        now = self._clock.now()
        async with self._store.read() as tx:
            due = await _due(tx, now)
            if not due:
                return False
            members = await tx.members.all()
            known = await _lately(tx, members, now - MONTH)
        people = _people(due, members)
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, leased_until=now)
            for person, own in people.items():
                told = known.impact(person)
                if told != Impact():
                    wish = ThankVolunteer(own[0], told.answered, told.helped, told.families)
                    await steps.say((wish,), f"thanks:{own[0]}:{now:%Y-%m-%d}")
            await tx.volunteers.thanked([member for own in people.values() for member in own], now)
        return True


async def _due(tx: Transaction, now: datetime) -> list[str]:
    found = await tx.volunteers.thanks_due(now - MONTH, LOOKED_AT)
    return [member for member, hours in found.items() if awake(hours, now)][:BATCH]


def _people(due: Sequence[str], members: Iterable[MemberRecord]) -> dict[str, list[str]]:
    """By person every account of theirs; the first one is told."""
    accounts: dict[str, list[str]] = defaultdict(list)
    person = {}
    for m in members:
        accounts[m.person].append(m.key)
        person[m.key] = m.person
    first = {person[member]: member for member in reversed(due)}
    return {p: [member, *(key for key in accounts[p] if key != member)] for p, member in first.items()}


async def _lately(tx: Transaction, members: Sequence[MemberRecord], since: datetime) -> Lately:
    done = QuestionFilter(statuses=frozenset({Status.CLOSED}), asked_from=since - MONTH, limit=EVERYTHING)
    rows, closed = await tx.engagement.since(since, BEHAVIOURS), await tx.questions.find(done)
    return lately(rows, closed, await tx.drafts.all(), members, since)
