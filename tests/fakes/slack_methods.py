"""The methods of Slack's Web API that the bot uses, on a remembered workspace: what was asked in, the answer out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.fakes.slack_workspace import APP, BOT, BOT_ID, TEAM, Channel, Json, Refuses, Workspace

Method = Callable[[Workspace, Json], Json]


def auth_test(_: Workspace, __: Json) -> Json:
    url = "https://test.slack.com/"
    return {"url": url, "team": "Test", "team_id": TEAM, "user": "winwin", "user_id": BOT, "bot_id": BOT_ID}


# --- chat -------------------------------------------------------------------------------------------------


def chat_post_message(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"), speaking=True)
    _something_said(asked)
    message = w.post(channel, BOT, str(asked.get("text", "")), str(asked.get("thread_ts") or ""), **_kept(asked))
    return {"channel": channel.id, "ts": message["ts"], "message": _shown(message, asked)}


def chat_update(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"), speaking=True)
    message = channel.find(str(asked.get("ts")))
    if message is None:
        raise Refuses("message_not_found")
    if message.get("user") != BOT:
        raise Refuses("cant_update_message")
    w.edit(channel, message["ts"], BOT, text=asked.get("text", ""), **_kept(asked))
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}


def chat_delete(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"))
    w.delete(channel, str(asked.get("ts")))
    return {"channel": channel.id, "ts": asked.get("ts")}


def chat_post_ephemeral(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"), speaking=True)
    _something_said(asked)
    if asked.get("user") not in channel.members:
        raise Refuses("user_not_in_channel")
    message = w.post(channel, BOT, str(asked.get("text", "")), str(asked.get("thread_ts") or ""), **_kept(asked))
    message |= {"ephemeral_to": asked["user"]}
    return {"message_ts": message["ts"]}


def chat_get_permalink(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"))
    ts = str(asked.get("message_ts"))
    if channel.find(ts) is None:
        raise Refuses("message_not_found")
    return {"channel": channel.id, "permalink": f"https://test.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"}


def _something_said(asked: Json) -> None:
    if not asked.get("text") and not asked.get("blocks"):
        raise Refuses("no_text")
    if len(_list(asked.get("blocks"))) > 50:
        raise Refuses("invalid_blocks")


def _kept(asked: Json) -> Json:
    kept: Json = {}
    if asked.get("blocks"):
        kept["blocks"] = _list(asked["blocks"])
    if asked.get("metadata"):
        kept["metadata"] = _object(asked["metadata"])
    return kept


def _shown(message: Json, asked: Json) -> Json:
    """Metadata is shown to who asks for it, ephemerals to nobody."""
    hidden = (
        {"ephemeral_to"}
        if asked.get("include_all_metadata") in (True, "true", "1", 1)
        else {"metadata", "ephemeral_to"}
    )
    return {k: v for k, v in message.items() if k not in hidden}


# --- conversations ----------------------------------------------------------------------------------------


def conversations_open(w: Workspace, asked: Json) -> Json:
    users = str(asked.get("users", "")).split(",")
    return {"channel": {"id": w.direct(users[0]).id}}


def conversations_info(w: Workspace, asked: Json) -> Json:
    found = w.channels.get(str(asked.get("channel")))
    if found is None or (found.private and BOT not in found.members):
        raise Refuses("channel_not_found")
    return {"channel": found.described()}


def conversations_list(w: Workspace, asked: Json) -> Json:
    return _paged("channels", [c.described() for c in w.channels.values() if _of_kind(c, asked)], asked, 100)


def users_conversations(w: Workspace, asked: Json) -> Json:
    who = str(asked.get("user") or BOT)
    mine = [c.described() for c in w.channels.values() if who in c.members and _of_kind(c, asked)]
    return _paged("channels", mine, asked, 100)


def conversations_members(w: Workspace, asked: Json) -> Json:
    return _paged("members", sorted(w.channel(asked.get("channel")).members), asked, 100)


def conversations_join(w: Workspace, asked: Json) -> Json:
    found = w.channels.get(str(asked.get("channel")))
    if found is None:
        raise Refuses("channel_not_found")
    if found.private:
        raise Refuses("method_not_supported_for_channel_type")
    found.members.add(BOT)
    return {"channel": found.described()}


def conversations_history(w: Workspace, asked: Json) -> Json:
    """Without replies and without what only one person sees. The pages walk back in time, or on from `oldest` when that
    is the only bound; each page is newest first."""
    channel = w.channel(asked.get("channel"))
    found = [m for m in channel.messages if m.get("thread_ts", m["ts"]) == m["ts"] and _within(m, asked)]
    onward = bool(asked.get("oldest")) and not asked.get("latest")
    page = _messages(sorted(found, key=_ts, reverse=not onward), asked)
    return page | {"messages": sorted(page["messages"], key=_ts, reverse=True)}


def conversations_replies(w: Workspace, asked: Json) -> Json:
    """Oldest first, the thread's first message at the head of it whatever the bounds are."""
    channel = w.channel(asked.get("channel"))
    thread = str(asked.get("ts"))
    found = [m for m in channel.of_thread(thread) if m["ts"] == thread or _within(m, asked)]
    if channel.find(thread) is None:
        raise Refuses("thread_not_found")
    return _messages(sorted(found, key=_ts), asked)


def _of_kind(channel: Channel, asked: Json) -> bool:
    wanted = str(asked.get("types") or "public_channel").split(",")
    kind = "im" if channel.direct else "private_channel" if channel.private else "public_channel"
    hidden = channel.archived and asked.get("exclude_archived") in (True, "true", "1", 1)
    return kind in wanted and not hidden


def _within(message: Json, asked: Json) -> bool:
    ts, inclusive = _ts(message), asked.get("inclusive") in (True, "true", "1", 1)
    oldest, latest = float(asked.get("oldest") or 0), float(asked.get("latest") or "inf")
    return oldest <= ts <= latest if inclusive else oldest < ts < latest


def _messages(found: list[Json], asked: Json) -> Json:
    seen = [_shown(m, asked) for m in found if "ephemeral_to" not in m]
    page = _paged("messages", seen, asked, 100)
    return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}


def _ts(message: Json) -> float:
    return float(message["ts"])


def _paged(name: str, rows: list[Any], asked: Json, default: int) -> Json:
    size = int(asked.get("limit") or default)
    start = 0
    if asked.get("cursor"):
        try:
            start = int(base64.b64decode(str(asked["cursor"])).decode().removeprefix("next:"))
        except ValueError:
            raise Refuses("invalid_cursor") from None
    more = start + size < len(rows)
    cursor = base64.b64encode(f"next:{start + size}".encode()).decode() if more else ""
    return {name: rows[start : start + size], "response_metadata": {"next_cursor": cursor}}


# --- people, views, files, reactions ----------------------------------------------------------------------


def users_info(w: Workspace, asked: Json) -> Json:
    if asked.get("user") not in w.people:
        raise Refuses("user_not_found")
    return {"user": w.people[str(asked["user"])]}


def users_list(w: Workspace, asked: Json) -> Json:
    return _paged("members", list(w.people.values()), asked, 100)


def team_info(_: Workspace, __: Json) -> Json:
    return {"team": {"id": TEAM, "name": "Test", "domain": "test"}}


def views_update(w: Workspace, asked: Json) -> Json:
    view_id = str(asked.get("view_id"))
    if view_id not in w.views:
        raise Refuses("not_found")
    w.views[view_id] |= _object(asked.get("view"))
    return {"view": w.views[view_id]}


def views_publish(w: Workspace, asked: Json) -> Json:
    if asked.get("user_id") not in w.people:
        raise Refuses("invalid_arguments")
    w.homes[str(asked["user_id"])] = _object(asked.get("view"))
    return {"view": {**_object(asked.get("view")), "id": w.number("V")}}


def opened(w: Workspace, view: object) -> Json:
    """A modal that opens: the server has looked at the trigger."""
    view_id = w.number("V")
    w.views[view_id] = {**_object(view), "id": view_id, "app_id": APP, "team_id": TEAM, "root_view_id": view_id}
    return {"view": w.views[view_id]}


def files_complete(w: Workspace, asked: Json) -> Json:
    given = [_object(f) for f in _list(asked.get("files"))]
    known = {f["id"]: f for f in w.files}
    if not given or any(f.get("id") not in known for f in given):
        raise Refuses("file_not_found")
    for f in given:
        known[f["id"]] |= {"title": f.get("title", ""), "channel": asked.get("channel_id", "")}
    if asked.get("channel_id"):
        channel = w.channel(asked["channel_id"], speaking=True)
        said = str(asked.get("initial_comment", ""))
        shown = [{"id": f["id"], "name": known[f["id"]]["name"], "title": f.get("title", "")} for f in given]
        w.post(channel, BOT, said, str(asked.get("thread_ts") or ""), subtype="file_share", files=shown)
    return {"files": given}


def reactions_add(w: Workspace, asked: Json) -> Json:
    channel = w.channel(asked.get("channel"))
    ts = str(asked.get("timestamp"))
    reaction = (str(asked.get("name")), channel.id, ts, BOT)
    if channel.find(ts) is None:
        raise Refuses("message_not_found")
    if reaction in w.reactions:
        raise Refuses("already_reacted")
    w.reactions.append(reaction)
    return {}


def reactions_remove(w: Workspace, asked: Json) -> Json:
    reaction = (str(asked.get("name")), str(asked.get("channel")), str(asked.get("timestamp")), BOT)
    if reaction not in w.reactions:
        raise Refuses("no_reaction")
    w.reactions.remove(reaction)
    return {}


def _object(value: object) -> Json:
    found = json.loads(value) if isinstance(value, str) else value
    return dict(found) if isinstance(found, dict) else {}


def _list(value: object) -> list[Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return list(found) if isinstance(found, list) else []


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "chat.delete": chat_delete,
    "chat.postEphemeral": chat_post_ephemeral,
    "chat.getPermalink": chat_get_permalink,
    "conversations.open": conversations_open,
    "conversations.info": conversations_info,
    "conversations.list": conversations_list,
    "conversations.members": conversations_members,
    "conversations.join": conversations_join,
    "conversations.history": conversations_history,
    "conversations.replies": conversations_replies,
    "users.info": users_info,
    "users.list": users_list,
    "users.conversations": users_conversations,
    "team.info": team_info,
    "views.update": views_update,
    "views.publish": views_publish,
    "files.completeUploadExternal": files_complete,
    "reactions.add": reactions_add,
    "reactions.remove": reactions_remove,
}
