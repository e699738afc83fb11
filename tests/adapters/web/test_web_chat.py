"""The chat store: who sees what, nothing twice, nothing missed."""

from datetime import timedelta

from web_town import NOON, Town

LATER = NOON + timedelta(minutes=5)


async def test_a_thread_and_what_stands_under_its_first_post(town: Town) -> None:
    chat = town.chat
    root = await chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    await chat.add(channel="school", author="tess", at=LATER, text="Yes", thread=root.id)
    await chat.add(channel="school", author="winwin", at=LATER, thread=root.id, only_for="dana")
    assert root.thread == root.id
    assert [p.text for p in await chat.thread(root.id, "tess")] == ["Any tips?", "Yes"]
    assert len(await chat.thread(root.id, "dana")) == 3
    assert [p.id for p in await chat.roots("school", "tess", 10)] == [root.id]
    assert (await chat.replies([root.id], "tess"))[root.id].authors == ("tess",)
    assert (await chat.replies([root.id], "dana"))[root.id].count == 2


async def test_the_same_key_writes_once(town: Town) -> None:
    first = await town.chat.add(channel="school", author="winwin", at=NOON, card="{}", key="w1")
    again = await town.chat.add(channel="school", author="winwin", at=LATER, card="{}", key="w1")
    assert again == first


async def test_everything_since_a_change_is_told_in_order_and_only_to_those_who_may_see_it(town: Town) -> None:
    chat = town.chat
    one = await chat.add(channel="school", author="dana", at=NOON, text="one")
    since = await chat.latest()
    two = await chat.add(channel="talk", author="dana", at=NOON, text="two")
    await chat.add(channel="dm-tess", author="winwin", at=NOON, card="{}")
    await chat.add(channel="school", author="winwin", at=NOON, thread=one.id, only_for="sol", card="{}")
    await chat.edit(one.id, "one, edited", LATER)
    assert [(p.id, p.text) for p in await chat.changed(since, "dana")] == [(two.id, "two"), (one.id, "one, edited")]
    assert {p.channel for p in await chat.changed(since, "tess")} == {"talk", "dm-tess", "school"}


async def test_a_deleted_post_keeps_its_place_and_not_its_words(town: Town) -> None:
    post = await town.chat.add(channel="school", author="dana", at=NOON, text="a secret")
    gone = await town.chat.delete(post.id, LATER)
    assert gone is not None
    assert (gone.text, gone.deleted_at) == ("", LATER)
    assert await town.chat.edit(post.id, "back again", LATER) is None
    assert await town.chat.delete(post.id, LATER) is None


async def test_what_was_not_reported_is_found_and_a_change_in_between_stays_unreported(town: Town) -> None:
    chat = town.chat
    post = await chat.add(channel="school", author="dana", at=NOON, text="one")
    await chat.add(channel="school", author="winwin", at=NOON, card="{}", reported=True)
    assert [p.id for p in await chat.unreported(10)] == [post.id]
    await chat.edit(post.id, "two", LATER)
    await chat.reported(post.id, post.changed)
    assert [p.text for p in await chat.unreported(10)] == ["two"]
    (left,) = await chat.unreported(10)
    await chat.reported(left.id, left.changed)
    assert await chat.unreported(10) == []


async def test_unread_marks_are_for_others_posts_that_one_may_see(town: Town) -> None:
    chat = town.chat
    await chat.add(channel="school", author="dana", at=NOON, text="mine")
    await chat.add(channel="school", author="tess", at=NOON, text="hers")
    await chat.add(channel="school", author="winwin", at=NOON, only_for="sol", card="{}")
    await chat.add(channel="dm-dana", author="winwin", at=NOON, card="{}")
    await chat.add(channel="dm-tess", author="winwin", at=NOON, card="{}")
    assert await chat.unread("dana") == {"school": 1, "dm-dana": 1}
    assert list((await chat.waiting()).items()) == [("tess", 1), ("dana", 1)], "who was written to last comes first"
    await chat.mark_read("dana", "school")
    await chat.mark_read("dana", "dm-dana")
    assert await chat.unread("dana") == {}
    assert await chat.waiting() == {"tess": 1}


async def test_forgetting_takes_every_word_and_the_private_conversation(town: Town) -> None:
    chat = town.chat
    await chat.add(channel="school", author="dana", at=NOON, text="canary")
    await chat.add(channel="dm-dana", author="winwin", at=NOON, card="canary")
    kept = await chat.add(channel="school", author="tess", at=NOON, text="stays")
    await chat.forget("dana", LATER)
    everything = await chat.changed(0, "dana")
    assert [p.text or p.card for p in everything if p.deleted_at is None] == [kept.text]


async def test_older_posts_are_read_page_by_page(town: Town) -> None:
    for number in range(5):
        await town.chat.add(channel="school", author="dana", at=NOON, text=str(number))
    newest = await town.chat.roots("school", "dana", 2)
    assert [p.text for p in newest] == ["3", "4"]
    assert [p.text for p in await town.chat.roots("school", "dana", 2, before=newest[0].id)] == ["1", "2"]


async def test_an_id_that_is_no_number_is_nobody(town: Town) -> None:
    assert await town.chat.get("1 OR 1=1") is None
    assert await town.chat.get("9" * 40) is None
