"""A supervisor on the project's own Discord, impatient, that notes what it hears."""

from __future__ import annotations

from typing import Any

from adapters.discord.client import DiscordApi, point_to
from adapters.discord.figures import Figures
from adapters.discord.gateway import Patience
from adapters.discord.guilds import Guilds
from adapters.discord.supervisor import Supervisor
from tests.fakes.discord_server import TOKEN, DiscordServer

HASTY = Patience(0.01, 0.05, settled=0.5, deaf=5.0, lost=5.0, identify=0.01, goodbye=0.2)


class Line:
    def __init__(self, discord: DiscordServer, *, token: str = TOKEN, patience: Patience = HASTY, **more: Any) -> None:
        point_to(discord.api_url, discord.gateway_url)
        self.api, self.guilds, self.figures = DiscordApi(), Guilds(), Figures()
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.gaps = 0
        self.breaks = 0  # so many events are not taken
        self.supervisor = Supervisor(
            token, self.api, self.guilds, self.take, gap=self.gap, figures=self.figures, patience=patience, **more
        )

    async def take(self, name: str, data: dict[str, Any]) -> None:
        if self.breaks:
            self.breaks -= 1
            raise OSError("the store is away")
        self.heard.append((name, data))

    def gap(self) -> None:
        self.gaps += 1

    def said(self) -> list[str]:
        return [data["content"] for name, data in self.heard if name == "MESSAGE_CREATE"]
