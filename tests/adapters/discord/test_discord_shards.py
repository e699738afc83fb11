"""The whole connection in two shards: one desk for the servers of both, and a cut of one leaves the other alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.community import QuestionFilter
from tests.dialogues.discord_stage import CHANNEL, DiscordStage, Json, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_payloads import BOT, GUILD
from tests.fakes.discord_reading import words_of

OTHER, LOUNGE = str(int(GUILD) + (1 << 22)), "200000000000000088"  # a server of the other shard, and its channel
CLUB = "Does anybody know a good swimming club?"
PEOPLE = (Person("dana"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))


class TwoShards(DiscordStage):
    sharded = True

    async def _start(self) -> None:
        self.discord.gateway.shards = 2
        await super()._start()
        await self.discord.until(lambda: len(self.discord.gateway.sessions) == 2)  # discord.py begins them 5 s apart
        await self._settled()

    def enter_other(self) -> None:
        """The bot is put into a server whose events come on the second shard."""
        realm = self.discord.realm
        lounge = realm.open_channel(LOUNGE, "lounge", guild_id=OTHER)
        known = {"id": OTHER, "guild_id": OTHER, "name": "Other", "roles": [payloads.role(OTHER, "@everyone")]}
        known |= {"channels": [lounge], "threads": [], "members": [realm.members[BOT]], "member_count": 2}
        self.discord.gateway.emit("GUILD_CREATE", payloads.guild_of(realm.stamp()) | known)

    def said_there(self, who: str, text: str) -> Json:
        realm = self.discord.realm
        message = realm.post(LOUNGE, user(who), {"content": text}, heard=False)
        self.discord.gateway.emit("MESSAGE_CREATE", realm.heard(message) | {"guild_id": OTHER})
        return message


@pytest.fixture
async def stage() -> AsyncIterator[TwoShards]:
    stage = TwoShards()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


async def asked(stage: TwoShards) -> set[tuple[str, str]]:
    async with stage.store.read() as tx:
        rows = await tx.questions.find(QuestionFilter())
        return {(q.place.space, q.text) for q in rows}


async def cut(stage: TwoShards, shard: int) -> None:
    gateway = stage.discord.gateway
    for line in [one for one in gateway.lines if one.session is not None and one.session.shard[0] == shard]:
        gateway._gone(line)
        line.abort()


async def test_both_shards_are_heard_and_one_that_is_cut_resumes_alone(stage: TwoShards) -> None:
    gateway = stage.discord.gateway
    assert sorted(s.shard for s in gateway.sessions.values()) == [(0, 2), (1, 2)]
    stage.enter_other()
    await stage._settled()
    assert sorted(stage.connection.guilds.ids()) == [GUILD, OTHER]

    here = await stage.post("dana", CLUB)
    there = stage.said_there("dana", f"{CLUB} Near the lake?")
    await stage._settled()
    assert any("asking one of our volunteers" in words_of(m) for m in stage.discord.posts(here))

    identified = len(gateway.identified)
    await cut(stage, 1)
    missed = stage.said_there("dana", "Does anybody know a good riding school?")
    stage.discord.people_say(user("dana"), "Does anybody know a good dentist?", CHANNEL)
    await stage.discord.until(lambda: len(gateway.resumed) == 1)
    await stage._settled()
    assert len(gateway.identified) == identified
    assert await asked(stage) == {
        (GUILD, CLUB),
        (OTHER, str(there["content"])),
        (OTHER, str(missed["content"])),
        (GUILD, "Does anybody know a good dentist?"),
    }
