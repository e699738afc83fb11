"""Followed topics: whoever follows one is told what is new about it, in private and at most once a day.

What is to be told is noted in the transaction that publishes; a tick (`Following.tell_one`) puts it into one message
a person. So nobody gets five messages on a busy day, and a crash loses none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.community import MemberRecord
from bot.effects import Notify, TellFollower
from bot.events import ButtonPressed, FormSubmitted
from bot.linking import accounts
from bot.news import Notice
from bot.policy import Policy
from bot.ports import Clock, Store
from bot.question import Engaged, Refused
from bot.steps import Steps
from bot.wording import in_words
from knowledge.resources import Resource

QUIET = timedelta(days=1)  # between two messages to one follower
BATCH = 100  # followers told in one transaction
EVERYBODY = 10_000  # looked at when somebody with two accounts is to be told
SAME = 0.8  # share of words two texts have in common from which an edit is no news
LONGEST = 100  # characters of a topic


async def follow(event: FormSubmitted, topics: frozenset[str], steps: Steps) -> None:
    """The form FOLLOW. `topics` are the community's; an empty set allows any."""
    topic = event.values.get("topic", "").strip()
    if event.values.get("on", "yes") != "yes":
        await stop(event, topic, steps)
        return
    if not topic or len(topic) > LONGEST or (topics and topic not in topics):
        raise Refused(Notice.GONE)
    if await steps.tx.follows.follow(event.by.key, topic, steps.now):
        await steps.engaged((Engaged("followed:topic", event.by.key),), "", "", f"follow:{topic}")
    await steps.say((Notify(event.by.key, Notice.FOLLOWING, in_words(topic)),), event.key)


async def stop(event: FormSubmitted | ButtonPressed, topic: str, steps: Steps) -> None:
    """Also for a topic the community has given up, and from whichever account the person followed it."""
    who = (await steps.tx.members.get([event.by.key])).get(event.by.key)
    for account in [m.key for m in await accounts(who, steps.tx)] if who else [event.by.key]:
        await steps.tx.follows.unfollow(account, topic)
    await steps.say((Notify(event.by.key, Notice.NOT_FOLLOWING, in_words(topic[:LONGEST])),), event.key)


async def note_followers(resource: Resource, authors: Sequence[str], steps: Steps) -> None:
    """Whoever follows one of its topics is to be told, but not the people who wrote it, from whichever account."""
    followers = await steps.tx.follows.followers(resource.topics)
    if not followers:
        return
    known = await steps.tx.members.get([*followers, *authors])
    wrote = {known[a].person for a in authors if a in known}
    told = [f for f in followers if f in known and not known[f].opted_out and known[f].person not in wrote]
    await steps.tx.follows.note(told, resource.id, steps.now)


def is_news(before: Resource, after: Resource) -> bool:
    """Whether an edit is worth a message: a fifth of the words or more are different, or it is about another topic."""
    old, new = (Counter(re.findall(r"\w+", f"{r.title} {r.text}".lower())) for r in (before, after))
    shared, most = (old & new).total(), max(old.total(), new.total())
    return bool(set(after.topics) - set(before.topics)) or shared < SAME * most


class Following:
    """The tick that tells."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def tell_one(self) -> bool:
        """Tell whoever was told nothing for a day: a person once, whatever their accounts follow. Returns whether there
        was work. The messages go to the outbox, where the next tick finds them."""
        now = self._clock.now()
        async with self._store.read() as tx:
            if not await tx.follows.untold(now - QUIET, 1):
                return False
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, leased_until=now)
            due = await tx.follows.untold(now - QUIET, BATCH)
            people = _people(due, await tx.members.all())
            waiting = await tx.follows.untold(now, EVERYBODY) if any(len(own) > 1 for own in people) else due
            for own in people:
                resources = dict.fromkeys(r for account in own for r in waiting.get(account, ()))
                await steps.say((TellFollower(own[0], tuple(resources)),), f"news:{own[0]}:{now.isoformat()}")
                for account in own:
                    await tx.follows.told(account, now)
        return bool(due)


def _people(due: Iterable[str], everybody: Iterable[MemberRecord]) -> list[list[str]]:
    """The accounts of whoever is to be told, by person; the first of each is the one to tell."""
    wanted = set(due)
    accounts_of: dict[str, list[MemberRecord]] = {}
    for m in everybody:
        accounts_of.setdefault(m.person, []).append(m)
    people = [own for own in accounts_of.values() if any(m.key in wanted for m in own)]
    people = [sorted(own, key=lambda m: (m.deactivated, m.key not in wanted, m.key)) for own in people]
    known = {m.key for own in people for m in own}
    return [*([m.key for m in own] for own in people), *([key] for key in sorted(wanted - known))]
