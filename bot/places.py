"""Where something stands on a platform, and whose account it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as a platform knows them: one account in one space."""

    platform: str
    space: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.space}:{self.id}"

    @classmethod
    def from_key(cls, key: str) -> Member:
        platform, space, member = key.split(":", 2)
        return cls(platform, space, member)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands. `thread` is the id of the thread's first message, which is itself when it opens one."""

    platform: str
    space: str
    channel: str
    message: str
    thread: str

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}:{self.message}"

    @property
    def thread_key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}:{self.thread}"

    @property
    def channel_key(self) -> str:
        return f"{self.platform}:{self.space}:{self.channel}"

    @property
    def opens_thread(self) -> bool:
        return self.message == self.thread

    def root(self) -> Place:
        """The place of the thread's first message."""
        return Place(self.platform, self.space, self.channel, self.thread, self.thread)
