"""Followed topics: whoever follows one is told what is new about it, in private and at most once a day.

What is to be told is noted in the transaction that publishes; a tick (`Following.tell_one`) puts it into one message
a person. So nobody gets five messages on a busy day, and a crash loses none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.effects import Notice, Notify, TellFollower
from bot.events import ButtonPressed, FormSubmitted
from bot.policy import Policy
from bot.ports import Clock, Store
from bot.question import Engaged, Refused
from bot.steps import Steps
from bot.wording import in_words
from knowledge.resources import Resource

QUIET = timedelta(days=1)  # between two messages to one follower
BATCH = 100  # followers told in one transaction
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
    """Also for a topic the community has given up."""
    await steps.tx.follows.unfollow(event.by.key, topic)
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
        """Tell whoever was told nothing for a day. Returns whether there was work. The messages go to the outbox, where
        the next tick finds them."""
        now = self._clock.now()
        async with self._store.read() as tx:
            if not await tx.follows.untold(now - QUIET, 1):
                return False
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, leased_until=now)
            found = await tx.follows.untold(now - QUIET, BATCH)
            for member, resources in found.items():
                await steps.say((TellFollower(member, resources),), f"news:{member}:{now.isoformat()}")
                await tx.follows.told(member, now)
        return bool(found)
