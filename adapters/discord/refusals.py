"""What Discord's refusals of a message mean, in words that say what to do about them. Pure."""

from __future__ import annotations

from adapters.discord.client import ARCHIVED, CHANNEL_GONE, CLOSED_TO_US, NO_ACCESS, NO_PERMISSION, DiscordRefusal

LOCKED, WRONG_KIND, NOT_TEXT = 160005, 50024, 50008
NO_MUTUAL, TOO_FAST, AUTOMOD, TAG_WANTED = 50278, 40003, 200000, 40067
UNPLACED = frozenset(
    {ARCHIVED, CHANNEL_GONE, LOCKED, NO_ACCESS, NO_PERMISSION, NOT_TEXT, WRONG_KIND}
)  # elsewhere, then
CLOSED = frozenset({CLOSED_TO_US, NO_MUTUAL})
UNSEEN = frozenset({CHANNEL_GONE, NO_ACCESS, NO_PERMISSION})  # there is nothing to be seen there, or no way to look
PICTURELESS = frozenset({NO_PERMISSION, NO_ACCESS, 40005, 413, 50045})  # no file may be sent there, or none so large
DIRECT_AGAIN = 60.0  # seconds until a further private conversation is opened

SEND, SEND_IN_THREADS, ATTACH = "Send Messages", "Send Messages in Threads", "Attach Files"
PUBLIC, PRIVATE = "Create Public Threads", "Create Private Threads"
MANAGE_THREADS = "Manage Threads and Posts"


def explained(refused: DiscordRefusal, channel: str, needs: str) -> DiscordRefusal:
    """The same refusal with a plain reason. `needs`: the permission for what was tried, as Discord names it."""
    wait = refused.retry_after
    permanent = refused.permanent
    match refused.code:
        case code if code == NO_ACCESS:
            plain = f'the bot lacks the permission "View Channel" in channel {channel}'
        case code if code == NO_PERMISSION:
            plain = f'the bot lacks the permission "{needs}" in channel {channel}, or has a timeout'
        case code if code == CHANNEL_GONE:
            plain = f"channel {channel} is deleted"
        case code if code in (ARCHIVED, LOCKED):
            plain = f"thread {channel} is locked, and the bot leaves it alone: unlock it where it is wanted there"
        case code if code in CLOSED:
            plain = "they take no private messages from this server's members"
        case code if code == TOO_FAST:
            plain, permanent, wait = "too many private conversations begun at once", False, DIRECT_AGAIN
        case code if code == AUTOMOD:
            plain = f"AutoMod holds the bot's messages back in channel {channel}: exempt the bot's role from it"
        case _:
            return refused
    return DiscordRefusal(refused.code, f"{plain} ({refused})", permanent=permanent, retry_after=wait)
