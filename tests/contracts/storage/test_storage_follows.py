"""Followed topics with what followers are to be told, and one-time codes that link two accounts."""

from __future__ import annotations

from dataclasses import replace

from storage_values import ANA, BEN, CLEO, DAY, LEASE, MINUTE, NOW, alert, answer, arrival, draft, offer, record

from bot.community import Channel
from bot.curation import DraftState
from bot.policy import Mode
from bot.ports import Store
from knowledge.resources import Resource, ReviewState


async def test_a_topic_is_followed_once_and_left_once(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.follows.follow(ANA.key, "school", NOW)
        assert not await tx.follows.follow(ANA.key, "school", NOW)
        assert await tx.follows.follow(ANA.key, "diet", NOW)
        assert await tx.follows.follow(BEN.key, "diet", NOW)
        assert await tx.follows.of(ANA.key) == ("diet", "school")
        assert await tx.follows.followers(["diet", "school"]) == (ANA.key, BEN.key)
        assert await tx.follows.followers(["travel"]) == await tx.follows.followers([]) == ()
        assert await tx.follows.unfollow(ANA.key, "diet")
        assert not await tx.follows.unfollow(ANA.key, "diet")
    async with store.read() as tx:
        assert await tx.follows.followers(["diet"]) == (BEN.key,)


async def test_what_a_follower_is_to_be_told_waits_until_they_were_told_long_enough_ago(store: Store) -> None:
    async with store.begin() as tx:
        await tx.follows.note([ANA.key, BEN.key], "r2", NOW)
        await tx.follows.note([ANA.key], "r1", NOW + MINUTE)
        await tx.follows.note([ANA.key], "r2", NOW + MINUTE)
        await tx.follows.note([], "r3", NOW)
        assert await tx.follows.untold(NOW, 10) == {ANA.key: ("r2", "r1"), BEN.key: ("r2",)}
        assert await tx.follows.untold(NOW, 1) == {ANA.key: ("r2", "r1")}
        await tx.follows.told(ANA.key, NOW)
        assert await tx.follows.untold(NOW, 10) == {BEN.key: ("r2",)}
        await tx.follows.note([ANA.key], "r2", NOW + MINUTE)
        assert await tx.follows.untold(NOW - MINUTE, 10) == {BEN.key: ("r2",)}
        assert ANA.key in await tx.follows.untold(NOW, 10)
        await tx.follows.told(ANA.key, NOW + DAY)
        assert ANA.key not in await tx.follows.untold(NOW + DAY, 10)


async def test_a_code_is_somebodys_until_its_time_is_over_or_it_is_spent(store: Store) -> None:
    async with store.begin() as tx:
        await tx.links.add("h1", ANA.key, NOW + MINUTE)
        await tx.links.add("h2", ANA.key, NOW + DAY)
        await tx.links.add("h3", BEN.key, NOW + DAY)
        assert await tx.links.maker("h1", NOW) == ANA.key
        assert await tx.links.maker("h1", NOW + MINUTE) == await tx.links.maker("other", NOW) == ""
        await tx.links.spend(ANA.key)
        assert [await tx.links.maker(h, NOW) for h in ("h1", "h2", "h3")] == ["", "", BEN.key]


async def test_tries_are_counted_and_old_ones_dropped(store: Store) -> None:
    async with store.begin() as tx:
        await tx.links.add("h1", ANA.key, NOW)
        await tx.links.add("h2", ANA.key, NOW + DAY)
        for at in (NOW, NOW + MINUTE, NOW + MINUTE):
            await tx.links.tried(ANA.key, at)
        assert await tx.links.tries(ANA.key, NOW) == 2
        assert await tx.links.tries(BEN.key, NOW) == 0
        await tx.links.clear(NOW)
        assert await tx.links.tries(ANA.key, NOW - DAY) == 2
        assert await tx.links.maker("h1", NOW - MINUTE) == ""
        assert await tx.links.maker("h2", NOW) == ANA.key


async def test_whoever_is_forgotten_follows_nothing_and_has_no_codes(store: Store) -> None:
    async with store.begin() as tx:
        for key in (ANA.key, BEN.key):
            await tx.members.save(record(ANA if key == ANA.key else BEN))
            await tx.follows.follow(key, "diet", NOW)
            await tx.follows.note([key], "r1", NOW)
            await tx.follows.told(CLEO.key, NOW)
            await tx.links.add(f"h-{key}", key, NOW + DAY)
            await tx.links.tried(key, NOW)
        await tx.members.forget(ANA.key, NOW)
        assert await tx.follows.of(ANA.key) == ()
        assert await tx.follows.followers(["diet"]) == (BEN.key,)
        assert await tx.follows.untold(NOW + DAY, 10) == {BEN.key: ("r1",)}
        assert [await tx.links.maker(f"h-{key}", NOW) for key in (ANA.key, BEN.key)] == ["", BEN.key]
        assert [await tx.links.tries(key, NOW - DAY) for key in (ANA.key, BEN.key)] == [0, 1]


BASE = Resource("r1", "Infusions", "Bring crisps.", topics=("infusions",))
MERGED = replace(BASE, text="Bring crisps.\n\nbring a blanket", version=2)
OWN = draft("d1", state=DraftState.PUBLISHED, resource="r1")


async def test_a_paragraph_that_was_merged_goes_with_its_author_and_the_rest_stays(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(BEN))
        await tx.resources.put([BASE], NOW)
        await tx.resources.put([MERGED], NOW)
        await tx.drafts.save(OWN)
        assert await tx.members.forget(BEN.key, NOW) == [replace(BASE, version=3)]
        assert await tx.members.forget(BEN.key, NOW) == []
        assert await tx.resources.get(["r1"]) == {"r1": replace(BASE, version=3)}


async def test_a_merged_paragraph_that_was_reworded_since_takes_the_whole_resource_with_it(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(BEN))
        await tx.resources.put([replace(MERGED, text="Bring crisps. Or a warm blanket.")], NOW)
        await tx.drafts.save(OWN)
        (changed,) = await tx.members.forget(BEN.key, NOW)
        assert (changed.text, changed.title, changed.state) == ("", "", ReviewState.RETIRED)


async def test_the_channel_for_the_digest_is_kept(store: Store) -> None:
    team = Channel("web:home:team", "Team", Mode.OFF, digest=True)
    async with store.begin() as tx:
        await tx.channels.save(team)
        await tx.channels.save(replace(team, key="web:home:talk", digest=False))
        assert [c.digest for c in await tx.channels.all()] == [False, True]
        assert await tx.channels.get(team.key) == team


async def test_what_is_held_of_one_member_can_be_read(store: Store) -> None:
    async with store.begin() as tx:
        await tx.answers.put(answer("a2", by=BEN))
        await tx.answers.put(answer("a1", by=BEN))
        await tx.answers.put(answer("a3", by=CLEO))
        await tx.alerts.save(alert("al2", raised_at=NOW + MINUTE))
        await tx.alerts.save(alert("al1"))
        await tx.alerts.save(alert("al3", author=BEN.key))
        await tx.inbox.add([arrival("m1"), arrival("m2", by=BEN)], NOW, LEASE)
        (parked,) = await tx.inbox.add([arrival("m3")], NOW, LEASE)
        await tx.inbox.park(parked.id, NOW, "broken")
        (done,) = await tx.inbox.add([arrival("m4")], NOW, LEASE)
        await tx.inbox.finish([done.id], NOW)
        await tx.outbox.add([offer("k1", BEN.key), offer("k2", CLEO.key), offer("k3", BEN.key)], NOW, LEASE)
        assert [a.place.message for a in await tx.answers.by(BEN.key)] == ["a1", "a2"]
        assert [a.id for a in await tx.alerts.about(ANA.key)] == ["al1", "al2"]
        assert [row.arrival for row in await tx.inbox.by(ANA.key)] == [arrival("m1"), arrival("m3")]
        assert [row.wish.key for row in await tx.outbox.to(BEN.key)] == ["k1", "k3"]
        assert await tx.outbox.to("") == await tx.inbox.by("") == await tx.alerts.about("x") == []
