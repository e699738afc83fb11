"""A messenger on the project's own Discord, that knows of its channels what the bot's connection would know."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from adapters.discord.client import DiscordApi
from adapters.discord.figures import Figures
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.town import Site, site_of
from bot.cards import Card, Text
from bot.events import Member, Place
from tests.fakes.discord_payloads import ALICE, BOT, DM, GENERAL, GUILD, Json
from tests.fakes.discord_server import DiscordServer

CARD = Card((Text("Hello"),))
ASKER = Member("discord", GUILD, ALICE)


class Wall:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Connected:
    """Neither private conversations nor archived threads are known to a connection that begins anew."""

    bot = BOT

    def __init__(self, discord: DiscordServer) -> None:
        self._realm = discord.realm

    def site(self, channel: str) -> Site | None:
        found = self._realm.channels.get(channel)
        if found is None or found["type"] == DM or found.get("thread_metadata", {}).get("archived"):
            return None
        return site_of(found, GUILD, self)

    def home(self, user: str) -> str:
        return GUILD


class Mouth:
    """A messenger, with what it counted."""

    def __init__(self, api: DiscordApi, discord: DiscordServer) -> None:
        self._registry = CollectorRegistry()
        self.messenger = DiscordMessenger(api, Connected(discord), Wall(), Figures(self._registry))
        self.send = self.messenger.send
        self.revise = self.messenger.revise

    def counted(self, name: str) -> float:
        return self._registry.get_sample_value(f"winwin_discord_{name}_total") or 0.0


def place_of(message: Json, channel: str = GENERAL, thread: str = "") -> Place:
    return Place("discord", GUILD, channel, message["id"], thread or message["id"])


def asked(discord: DiscordServer, text: str = "What helps before a scan?", channel: str = GENERAL) -> Place:
    return place_of(discord.people_say(ALICE, text, channel), channel)


def alone(channel: str = GENERAL) -> Place:
    return Place("discord", GUILD, channel, "", "")
