"""A forum's own tag says that a question is solved, and only when its asker has said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord.client import DiscordRefusal
from adapters.discord.solved import EVERY, Solved, says_solved
from adapters.discord.town import Site, site_of
from adapters.storage.memory import MemoryStore
from bot.community import Channel
from bot.events import Place
from bot.policy import Mode
from bot.question import Outcome, Status
from tests.adapters.discord.discord_paper import FORBIDDEN, LOST, Hands, PaperDiscord
from tests.fakes.discord_guild import Realm
from tests.fakes.discord_payloads import ALICE, BOT, GUILD, QUESTIONS
from tests.fakes.values import question

TAGS = [{"id": "7", "name": "School"}, {"id": "8", "name": "✅ Solved", "moderated": True}]


class Known:
    bot = BOT

    def __init__(self, realm: Realm) -> None:
        self._realm = realm

    def site(self, channel: str) -> Site | None:
        return site_of(self._realm.channels[channel], GUILD, self) if channel in self._realm.channels else None

    def home(self, user: str) -> str:
        return GUILD


class Forum:
    """A post in a forum, and the question that it is."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.paper = PaperDiscord(self.hands)
        self.store = MemoryStore()
        self.realm = self.paper.realm
        self.realm.channels[QUESTIONS]["available_tags"] = TAGS
        self.post = self.realm.start_thread(QUESTIONS, "Telling the school?", owner=ALICE)
        self.post["applied_tags"] = ["7"]
        self.barred: list[tuple[str, str, str]] = []
        self.solved = self.began()

    def began(self) -> Solved:
        return Solved(self.paper, Known(self.realm), self.store, self.hands, self.noticed)

    def noticed(self, refused: DiscordRefusal, guild: str, channel: str) -> DiscordRefusal:
        self.barred.append((refused.needs, guild, channel))
        return refused

    async def closed(self, **facts: Any) -> None:
        now, own = self.hands.now(), self.post["id"]
        place = Place("discord", GUILD, QUESTIONS, own, own)
        settled = {"status": Status.CLOSED, "outcome": Outcome.HELPED, "asked_at": now, "closed_at": now}
        async with self.store.begin() as tx:
            await tx.channels.save(Channel(place.channel_key, "questions", Mode.THREAD))
            await tx.questions.add(replace(question(place=place), **settled | facts))

    async def later(self) -> None:
        self.hands.seconds += EVERY.total_seconds()
        await self.solved.step()

    def changes(self) -> int:
        return len([call for call, _ in self.paper.sent if call.startswith("PATCH")])


@pytest.fixture
def forum() -> Forum:
    return Forum()


async def test_a_post_whose_question_was_solved_gets_the_tag_once(forum: Forum) -> None:
    await forum.solved.step()
    await forum.closed()
    await forum.later()
    assert forum.post["applied_tags"] == ["7", "8"]
    await forum.later()
    forum.solved = forum.began()  # another process
    await forum.solved.step()
    assert (forum.post["applied_tags"], forum.changes()) == (["7", "8"], 1)


@pytest.mark.parametrize(
    "facts",
    [
        {"outcome": Outcome.WITHDRAWN},
        {"outcome": Outcome.UNKNOWN},
        {"status": Status.ANSWERED, "outcome": None, "closed_at": None},
        {"closed_at": Hands().now() - timedelta(days=3)},
    ],
    ids=["withdrawn", "silence", "answered", "long ago"],
)
async def test_what_was_not_solved_or_long_ago_is_left(forum: Forum, facts: dict[str, Any]) -> None:
    await forum.closed(**facts)
    await forum.later()
    assert forum.post["applied_tags"] == ["7"]


async def test_a_forum_without_such_a_tag_and_a_sleeping_post_are_left(forum: Forum) -> None:
    forum.realm.channels[QUESTIONS]["available_tags"] = TAGS[:1]
    await forum.closed()
    await forum.later()
    other = Forum()
    other.realm.change_thread(other.post["id"], archived=True)
    await other.closed()
    await other.later()
    assert (forum.changes(), other.changes()) == (0, 0)


async def test_a_silence_is_tried_again_and_a_refusal_is_not(forum: Forum) -> None:
    await forum.closed()
    forum.paper.faults = ["", "", LOST]
    await forum.later()
    assert forum.post["applied_tags"] == ["7"]
    await forum.later()
    assert forum.post["applied_tags"] == ["7", "8"]
    other = Forum()
    await other.closed()
    other.paper.faults = ["", "", FORBIDDEN]
    await other.later()
    await other.later()
    assert (other.post["applied_tags"], other.changes()) == (["7"], 1)
    assert other.barred == [("Manage Posts", GUILD, QUESTIONS)], "moderators are told what to switch on"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Solved", True),
        ("✅ resuelto", True),
        ("ANSWERED!", True),
        ("Unsolved", False),
        ("Not solved", False),
        ("", False),
    ],
)
def test_a_tag_says_so_by_one_word(name: str, says: bool) -> None:
    assert says_solved(name) is says
