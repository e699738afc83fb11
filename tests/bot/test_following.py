"""Followed topics: told once, in private, at most once a day, and only those who still want to know."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action, Form
from bot.following import is_news
from knowledge.resources import Resource
from tests.fakes.community import Community
from tests.fakes.values import key

NEW = "New in our library, on what you follow:"


async def publish(community: Community, title: str, topics: str = "school", author: str = "tess") -> None:
    await community.enter(author, shares_answers=True)
    values = {"title": title, "text": f"About {title}.", "topics": topics, "author": key(author)}
    await community.submit("moda", Form.SAVE_RESOURCE, "", {**values, "publish_at_once": "yes"})


async def follow(community: Community, name: str, topic: str = "school", on: str = "yes") -> None:
    await community.submit(name, Form.FOLLOW, "", {"topic": topic, "on": on})


async def tick(community: Community) -> None:
    while await community.following.tell_one():
        pass
    await community.desk.settle()


def news(community: Community, name: str) -> list[str]:
    return [words for words in community.private(name) if words.startswith(NEW)]


async def test_a_follower_is_told_of_what_is_published_and_may_stop_with_a_button(anywhere: Community):
    await follow(anywhere, "dana")
    assert anywhere.last("dana").endswith("At most one message a day: school")
    await publish(anywhere, "Letters")
    await publish(anywhere, "Soup", "diet")
    await tick(anywhere)
    assert news(anywhere, "dana") == [f"{NEW}\nLetters\nAbout Letters.\nReviewed by Moda"]
    await anywhere.press("dana", "Stop: school")
    await publish(anywhere, "Trips")
    await anywhere.wait(days=2)
    await tick(anywhere)
    assert len(news(anywhere, "dana")) == 1
    assert ("followed:topic", "dana") in await anywhere.behaviours()


async def test_who_stops_before_it_is_told_is_not_told(anywhere: Community):
    await follow(anywhere, "dana")
    await publish(anywhere, "Letters")
    await follow(anywhere, "dana", on="no")
    await tick(anywhere)
    assert news(anywhere, "dana") == []


async def test_there_is_one_message_a_day_and_the_rest_comes_with_the_next(anywhere: Community):
    await follow(anywhere, "dana")
    await publish(anywhere, "One")
    await tick(anywhere)
    await publish(anywhere, "Two")
    await publish(anywhere, "Three")
    await tick(anywhere)
    assert len(news(anywhere, "dana")) == 1
    await anywhere.wait(hours=23)
    await tick(anywhere)
    assert len(news(anywhere, "dana")) == 1
    await anywhere.wait(hours=1)
    await tick(anywhere)
    await tick(anywhere)
    first, second = news(anywhere, "dana")
    assert [title in second for title in ("One", "Two", "Three")] == [False, True, True]
    assert "One" in first


async def test_the_author_is_not_told_of_their_own_from_none_of_their_accounts(home: Community):
    await home.enter("tess", shares_answers=True)
    await home.enter("tess2", person="p-tess")
    for name in ("tess", "tess2", "moda", "dana"):
        await follow(home, name)
    await publish(home, "Letters")
    await home.enter("tess2", person="p-tess")
    await tick(home)
    assert [len(news(home, name)) for name in ("tess", "moda", "dana")] == [0, 0, 1]


async def test_who_opted_out_or_was_forgotten_is_told_nothing_also_when_it_was_noted_before(anywhere: Community):
    for name in ("dana", "ben"):
        await follow(anywhere, name)
    await publish(anywhere, "Letters")
    await anywhere.force("dana", Action.OPT_OUT, "x")
    await anywhere.force("ben", Action.FORGET_ME, "x")
    await tick(anywhere)
    await publish(anywhere, "More")
    await anywhere.wait(days=2)
    await tick(anywhere)
    assert news(anywhere, "dana") == news(anywhere, "ben") == []


async def test_what_was_retired_before_it_was_told_is_not_told(home: Community):
    await follow(home, "dana")
    await home.submit("moda", Form.EDIT_RESOURCE, "r1", {"title": "All new", "text": "Words.", "topics": "school"})
    await home.submit("moda", Form.RETIRE_RESOURCE, "r1", {})
    await tick(home)
    assert news(home, "dana") == []


async def test_a_substantial_edit_and_a_merge_are_news_and_a_comma_is_not(home: Community):
    await follow(home, "dana")
    r1 = home.librarian.library.get("r1")
    same = {"title": r1.title, "text": r1.text.replace(":", ","), "topics": "school"}
    await home.submit("moda", Form.EDIT_RESOURCE, "r1", same)
    await tick(home)
    assert news(home, "dana") == []
    await home.submit("moda", Form.EDIT_RESOURCE, "r1", {**same, "text": "Quite another text about something."})
    await tick(home)
    assert len(news(home, "dana")) == 1
    await home.enter("tess", shares_answers=True)
    values = {"title": "Quite another", "text": "Something about a text.", "author": key("tess")}
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    async with home.store.read() as tx:
        draft = (await tx.drafts.all())[0].id
    await home.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    await home.wait(days=1)
    await tick(home)
    assert len(news(home, "dana")) == 2


async def test_only_topics_of_the_community_are_followed_and_stopping_is_always_possible(home: Community):
    await follow(home, "dana", "")
    assert home.last("dana").startswith("This is no longer there.")
    await follow(home, "dana", "x" * 101)
    assert home.last("dana").startswith("This is no longer there.")
    await follow(home, "dana", "school")
    await follow(home, "dana", "school")
    await follow(home, "dana", "school", "no")
    assert home.last("dana") == "All right, I will not write to you about this any more: school"
    assert [b for b, _ in await home.behaviours()].count("followed:topic") == 1


async def test_a_message_lists_five_and_counts_the_rest(home: Community):
    await follow(home, "dana")
    for number in range(7):
        await publish(home, f"Title {number}")
    await tick(home)
    (words,) = news(home, "dana")
    assert words.count("Reviewed by") == 5
    assert words.endswith("And 2 more, which you can find in the library.")


async def test_no_sentence_with_a_figure_of_a_medical_resource_is_in_the_message(home: Community):
    await follow(home, "dana")
    await home.shelve(Resource("m1", "Doses", "Old.", topics=("school",), medical=True, reviewed_by="Cleo"))
    values = {"title": "Doses", "text": "Take 5 mg at noon. Ask your team.", "topics": "school"}
    await home.submit("cleo", Form.EDIT_RESOURCE, "m1", values)
    await tick(home)
    (words,) = news(home, "dana")
    assert "Ask your team." in words
    assert "5 mg" not in words


BEFORE = Resource("r1", "Letters", " ".join(f"word{n}" for n in range(99)), topics=("school",))


@pytest.mark.parametrize(
    ("after", "news_"),
    [
        (replace(BEFORE, text=BEFORE.text.upper()), False),
        (replace(BEFORE, text=BEFORE.text.replace("word1", "other1")), False),
        (replace(BEFORE, text=f"{BEFORE.text} {BEFORE.text}"), True),
        (replace(BEFORE, text="another"), True),
        (replace(BEFORE, topics=("school", "travel")), True),
        (replace(BEFORE, topics=()), False),
    ],
)
def test_an_edit_is_news_when_a_fifth_of_it_changed_or_the_topic(after: Resource, news_: bool):
    assert is_news(BEFORE, after) is news_


async def test_a_crash_between_noting_and_telling_loses_and_repeats_nothing(anywhere: Community):
    await follow(anywhere, "dana")
    await publish(anywhere, "Letters")
    await anywhere.restart()
    await tick(anywhere)
    await anywhere.restart()
    await tick(anywhere)
    anywhere.clock.move(timedelta(days=3))
    await tick(anywhere)
    assert len(news(anywhere, "dana")) == 1


async def linked(community: Community, one: str, other: str) -> None:
    """As after a code was given back: one person."""
    await community.enter(other, person=f"p-{one}")


def heard(community: Community, *names: str) -> int:
    return sum(len(news(community, name)) for name in names)


@pytest.mark.parametrize("before", [True, False], ids=["linked before", "linked after it was noted"])
async def test_one_person_with_two_accounts_is_told_once_and_stops_once(anywhere: Community, before):
    await follow(anywhere, "dana")
    await follow(anywhere, "ben")
    if before:
        await linked(anywhere, "dana", "ben")
    await publish(anywhere, "Letters")
    await linked(anywhere, "dana", "ben")
    await tick(anywhere)
    assert heard(anywhere, "dana", "ben") == 1
    await publish(anywhere, "Trips")
    await tick(anywhere)
    assert heard(anywhere, "dana", "ben") == 1  # at most one message a day, from whichever account
    await anywhere.wait(days=1)
    await tick(anywhere)
    assert heard(anywhere, "dana", "ben") == 2
    await anywhere.press("ben" if news(anywhere, "ben") else "dana", "Stop: school")
    await publish(anywhere, "Meals")
    await anywhere.wait(days=1)
    await tick(anywhere)
    assert heard(anywhere, "dana", "ben") == 2


async def test_what_either_account_follows_is_in_the_one_message(anywhere: Community):
    await linked(anywhere, "dana", "ben")
    await follow(anywhere, "dana")
    await follow(anywhere, "ben", "diet")
    await publish(anywhere, "Letters")
    await publish(anywhere, "Soup", "diet")
    await tick(anywhere)
    (words,) = news(anywhere, "dana") + news(anywhere, "ben")
    assert "Letters" in words
    assert "Soup" in words


async def test_what_one_account_has_left_is_told_for_the_other(home: Community):
    await follow(home, "ben")
    await follow(home, "dana")
    await linked(home, "dana", "ben")
    await publish(home, "Letters")
    async with home.store.begin() as tx:
        await tx.follows.unfollow(key("ben"), "school")
    await tick(home)
    assert heard(home, "dana", "ben") == 1


async def test_an_account_that_is_switched_off_is_not_the_one_that_is_told(home: Community):
    await follow(home, "ben")
    await follow(home, "dana")
    await home.enter("ben", person="p-dana", deactivated=True)
    await publish(home, "Letters")
    await tick(home)
    assert [len(news(home, name)) for name in ("ben", "dana")] == [0, 1]
