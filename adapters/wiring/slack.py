"""Slack, wired: the connection, and both ways in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from adapters.settings import Settings
from adapters.storage.database import Database
from adapters.wiring.letting_in import PlatformError
from bot.community import Topic
from bot.lookups import Lookups
from bot.ports import Clock, DeliveryError
from bot.surfaces.house import House

if TYPE_CHECKING:  # imported where Slack is set: its SDK is a third of a second
    from adapters.slack.connection import SlackConnection
    from adapters.slack.oauth import OAuthFlow
    from adapters.wiring.community import Community


async def slack_connection(
    settings: Settings, store: Database, clock: Clock, metrics: CollectorRegistry
) -> SlackConnection:
    from adapters.slack.connection import connected
    from adapters.slack.figures import Figures as SlackFigures
    from adapters.storage.slack_installs import SlackStores

    stores = SlackStores(store, settings.slack_client_id) if settings.slack_installs else None
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    try:
        return await connected(settings.slack_api_url, token, stores, clock, SlackFigures(metrics))
    except DeliveryError as error:
        raise PlatformError(_not_let_in(error, "SLACK_BOT_TOKEN", settings)) from error


async def open_slack(
    c: Community,
    slack: SlackConnection,
    app: FastAPI,
    lookups: Lookups,
    topics: Callable[[], Sequence[Topic]],
    pages: str,
) -> list[str]:
    """Both ways in, whichever are set. Returns the names of the workspaces."""
    settings = c.settings
    house = House(c.store, lookups, c.clock, topics, settings.winwin_default_mode, pages)
    slack.listen(c.desk.receive, house)
    if settings.slack_signing_secret is not None:
        app.include_router(slack.routes(settings.slack_signing_secret.get_secret_value(), _flow(c, slack)))
    places = await slack.greet()
    if settings.slack_app_token is not None and settings.slack_bot_token is not None:
        try:
            await slack.open_socket(settings.slack_app_token.get_secret_value())
        except DeliveryError as error:
            raise PlatformError(_not_let_in(error, "SLACK_APP_TOKEN", settings)) from error
    return places


def _flow(c: Community, slack: SlackConnection) -> OAuthFlow | None:
    from adapters.slack.oauth import oauth_flow
    from adapters.storage.slack_installs import SlackStores

    settings = c.settings
    if not settings.slack_installs or settings.slack_client_secret is None:
        return None

    async def after() -> None:
        await slack.greet()

    secret = settings.slack_client_secret.get_secret_value()
    stores = SlackStores(c.store, settings.slack_client_id)
    return oauth_flow(
        settings.slack_client_id, secret, settings.winwin_public_url, settings.slack_api_url, stores, after
    )


def _not_let_in(error: DeliveryError, setting: str, settings: Settings) -> str:
    return f"Slack does not let the bot in ({error}); check {setting} and the line to {settings.slack_api_url}"
