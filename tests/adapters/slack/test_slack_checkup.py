"""`winwin doctor` on Slack: every fault with the clicks that mend it."""

import pytest

from adapters.slack.checkup import Finding, SlackSetup, check_up
from adapters.slack.scopes import EVENTS, SCOPES
from tests.fakes.slack_faults import Drop, Refused
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer


@pytest.fixture(autouse=True)
def _granted(slack: SlackServer) -> None:
    slack.scopes = ",".join(SCOPES)


async def looked(slack: SlackServer, **facts: str) -> dict[str, Finding]:
    setup = SlackSetup(**{"address": slack.api_url, "bot_token": BOT_TOKEN, "app_token": APP_TOKEN, **facts})
    return {finding.check: finding for finding in await check_up(setup)}


def fault(found: dict[str, Finding]) -> Finding:
    [only] = [finding for finding in found.values() if finding.fault]
    return only


async def test_a_whole_setup_has_no_fault(slack):
    found = await looked(slack)
    assert [f for f in found.values() if f.fault] == []
    assert found["slack token"].says == "winwin in Test"
    assert found["slack channels"].says == "listens in #general, #hospital-days, #team"
    assert found["slack events"].do.endswith(", ".join(EVENTS))


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_token_that_is_not_taken(slack, error):
    slack.fail("auth.test", Refused(error))
    found = fault(await looked(slack))
    assert (found.check, found.says) == ("slack token", f"Slack does not take it: {error}")
    assert "OAuth & Permissions > Reinstall to Workspace" in found.do


async def test_a_token_of_another_kind(slack):
    found = fault(await looked(slack, bot_token="xoxp-person"))
    assert "xoxb-" in found.says
    assert slack.called("auth.test") == []


async def test_missing_scopes_are_named(slack):
    slack.scopes = ",".join(scope for scope in SCOPES if scope not in ("files:write", "im:write"))
    found = fault(await looked(slack))
    assert found.says == "missing: files:write, im:write"
    assert "Bot Token Scopes > Add an OAuth Scope: files:write, im:write" in found.do


async def test_a_bot_that_is_in_no_channel(slack):
    for channel in slack.workspace.channels.values():
        channel.members.discard("U0BOT")
    assert fault(await looked(slack)).do == "In Slack, open the channel and write /invite @winwin there."


@pytest.mark.parametrize("error", ["invalid_auth", "not_allowed_token_type", "missing_scope"])
async def test_an_app_token_that_opens_nothing(slack, error):
    slack.fail("apps.connections.open", Refused(error))
    found = fault(await looked(slack))
    assert (found.check, found.says) == ("slack socket", f"Slack opens none: {error}")
    assert "App-Level Tokens > Generate Token and Scopes, add connections:write" in found.do


async def test_a_refusal_nobody_has_heard_of_points_to_socket_mode_first(slack):
    slack.fail("apps.connections.open", Refused("socket_mode_is_odd"))
    assert "Socket Mode > Enable Socket Mode" in fault(await looked(slack)).do


async def test_a_bot_token_where_the_apps_belongs(slack):
    assert "xapp-" in fault(await looked(slack, app_token=BOT_TOKEN)).says


async def test_slack_that_does_not_answer(slack):
    slack.fail("auth.test", Drop(), times=-1)
    found = fault(await looked(slack))
    assert slack.api_url in found.do


async def test_signed_requests_need_an_address_and_a_secret_that_looks_like_one(slack):
    good = await looked(
        slack, app_token="", signing_secret="0123456789abcdef" * 2, public_url="https://bot.example.org/"
    )
    assert good["slack requests"].do.endswith("https://bot.example.org/slack/events")
    odd = await looked(slack, app_token="", signing_secret="hush")
    assert "Signing Secret" in odd["slack requests"].do
    assert "hush" not in str(odd)
