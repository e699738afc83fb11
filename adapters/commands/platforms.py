"""What a check says, and the checks of the platforms: is each of them set up as the bot needs it?"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from adapters.settings import Settings


class State(StrEnum):
    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and what to do."""

    check: str
    state: State
    says: str
    do: str = ""


class Finding(Protocol):
    """What a platform's own look at itself brings: a fault, a hint (`do` without a fault), or nothing to do."""

    @property
    def check(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def do(self) -> str: ...
    @property
    def fault(self) -> bool: ...


def platforms(settings: "Settings") -> Check:
    names = [name for name, there in (("Slack", settings.slack), ("Discord", settings.discord)) if there]
    if names:
        return Check("platforms", State.GOOD, f"{' and '.join(names)} configured")
    if settings.slack_bot_token:
        do = "Set SLACK_APP_TOKEN (socket mode) or SLACK_SIGNING_SECRET (HTTP mode)."
        return Check("platforms", State.FAULT, "SLACK_BOT_TOKEN stands alone", do)
    from adapters.slack.scopes import MANIFEST

    do = (
        f"`winwin run --local` and `winwin demo` need none. For Slack, make an app from {MANIFEST}; "
        "for Discord, set DISCORD_TOKEN (docs/discord.md)."
    )
    return Check("platforms", State.NOTE, "none configured", do)


async def slack(settings: "Settings") -> list[Check]:
    from adapters.slack.checkup import SlackSetup, check_up

    setup = SlackSetup(
        settings.slack_api_url,
        settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else "",
        settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
        settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        settings.winwin_public_url,
    )
    return _checks(await check_up(setup))


async def discord(settings: "Settings") -> list[Check]:
    from adapters.discord.checkup import DiscordSetup, check_up

    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    return _checks(await check_up(DiscordSetup(settings.discord_api_url, settings.discord_gateway_url, token)))


def _checks(found: Iterable[Finding]) -> list[Check]:
    states = {True: State.FAULT, False: State.NOTE}
    return [Check(f.check, states[f.fault] if f.do else State.GOOD, f.says, f.do) for f in found]
