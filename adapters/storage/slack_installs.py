"""What Slack's OAuth leaves behind: installations, bots, and the states of installs under way.

The stores are slack_sdk's own. They write through a connection of their own: each writer waits until the other is done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import select

from adapters.storage.database import Database
from adapters.storage.schema import metadata

STATE_SECONDS = 600  # how long somebody may take to say yes on Slack's page

bots = AsyncSQLAlchemyInstallationStore.build_bots_table(metadata, "slack_bots")
installations = AsyncSQLAlchemyInstallationStore.build_installations_table(metadata, "slack_installations")
oauth_states = AsyncSQLAlchemyOAuthStateStore.build_oauth_states_table(metadata, "slack_oauth_states")


class SlackStores:
    """The installations of the app `client_id`."""

    def __init__(self, database: Database, client_id: str) -> None:
        log = logging.getLogger("winwin.slack.stores")
        log.setLevel(logging.ERROR)
        self._database = database
        self._client_id = client_id
        self.installations: AsyncInstallationStore = AsyncSQLAlchemyInstallationStore(
            client_id, database.engine, logger=log
        )
        self.states: AsyncOAuthStateStore = AsyncSQLAlchemyOAuthStateStore(STATE_SECONDS, database.engine, logger=log)

    async def bots(self) -> Sequence[Bot]:
        """The newest of every workspace and organisation."""
        where = select(bots.c.enterprise_id, bots.c.team_id, bots.c.is_enterprise_install).distinct()
        async with self._database.read() as tx:
            rows = (await tx.connection.execute(where.where(bots.c.client_id == self._client_id))).all()
        found = [
            await self.installations.async_find_bot(
                enterprise_id=row.enterprise_id, team_id=row.team_id, is_enterprise_install=row.is_enterprise_install
            )
            for row in rows
        ]
        return [bot for bot in found if bot is not None]
