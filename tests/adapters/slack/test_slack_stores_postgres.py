"""Slack's installations on PostgreSQL: slack_sdk's own stores, on our tables."""

from __future__ import annotations

from slack_sdk.oauth.installation_store import Installation

from adapters.storage.database import Database
from adapters.storage.slack_installs import SlackStores
from tests.fakes.postgres_server import Databases


async def test_an_installation_and_its_state_are_kept_found_and_gone_again(postgres: Databases):
    database = await Database.open(await postgres.emptied())
    stores = SlackStores(database, "client")
    state = await stores.states.async_issue()
    assert await stores.states.async_consume(state)
    assert not await stores.states.async_consume(state)
    made = Installation(
        app_id="A1", team_id="T1", user_id="U1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0", bot_scopes="chat"
    )
    await stores.installations.async_save(made)
    assert [(bot.team_id, bot.bot_token) for bot in await stores.bots()] == [("T1", "xoxb-1")]
    found = await stores.installations.async_find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert found.installed_at == made.installed_at
    await stores.installations.async_delete_all(enterprise_id=None, team_id="T1")
    assert await stores.bots() == []
    await database.close()
