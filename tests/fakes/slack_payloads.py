"""What Slack sends to an app: events, presses, submissions, commands, shortcuts; and the signature of a request."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.fakes.slack_workspace import APP, BOT, TEAM, Channel, Json, Workspace


def event_callback(w: Workspace, event: Mapping[str, Any], event_id: str = "") -> Json:
    """An event with what stands around it."""
    granted = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
    return {
        "token": "verification",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": event_id or w.number("Ev"),
        "event_time": int(w.now()),
        "authorizations": [granted],
        "is_ext_shared_channel": False,
        "event": dict(event),
    }


def message_event(channel: Channel, message: Mapping[str, Any]) -> Json:
    kind = "im" if channel.direct else "group" if channel.private else "channel"
    kept = {k: v for k, v in message.items() if k not in ("metadata", "reply_count", "latest_reply")}
    return {**kept, "channel": channel.id, "channel_type": kind, "event_ts": message["ts"]}


def changed_event(w: Workspace, channel: Channel, before: Json, after: Json) -> Json:
    said = {"message": dict(after), "previous_message": before}
    return {"type": "message", "subtype": "message_changed", "channel": channel.id, "hidden": True} | said | _now(w)


def deleted_event(w: Workspace, channel: Channel, gone: Json) -> Json:
    said = {"deleted_ts": gone["ts"], "previous_message": gone}
    return {"type": "message", "subtype": "message_deleted", "channel": channel.id, "hidden": True} | said | _now(w)


def _now(w: Workspace) -> Json:
    ts = w.ts()
    return {"ts": ts, "event_ts": ts, "channel_type": "channel"}


def _around(kind: str, user: str, trigger: str) -> Json:
    who = {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM}
    team = {"id": TEAM, "domain": "test"}
    app = {"api_app_id": APP, "token": "verification", "is_enterprise_install": False, "enterprise": None}
    return {"type": kind, "user": who, "team": team, "trigger_id": trigger, **app}


def block_actions(
    user: str, channel: str, message: Mapping[str, Any], button: Mapping[str, Any], trigger: str, respond: str, ts: str
) -> Json:
    """A button of a message was pressed."""
    alone = "ephemeral_to" in message
    container = {"type": "message", "message_ts": message.get("ts"), "channel_id": channel, "is_ephemeral": alone}
    keep = ("type", "action_id", "block_id", "value", "text", "url")
    action = {k: button[k] for k in keep if k in button} | {"action_ts": ts}
    shown = {k: v for k, v in message.items() if k != "ephemeral_to"}
    where: Json = {"channel": {"id": channel, "name": channel.lower()}, "response_url": respond}
    more = {"container": container, "actions": [action], "state": {"values": {}}}
    return _around("block_actions", user, trigger) | where | more | ({} if alone else {"message": shown})


def view_actions(user: str, view: Mapping[str, Any], button: Mapping[str, Any], trigger: str, ts: str) -> Json:
    """A button or a list of a modal or an App Home was pressed or chosen from."""
    keep = ("type", "action_id", "block_id", "value", "text", "selected_option")
    action = {k: button[k] for k in keep if k in button} | {"action_ts": ts}
    container = {"type": "view", "view_id": view.get("id")}
    return _around("block_actions", user, trigger) | {"container": container, "view": dict(view), "actions": [action]}


def view_submission(user: str, view: Mapping[str, Any], values: Mapping[str, Any], trigger: str) -> Json:
    state = {"state": {"values": dict(values)}}
    return _around("view_submission", user, trigger) | {"view": {**view, **state}, "response_urls": []}


def message_shortcut(
    user: str, callback: str, channel: str, message: Mapping[str, Any], trigger: str, respond: str
) -> Json:
    """A message's menu: `callback` is the shortcut's callback_id."""
    where = {"channel": {"id": channel, "name": channel.lower()}, "message_ts": message["ts"], "message": dict(message)}
    return _around("message_action", user, trigger) | where | {"callback_id": callback, "response_url": respond}


def slash_command(user: str, channel: str, command: str, text: str, trigger: str, respond: str) -> Json:
    return {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "test",
        "channel_id": channel,
        "channel_name": channel.lower(),
        "user_id": user,
        "user_name": user.lower(),
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": respond,
        "trigger_id": trigger,
    }


# --- over HTTP --------------------------------------------------------------------------------------------


def body_of(payload: Mapping[str, Any]) -> tuple[str, str]:
    """(content type, body) of a request: events are JSON, commands a form, interactions JSON in a form."""
    if payload.get("type") == "event_callback":
        return "application/json", json.dumps(payload)
    fields = dict(payload) if "command" in payload else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(fields)


def signed(secret: str, body: str, at: float) -> dict[str, str]:
    """The two headers Slack signs a request with."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
