"""Where the bot is installed, and with which token it speaks there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.slack.identity import Workspace


@dataclass(frozen=True, slots=True)
class Installed:
    """`address` is where people open the workspace in a browser, with a slash at its end."""

    workspace: Workspace
    token: str
    name: str = ""
    bot_id: str = ""
    address: str = ""

    def __repr__(self) -> str:
        return f"Installed({self.workspace!r})"  # a token is never printed


class Installations(Protocol):
    async def at(self, team: str, enterprise: str) -> Installed | None:
        """The installation that an event of this workspace or organisation is for."""
        ...

    async def all(self) -> Sequence[Installed]: ...

    async def removed(self, workspace: Workspace) -> None:
        """The token is of no use any more. What the community owns stays."""
        ...


class OneWorkspace:
    """The installation whose token is in the settings."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    async def at(self, team: str, enterprise: str) -> Installed | None:  # noqa: ARG002 -- the port's arguments
        """The only one there is, for strangers of a shared channel too."""
        return self._installed

    async def all(self) -> Sequence[Installed]:
        return (self._installed,)

    async def removed(self, workspace: Workspace) -> None:
        """The token stands in the settings: whoever runs the bot takes it out there."""
