"""One-time links that sign somebody in with a browser, and the browsers that are signed in, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from adapters.storage.memory.state import Rows, State
from bot.community import SignedIn


@dataclass(frozen=True, slots=True)
class _Link:
    member: str
    made_at: datetime
    until: datetime
    spent: bool = False


class SignIns:
    """See bot.ports.SignInStore."""

    def __init__(self, state: State) -> None:
        self._links: Rows[str, _Link] = state.table("sign_in_link")
        self._browsers: Rows[str, tuple[str, SignedIn]] = state.table("browser_session")

    async def offer(self, link_hash: str, member: str, now: datetime, until: datetime) -> None:
        """See SignInStore."""
        self._links[link_hash] = _Link(member, now, until)

    async def offered(self, member: str, since: datetime) -> int:
        """See SignInStore."""
        return sum(link.member == member and link.made_at > since for link in self._links.values())

    async def meant(self, link_hash: str, now: datetime) -> str:
        """See SignInStore."""
        link = self._links.get(link_hash)
        return link.member if link is not None and not link.spent and link.until > now else ""

    async def spend(self, link_hash: str, now: datetime) -> str:
        """See SignInStore."""
        member = await self.meant(link_hash, now)
        if member:
            self._links[link_hash] = replace(self._links[link_hash], spent=True)
        return member

    async def open(self, session_hash: str, member: str, now: datetime, until: datetime) -> None:
        """See SignInStore."""
        self._browsers[session_hash] = (member, SignedIn(now, until))

    async def signed_in(self, session_hash: str, now: datetime) -> str:
        """See SignInStore."""
        member, signed_in = self._browsers.get(session_hash, ("", SignedIn(now, now)))
        return member if signed_in.until > now else ""

    async def of(self, member: str) -> tuple[SignedIn, ...]:
        """See SignInStore."""
        own = [one for who, one in self._browsers.values() if who == member]
        return tuple(sorted(own, key=lambda one: one.since))

    async def close(self, session_hash: str) -> None:
        """See SignInStore."""
        self._browsers.pop(session_hash)

    async def close_all(self, member: str) -> None:
        """See SignInStore."""
        self._drop_browsers(member)
        for link_hash, link in list(self._links.items()):
            if link.member == member:
                self._links[link_hash] = replace(link, spent=True)

    async def clear(self, before: datetime) -> None:
        """See SignInStore."""
        for link_hash, link in list(self._links.items()):
            if link.until <= before:
                self._links.pop(link_hash)
        for session_hash, (_, one) in list(self._browsers.items()):
            if one.until <= before:
                self._browsers.pop(session_hash)

    def forget(self, member: str) -> None:
        """Nobody is signed in as them, and nobody will be."""
        self._drop_browsers(member)
        for link_hash, link in list(self._links.items()):
            if link.member == member:
                self._links.pop(link_hash)

    def _drop_browsers(self, member: str) -> None:
        for session_hash, (who, _) in list(self._browsers.items()):
            if who == member:
                self._browsers.pop(session_hash)
