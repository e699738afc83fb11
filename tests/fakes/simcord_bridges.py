"""What Discord does and simcord 3.2.1 leaves out, as far as the bot relies on it.

- `GET /gateway/bot`, which is asked for before the line is opened.
- Everybody's own language in what they press: simcord's people all speak English.
- A message takes one thread; a second one is refused.
- A thread is changed with Manage Threads, and one that is not locked is woken by whoever may write there. simcord asks
  for Manage Channels.
- What is said in a sleeping thread wakes it; in a locked one only moderators may speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcord import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel, Message
from simcord.http import router

from adapters.discord.client import HAS_THREAD
from adapters.discord.refusals import LOCKED

GATEWAY = {"url": "wss://simcord.invalid", "shards": 1, "session_start_limit": {"remaining": 1000, "reset_after": 0}}
AWAKE = {"archived": False}
BECOMES = "manage_channels"  # what simcord asks of whoever changes a thread


@router.route("GET", "/gateway/bot")
def gateway_bot(_ctx: router.RequestContext) -> dict[str, Any]:
    return dict(GATEWAY)


def bridge(backend: Backend, locales: Mapping[int, str]) -> None:
    _own_language(backend, locales)
    _one_thread(backend)
    _threads_are_changed(backend)
    _locked_threads(backend)


def _own_language(backend: Backend, locales: Mapping[int, str]) -> None:
    emit = backend.emit

    def told(event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            who = (payload.get("member") or payload).get("user") or {}
            payload = {**payload, "locale": locales.get(int(who.get("id", 0)), "en-US")}
        emit(event, payload)

    backend.emit = told  # type: ignore[method-assign]


def _one_thread(backend: Backend) -> None:
    begin = backend.create_thread

    def thread(parent: int, name: str, owner: int, **given: Any) -> Channel:
        if given.get("message_id") in backend.channels:
            raise BackendError(400, HAS_THREAD, "A thread has already been created for this message")
        return begin(parent, name, owner, **given)

    backend.create_thread = thread  # type: ignore[method-assign]


def _threads_are_changed(backend: Backend) -> None:
    require = backend.require_permissions

    def required(guild: int | None, user: int, channel: int | None, *names: str) -> None:
        room = backend.channels.get(channel or 0)
        if room is not None and room.thread_metadata is not None and names == (BECOMES,):
            wakes = backend.http_requests[-1].json == AWAKE and not room.thread_metadata.locked
            names = ("send_messages_in_threads" if wakes else "manage_threads",)
        require(guild, user, channel, *names)

    backend.require_permissions = required  # type: ignore[method-assign]


def _locked_threads(backend: Backend) -> None:
    commit = backend.commit_message

    def said(message: Message, *, broadcast: bool = True) -> Message:
        room = backend.channels[message.channel_id]
        if room.thread_metadata is not None and message.system_metadata is None:
            if room.thread_metadata.locked:
                _may_speak(backend, room, message.author_id)
            if room.thread_metadata.archived:
                backend.edit_channel(room.id, {}, thread_metadata=AWAKE)
        return commit(message, broadcast=broadcast)

    backend.commit_message = said  # type: ignore[method-assign]


def _may_speak(backend: Backend, room: Channel, user: int) -> None:
    try:
        backend.require_permissions(room.guild_id, user, room.id, "manage_threads")
    except BackendError:
        raise BackendError(400, LOCKED, "Thread is locked") from None
