"""Who people and channels are, as Slack says when it is asked. Their events say what changes afterwards."""

from __future__ import annotations

from dataclasses import replace

from adapters.slack.client import NO_DIRECT, SlackApi, SlackRefusal
from adapters.slack.identity import Workspace, part, word
from adapters.slack.inbound import is_public, member_changed
from adapters.slack.installations import Installations, Installed
from bot.events import ChannelRenamed, Member, MemberChanged, Place
from bot.ports import Clock


class SlackDirectory:
    """See bot.ports.Directory."""

    def __init__(self, api: SlackApi, installations: Installations, clock: Clock) -> None:
        self._api = api
        self._installations = installations
        self._clock = clock

    async def person(self, member: Member, space: str) -> MemberChanged | None:
        """A stranger from another organisation is looked for through every installation, that of `space` first."""
        found = await self._reaching(space)
        for installed in found:
            try:
                answer = await self._api.ask("users.info", installed.token, user=member.id, include_locale=True)
            except SlackRefusal as refused:
                if refused.code not in NO_DIRECT:
                    raise
                continue
            return self._said(part(answer.get("user")), member, installed.workspace)
        return None

    async def channel(self, place: Place) -> ChannelRenamed | None:
        """See Directory."""
        for installed in await self._reaching(place.space):
            if installed.workspace.space == place.space:
                answer = await self._api.ask("conversations.info", installed.token, channel=place.channel)
                found = part(answer.get("channel"))
                name, public = word(found.get("name")), is_public(found)
                if not name and public is None:
                    return None
                return ChannelRenamed(place.channel_key, name, self._clock.now(), public)
        return None

    def _said(self, user: object, member: Member, workspace: Workspace) -> MemberChanged | None:
        """None when Slack says it of somebody else's account."""
        said = member_changed(part(user), workspace, self._clock.now())
        return replace(said, member=member) if said is not None and said.member.id == member.id else None

    async def _reaching(self, space: str) -> list[Installed]:
        found = list(await self._installations.all())
        own = [one for one in found if one.workspace.space == space]
        return own or found
