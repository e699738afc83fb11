"""A forum: its post is the question, its tags are topics, the solved one is set; a lock is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import simcord
from discord import Permissions

from bot.community import QuestionFilter
from bot.question import Question, Status
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.stage import Person, Setting

LETTER = {
    "id": "r1",
    "title": "Infusion days and school",
    "text": "A letter about school absence on infusion days.",
    "topics": "school",
}
TRAIN = {"id": "r2", "title": "On a train", "text": "Trains have a place for a pump.", "topics": "daily-life"}
SCHOOL = "School marks infusion days as absence, what can we do?"
KIND = "The one at the harbour has a very kind coach for shy kids."
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent", topics=("school",)),
    Person("kofi", volunteer="parent", topics=("daily-life",)),
    Person("moda", roles=("moderator",)),
)


class Forum(SimcordStage):
    room: simcord.ChannelHandle

    async def ask_here(self, who: str, title: str, text: str, *tags: str) -> str:
        made = self.world.posts_in_forum(who, self.room, title, text, *tags)
        return await self.settled(str(made.id))

    async def asked(self) -> Question:
        async with self.store.read() as tx:
            (question,) = await tx.questions.find(QuestionFilter())
        return question

    async def accepted(self) -> str:
        """Whoever was asked takes it."""
        asked = (await self.asked()).offered_to
        volunteer = next(name for name in ("tess", "kofi") if asked == self.key(name))
        await self.press(volunteer, "Accept")
        return volunteer

    def tags(self, post: str) -> list[str]:
        names = {int(tag["id"]): tag["name"] for tag in self.room._channel.available_tags}
        return [names[tag] for tag in self.world.backend.channels[int(post)].applied_tags]

    def said_in(self, post: str) -> list[str]:
        """What the bot said there, each by its first line."""
        said = self.world.backend.messages[int(post)].values()
        return [m.content.partition("\n")[0] for m in said if m.author_id == self.world.bot]

    async def put_away(self, post: str, *, locked: bool) -> None:
        change = {"archived": True, "locked": locked}
        self.world.backend.edit_channel(int(post), {}, thread_metadata=change)
        await self.settled()

    async def later(self) -> None:
        for _ in range(3):
            await self.wait(timedelta(minutes=1))
            await self.connection.catch_up()
        await self.settled()


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    stage = Forum()
    await stage.open(Setting(PEOPLE, (LETTER, TRAIN)))
    stage.room = stage.world.forum("questions", "School", "Daily life", "✅ Solved", "Off topic")
    await stage.settled()
    yield stage
    await stage.close()


async def test_a_post_is_the_question_and_is_answered_in_itself(forum):
    post = await forum.ask_here("dana", SCHOOL, "She is in the third year.")
    question = await forum.asked()
    assert question.text == f"{SCHOOL}\nShe is in the third year."
    assert (question.place.channel, question.place.thread) == (str(forum.room.id), post)
    assert forum.said_in(post) == ["This is from our community's library. It may help."]
    await forum.press("dana", "Not what I need")
    volunteer = await forum.accepted()
    assert forum.said_in(post)[-1] == f"{volunteer.title()} has taken your question and wants to answer it here."
    await forum.post(volunteer, KIND, post)
    assert (await forum.asked()).status is Status.ANSWERED


async def test_the_tags_of_a_post_are_its_topics(forum):
    await forum.ask_here("dana", "Does anybody know a good swimming club?", "She is nine.", "Daily life", "Off topic")
    question = await forum.asked()
    assert question.topics[0] == "daily-life"
    assert "Off topic" not in question.topics
    assert question.offered_to == forum.key("kofi")


async def test_an_answer_that_helped_sets_the_solved_tag_beside_the_others(forum):
    post = await forum.ask_here("dana", SCHOOL, "She is in the third year.", "School")
    await forum.press("dana", "This helped")
    await forum.later()
    assert forum.tags(post) == ["School", "✅ Solved"]
    await forum.later()
    assert len(forum.world.calls("PATCH", f"/channels/{post}")) == 1


async def test_without_the_permission_the_tag_is_left_and_the_question_is_solved_all_the_same(forum):
    forum.world.may(forum.room, deny=Permissions(manage_threads=True).value)
    await forum.settled()
    post = await forum.ask_here("dana", SCHOOL, "She is in the third year.")
    await forum.press("dana", "This helped")
    await forum.later()
    assert (forum.tags(post), (await forum.asked()).status) == ([], Status.CLOSED)


async def test_a_post_that_sleeps_is_woken_by_news(forum):
    post = await forum.ask_here("dana", "Does anybody know a good swimming club?", "She is nine.")
    await forum.put_away(post, locked=False)
    await forum.accepted()
    assert forum.said_in(post)[-1].endswith("has taken your question and wants to answer it here.")
    assert not forum.world.backend.channels[int(post)].thread_metadata.archived


async def test_a_post_that_was_locked_stays_so_and_its_asker_is_told_in_private(forum):
    post = await forum.ask_here("dana", "Does anybody know a good swimming club?", "She is nine.")
    before = forum.said_in(post)
    await forum.put_away(post, locked=True)
    await forum.accepted()
    assert forum.said_in(post) == before
    assert forum.world.backend.channels[int(post)].thread_metadata.archived
    news = (await forum.sees("dana"))[-1]
    assert news.alone
    assert news.words.endswith("has taken your question and wants to answer it here.")


async def test_a_question_without_a_name_is_a_post_of_the_bots_own(forum):
    shown = await forum.world.people["dana"].slash(forum.world.channel, "ask", question=SCHOOL)
    forum._last = await forum._began(shown)
    channel = f"discord:{forum.guild}:{forum.room.id}"
    await forum.submit("dana", {"how": "anonymous", "channel": channel})
    post = forum.room.threads[-1]
    assert post.name.startswith("School marks infusion days as absence")
    assert "Dana" not in str(forum.said_in(str(post.id)))


async def test_a_post_that_was_made_while_nobody_listened_is_read_up_on_with_its_tags(forum):
    await forum.stop()
    forum.world.posts_in_forum("dana", forum.room, SCHOOL, "She is in the third year.", "School")
    await forum.start()
    for _ in range(6):
        await forum.connection.catch_up()
        await forum.wait(timedelta(seconds=1))
    await forum.settled()
    question = await forum.asked()
    assert question.text.startswith(SCHOOL)
    assert question.topics[0] == "school"
