"""Facts about channels and about the bot in them, past tense; everybody takes them from bot.events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.places import Member, Place


@dataclass(frozen=True, slots=True)
class BotInvited:
    """The bot is in a channel now. `place` is the channel alone (no message, no thread); `by` where it is known."""

    place: Place
    name: str
    by: Member | None
    at: datetime
    public: bool | None = None  # see ChannelRenamed

    @property
    def key(self) -> str:
        return f"invited:{self.place.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.place.channel_key}"


@dataclass(frozen=True, slots=True)
class BotRemoved:
    channel_key: str
    at: datetime

    @property
    def key(self) -> str:
        return f"removed:{self.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    """What a platform says of a channel now. An empty name leaves what is known, and so does None for `public`:
    whether everybody of its space may read it."""

    channel_key: str
    name: str
    at: datetime
    public: bool | None = None

    @property
    def key(self) -> str:
        said = "" if self.public is None else ":public" if self.public else ":closed"
        return f"renamed:{self.channel_key}:{self.at.isoformat()}{said}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class ChannelArchived:
    channel_key: str
    at: datetime

    @property
    def key(self) -> str:
        return f"archived:{self.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class PermissionsMissing:
    """All that the bot lacks in a channel, as people find it called in the channel's settings; empty when nothing."""

    channel_key: str
    lacks: tuple[str, ...]
    at: datetime

    @property
    def key(self) -> str:
        return f"lacks:{self.channel_key}:{self.at.isoformat()}"

    @property
    def thread(self) -> str:
        return f"channel:{self.channel_key}"


@dataclass(frozen=True, slots=True)
class BotSilenced:
    """Nothing the bot says in the channels of this space (platform:space) gets through until then."""

    space: str
    until: datetime
    at: datetime

    @property
    def key(self) -> str:
        return f"silenced:{self.space}:{self.until.isoformat()}"

    @property
    def thread(self) -> str:
        return f"space:{self.space}"


ChannelFact = BotInvited | BotRemoved | ChannelRenamed | ChannelArchived | PermissionsMissing | BotSilenced
