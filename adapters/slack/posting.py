"""Posting so that nothing is posted twice: a try that may have gone through is looked for before it is made again.

Everything the bot posts carries the key of its wish as metadata. When Slack has not answered, or the program was killed
between the post and the note of it, the next try looks into the thread (or the conversation) for that key first. A
picture's message can carry no metadata: there the name of its file says the key. A message that only one person sees
stands in no history: it is sent once more, and after that in private.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.slack.client import PASSING, Json, SlackApi, SlackRefusal
from adapters.slack.figures import Figures
from adapters.slack.identity import part, word
from adapters.slack.installations import Installed
from adapters.slack.outbound import Rendered
from adapters.slack.pacing import Pacing
from bot.ports import Clock

POST, ALONE, FILE = "chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"
TITLE, ALT = 250, 1_000  # characters of a picture's title, and of what it shows in words
EVENT_TYPE = "winwin"  # of the metadata a message carries
PAGE = 200  # messages looked through in one call; Slack may give fewer
PAGES = {"conversations.replies": 20, "conversations.history": 2}  # calls for one look: it was said lately
REMEMBERED = 5_000  # wishes whose tries are remembered
UNSEEN = frozenset(  # there is nothing to be seen there, or no way to look
    {
        "channel_not_found",
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "thread_not_found",
        "unknown_method",
    }
)

_log = structlog.get_logger("winwin.slack")


class TwiceUnseenError(Exception):
    """A message that only one person sees may have been shown twice already."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`alt` says in words what there is to see; `words` stand above it, in Slack's markup."""

    png: bytes
    alt: str
    words: str


class Posting:
    def __init__(self, api: SlackApi, clock: Clock, figures: Figures) -> None:
        self._api = api
        self._clock = clock
        self._figures = figures
        self._pacing: dict[str, Pacing] = {}  # by space
        self._clean: OrderedDict[tuple[str, str], int] = OrderedDict()  # tries that surely posted nothing, by method
        self._looked: OrderedDict[str, str] = OrderedDict()  # how far a look has come, by wish

    async def post(
        self, installed: Installed, channel: str, shown: Rendered, key: str, *, thread: str = "", tried: int = 0
    ) -> tuple[str, str]:
        """(channel, ts) of the message, whether it is posted now or stood there already. Raises DeliveryError."""
        found = await self._stands(POST, installed, channel, thread, key, tried)
        if found:
            return channel, found
        self._in_turn(installed, channel, key)
        answer = await self._tried(
            POST,
            installed,
            key,
            channel=channel,
            thread_ts=thread or None,
            text=shown.text,
            blocks=shown.blocks,
            metadata=metadata_of(key),
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer.get("channel") or channel), str(answer.get("ts") or "")

    async def picture(
        self, installed: Installed, channel: str, picture: Picture, key: str, *, thread: str, tried: int
    ) -> str:
        """The ts of the message with this picture, posted now or found there; empty where Slack does not say it yet.
        Raises DeliveryError."""
        found = await self._stands(FILE, installed, channel, thread, key, tried)
        if found:
            return found
        try:
            answer = await self._api.upload(
                installed.token,
                content=picture.png,
                filename=file_name(key),
                title=picture.alt[:TITLE],
                alt_txt=picture.alt[:ALT],
                channel=channel,
                thread_ts=thread or None,
                initial_comment=picture.words,
            )
        except SlackRefusal as refused:
            if refused.code in PASSING:  # after any other the words may be posted alone, and that is to be looked for
                self._surely_not(FILE, key)
            raise
        return _shared(answer)

    async def alone(
        self, installed: Installed, channel: str, user: str, shown: Rendered, key: str, *, thread: str, tried: int
    ) -> str:
        """The ts of a message for one person alone. Raises TwiceUnseenError rather than be blind twice."""
        doubts = self._doubts(ALONE, key, tried)
        if doubts > 1:
            raise TwiceUnseenError
        if doubts:
            self._figures.ambiguous.inc()
            self._figures.blind.inc()
        answer = await self._tried(
            ALONE,
            installed,
            key,
            channel=channel,
            user=user,
            text=shown.text,
            blocks=shown.blocks,
            thread_ts=thread or None,
        )
        return str(answer.get("message_ts") or "")

    # --- what is known of a wish ------------------------------------------------------------------------------

    def _doubts(self, method: str, key: str, tried: int) -> int:
        """Tries of which nobody knows whether they went through."""
        return max(0, tried - self._clean.get((method, key), 0))

    def _in_turn(self, installed: Installed, channel: str, key: str) -> None:
        pacing = self._pacing.setdefault(installed.workspace.space, Pacing())
        wait = pacing.turn(channel, key, self._clock.now().timestamp())
        if wait > 0:
            self._surely_not(POST, key)
            raise SlackRefusal("paced", "one message a second in a channel", permanent=False, retry_after=wait)

    async def _tried(self, method: str, installed: Installed, key: str, **given: object) -> Json:
        try:
            return await self._api.call(method, installed.token, **given)
        except SlackRefusal:
            self._surely_not(method, key)
            raise

    def _surely_not(self, method: str, key: str) -> None:
        self._clean[method, key] = self._clean.get((method, key), 0) + 1
        self._clean.move_to_end((method, key))
        while len(self._clean) > REMEMBERED:
            self._clean.popitem(last=False)

    # --- looking ----------------------------------------------------------------------------------------------

    async def _stands(self, trying: str, installed: Installed, channel: str, thread: str, key: str, tried: int) -> str:
        """The ts of the message where one of the tries before went through."""
        if not self._doubts(trying, key, tried):
            return ""
        self._figures.ambiguous.inc()
        found = await self._found(trying, installed, channel, thread, key)
        if found:
            self._figures.found.inc()
            _log.info("found_posted", channel=channel, ts=found)
        return found

    async def _found(self, trying: str, installed: Installed, channel: str, thread: str, key: str) -> str:
        """The ts of the message with this key. A look that Slack interrupts goes on where it was."""
        method = "conversations.replies" if thread else "conversations.history"
        cursor = self._looked.pop(key, "")
        for _ in range(PAGES[method]):
            asked = {"channel": channel, "ts": thread or None, "limit": PAGE, "cursor": cursor or None}
            try:
                page = await self._api.ask(method, installed.token, **asked, include_all_metadata="true")
            except SlackRefusal as refused:
                if refused.code in UNSEEN:
                    self._figures.blind.inc()
                    return ""
                self._keep_place(key, cursor if refused.code != "invalid_cursor" else "")
                self._surely_not(trying, key)  # this try; what was doubtful before stays so
                raise
            messages, cursor = messages_in(page)
            found = next((m for m in messages if key_in(m) == key or file_name(key) in _files_in(m)), None)
            if found is not None:
                return str(found.get("ts") or "")
            if not cursor:
                return ""
        return ""

    def _keep_place(self, key: str, cursor: str) -> None:
        self._looked[key] = cursor
        while len(self._looked) > REMEMBERED:
            self._looked.popitem(last=False)


def messages_in(page: Mapping[str, Any]) -> tuple[list[Json], str]:
    """The messages of a page of a history, and where the next one begins (empty: there is none)."""
    rows = page.get("messages")
    messages = [m for m in rows if isinstance(m, dict)] if isinstance(rows, Iterable) else []
    after = page.get("response_metadata")
    cursor = after.get("next_cursor") if isinstance(after, dict) else ""
    return messages, cursor if isinstance(cursor, str) else ""


def metadata_of(key: str) -> Json:
    """What a message carries unseen: the key of the wish behind it."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def key_in(message: Mapping[str, Any]) -> str:
    """The key that a message in a channel's history carries, or nothing."""
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    key = payload.get("key") if isinstance(payload, dict) else None
    return key if isinstance(key, str) else ""


def file_name(key: str) -> str:
    """Of the picture of a wish: it is found by it."""
    return f"winwin-{hashlib.sha256(key.encode()).hexdigest()[:12]}.png"


def _files_in(message: Mapping[str, Any]) -> list[str]:
    files = message.get("files")
    return [word(part(file).get("name")) for file in files] if isinstance(files, list) else []


def _shared(answer: Json) -> str:
    """The message in which an uploaded file stands, where Slack says so at once."""
    files = answer.get("files")
    for file in files if isinstance(files, list) else ():
        for shares in part(part(file).get("shares")).values():
            for messages in part(shares).values():
                if isinstance(messages, list) and messages:
                    return word(part(messages[0]).get("ts"))
    return ""
