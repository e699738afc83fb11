"""Discord, wired: the connection, and the line to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from adapters.settings import Settings
from adapters.wiring.letting_in import PlatformError
from bot.community import Topic
from bot.lookups import Lookups
from bot.ports import Clock, DeliveryError
from bot.surfaces.house import House

if TYPE_CHECKING:  # imported where Discord is set: discord.py is half a second
    from adapters.discord.connection import DiscordConnection
    from adapters.wiring.community import Community


def discord_connection(settings: Settings, clock: Clock, metrics: CollectorRegistry) -> DiscordConnection:
    from adapters.discord.client import point_to
    from adapters.discord.connection import DiscordConnection
    from adapters.discord.figures import Figures

    assert settings.discord_token is not None, "asked for only where it is set"
    point_to(settings.discord_api_url, settings.discord_gateway_url)
    token = settings.discord_token.get_secret_value()
    return DiscordConnection(token, clock, Figures(metrics), sharded=settings.discord_sharded)


async def open_discord(
    c: Community, discord: DiscordConnection, lookups: Lookups, topics: Callable[[], Sequence[Topic]], pages: str
) -> list[str]:
    """Returns the names of the servers."""
    house = House(c.store, lookups, c.clock, topics, c.settings.winwin_default_mode, pages, replies=True)
    discord.listen(c.desk.receive, house)
    try:
        return await discord.open()
    except DeliveryError as error:
        raise PlatformError(f"Discord does not let the bot in ({error})") from error
