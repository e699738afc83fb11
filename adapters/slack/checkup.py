"""Is Slack set up as the bot needs it? Asked of the live API; each fault comes with the clicks that mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.identity import part, word
from adapters.slack.scopes import EVENTS, SCOPES
from bot.ports import DeliveryError

APP = "https://api.slack.com/apps > your app"
REINSTALL = f"{APP} > OAuth & Permissions > Reinstall to Workspace"
NEW_TOKEN = f"{REINSTALL}; then copy the Bot User OAuth Token (xoxb-…) into SLACK_BOT_TOKEN."
APP_TOKEN = (
    f"{APP} > Basic Information > App-Level Tokens > Generate Token and Scopes, add connections:write; "
    "then copy the token (xapp-…) into SLACK_APP_TOKEN."
)
SOCKET_MODE = f"{APP} > Socket Mode > Enable Socket Mode."
SECRET = f"{APP} > Basic Information > App Credentials > Signing Secret > Show; copy it into SLACK_SIGNING_SECRET."
INVITE = "In Slack, open the channel and write /invite @winwin there."
SUBSCRIBED = f"{APP} > Event Subscriptions > Subscribe to bot events"
TOKEN_FAULTS = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_allowed_token_type", "not_authed", "token_revoked"}
)
NAMED = 5  # channels that are named
PAGES = 20  # of channels that are looked through


@dataclass(frozen=True, slots=True)
class SlackSetup:
    """What the settings say. Secrets stay out of what is printed."""

    address: str
    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    public_url: str = ""

    def __repr__(self) -> str:
        return f"SlackSetup({self.address!r})"


@dataclass(frozen=True, slots=True)
class Finding:
    """`fault` needs mending; without one, `do` is a hint."""

    check: str
    says: str
    do: str = ""
    fault: bool = False


async def check_up(setup: SlackSetup) -> list[Finding]:
    """Everything that can be looked at; what needs something that is broken is left out."""
    api = SlackApi(setup.address)
    try:
        token = await _token(api, setup)
        findings = [token]
        if setup.bot_token and not token.fault:
            findings += [await _scopes(api, setup), await _channels(api, setup)]
        findings.append(await _way_in(api, setup))
        if not any(f.fault for f in findings):
            findings.append(_events())
        return findings
    finally:
        await api.close()


async def _token(api: SlackApi, setup: SlackSetup) -> Finding:
    name = "slack token"
    if not setup.bot_token:
        return Finding(name, "none: workspaces install the bot by themselves")
    if not setup.bot_token.startswith("xoxb-"):
        return Finding(name, "SLACK_BOT_TOKEN is not a bot's token, which begins with xoxb-", NEW_TOKEN, fault=True)
    try:
        found = await api.call("auth.test", setup.bot_token)
    except SlackRefusal as refused:
        return Finding(name, f"Slack does not take it: {refused.code}", NEW_TOKEN, fault=True)
    except DeliveryError as error:
        return _unreachable(name, setup, error)
    return Finding(name, f"{word(found.get('user')) or 'the bot'} in {word(found.get('team')) or 'the workspace'}")


def _unreachable(name: str, setup: SlackSetup, error: DeliveryError) -> Finding:
    do = f"Check the line to {setup.address}, and SLACK_API_URL if you have set it."
    return Finding(name, f"Slack did not answer ({error})", do, fault=True)


async def _scopes(api: SlackApi, setup: SlackSetup) -> Finding:
    name = "slack scopes"
    try:
        granted = await api.scopes(setup.bot_token)
    except DeliveryError as error:
        return _unreachable(name, setup, error)
    if not granted:
        return Finding(name, "this server does not say which it grants")
    missing = [scope for scope in SCOPES if scope not in granted]
    if missing:
        do = (
            f"{APP} > OAuth & Permissions > Scopes > Bot Token Scopes > Add an OAuth Scope: {', '.join(missing)}; "
            "then Reinstall to Workspace, on the same page."
        )
        return Finding(name, f"missing: {', '.join(missing)}", do, fault=True)
    return Finding(name, f"all {len(SCOPES)} granted")


async def _channels(api: SlackApi, setup: SlackSetup) -> Finding:
    name = "slack channels"
    names: list[str] = []
    cursor = ""
    try:
        for _ in range(PAGES):
            kinds = "public_channel,private_channel"
            page = await api.ask(
                "users.conversations",
                setup.bot_token,
                types=kinds,
                exclude_archived="true",
                limit=200,
                cursor=cursor or None,
            )
            rows = page.get("channels")
            names += [f"#{word(part(row).get('name'))}" for row in (rows if isinstance(rows, list) else ())]
            cursor = word(part(page.get("response_metadata")).get("next_cursor"))
            if not cursor:
                break
    except SlackRefusal as refused:
        return Finding(name, f"cannot be listed: {refused.code}", REINSTALL, fault=True)
    except DeliveryError as error:
        return _unreachable(name, setup, error)
    if not names:
        return Finding(name, "the bot is in no channel, so it hears nothing", INVITE, fault=True)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return Finding(name, f"listens in {', '.join(names[:NAMED])}{more}")


async def _way_in(api: SlackApi, setup: SlackSetup) -> Finding:
    if setup.app_token:
        return await _socket(api, setup)
    name = "slack requests"
    if not re.fullmatch(r"[0-9a-f]{32}", setup.signing_secret):
        return Finding(name, "SLACK_SIGNING_SECRET does not look like one (32 characters, 0-9 and a-f)", SECRET)
    url = f"{setup.public_url.rstrip('/')}/slack/events" if setup.public_url else "https://your address/slack/events"
    do = f"{APP} > Event Subscriptions > Request URL, and Interactivity & Shortcuts > Request URL: {url}"
    return Finding(name, "signed requests are expected", do)


async def _socket(api: SlackApi, setup: SlackSetup) -> Finding:
    name = "slack socket"
    if not setup.app_token.startswith("xapp-"):
        return Finding(name, "SLACK_APP_TOKEN is not an app's token, which begins with xapp-", APP_TOKEN, fault=True)
    try:
        await api.call("apps.connections.open", setup.app_token)
    except SlackRefusal as refused:
        token = refused.code in (
            "invalid_auth",
            "not_authed",
            "not_allowed_token_type",
            "missing_scope",
            "token_revoked",
        )
        do = APP_TOKEN if token or refused.code == "account_inactive" else f"{SOCKET_MODE} Then: {APP_TOKEN}"
        return Finding(name, f"Slack opens none: {refused.code}", do, fault=True)
    except DeliveryError as error:
        return _unreachable(name, setup, error)
    return Finding(name, "Slack opens one")


def _events() -> Finding:
    """Slack tells nobody which events an app is subscribed to."""
    return Finding("slack events", "Slack does not say which it sends", f"{SUBSCRIBED}: {', '.join(EVENTS)}")
