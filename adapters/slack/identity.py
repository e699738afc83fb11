"""Who is who on Slack, and where the bot is installed.

People are keyed by their organisation (Enterprise Grid) or their workspace, because Slack's user ids are only unique
there. A place belongs to the workspace through which the bot sees it, so that a message has one key however it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Member

PLATFORM = "slack"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the bot is installed. `team` is empty when it is installed for a whole organisation."""

    team: str
    enterprise: str = ""
    bot_user: str = ""

    @property
    def space(self) -> str:
        return self.enterprise or self.team


def word(value: object) -> str:
    """A string of a payload; anything else is as good as missing."""
    return value if isinstance(value, str) else ""


def part(value: object) -> Mapping[str, Any]:
    """An object of a payload; anything else is as good as empty."""
    return value if isinstance(value, dict) else {}


def id_in(value: object) -> str:
    """An id that stands alone or inside an object, as `team` and `enterprise` do."""
    return word(value) or word(part(value).get("id"))


def workspace_of(payload: Mapping[str, Any], bot_user: str = "") -> Workspace | None:
    """The installation that a payload is meant for. In a channel shared with another organisation the outer team may be
    the other one's: the authorization comes first."""
    granted = payload.get("authorizations")
    first = part(granted[0]) if isinstance(granted, list) and granted else {}
    view = part(payload.get("view"))
    team = (
        word(first.get("team_id"))
        or word(view.get("app_installed_team_id"))
        or word(payload.get("context_team_id"))
        or id_in(payload.get("team"))
        or word(payload.get("team_id"))
        or word(part(payload.get("user")).get("team_id"))
    )
    enterprise = (
        word(first.get("enterprise_id"))
        or word(payload.get("context_enterprise_id"))
        or id_in(payload.get("enterprise"))
        or word(payload.get("enterprise_id"))
    )
    if not team and not enterprise:
        return None
    bot = word(first.get("user_id")) if first.get("is_bot") is True else ""
    return Workspace(team, enterprise, bot or bot_user)


def member_of(user: str, home: str, workspace: Workspace) -> Member:
    """`home` is the team or organisation the person belongs to, where the payload says so; somebody from another
    organisation (Slack Connect) is a stranger, and keyed by theirs."""
    ours = {"", workspace.team, workspace.enterprise}
    return Member(PLATFORM, workspace.space if home in ours else home, user)
