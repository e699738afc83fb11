"""What the calls to the HTTP API of the project's own Discord do, by method and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.discord_guild import Realm
from tests.fakes.discord_payloads import BOT, FORUM, GUILD, PRIVATE_THREAD, PUBLIC_THREAD, Json, Refuses, everyone

Asked = Mapping[str, Any]  # of a body and of the address
Method = Callable[[Realm, Mapping[str, str], Asked], Any]

SAME_NONCE = 300.0  # seconds in which a nonce is remembered
METHODS: dict[str, Method] = {}


def method(call: str) -> Callable[[Method], Method]:
    def added(made: Method) -> Method:
        METHODS[call] = made
        return made

    return added


def found(verb: str, path: str, calls: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """The call's name and the ids in its path; the one with the fewest of them, when there are two."""
    fits = []
    for call in calls:
        wanted, template = call.split(" ", 1)
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if wanted == verb and (match := re.fullmatch(pattern, path)):
            fits.append((call, match.groupdict()))
    if not fits:
        raise Refuses(404, 0, "404: Not Found")
    return min(fits, key=lambda fit: len(fit[1]))


# --- who and where --------------------------------------------------------------------------------------------


@method("GET /users/@me")
def me(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    return realm.users[BOT] | {"verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}


@method("GET /users/{user_id}")
def user(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    if ids["user_id"] not in realm.users:
        raise Refuses(404, 10013, "Unknown User")
    return realm.users[ids["user_id"]]


@method("POST /users/@me/channels")
def direct(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    return realm.direct(str(asked["recipient_id"]))


@method("GET /users/@me/guilds")
def guilds(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return [{"id": GUILD, "name": "Test", "owner": False, "permissions": everyone()["permissions"]}]


def _guild(realm: Realm, ids: Mapping[str, str]) -> Json:
    if ids["guild_id"] != GUILD:
        raise Refuses(404, 10004, "Unknown Guild")
    return realm.guild()


@method("GET /guilds/{guild_id}")
def guild(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    return _guild(realm, ids)


@method("GET /guilds/{guild_id}/channels")
def channels(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return list(_guild(realm, ids)["channels"])


@method("GET /guilds/{guild_id}/roles")
def roles(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return list(_guild(realm, ids)["roles"])


@method("GET /guilds/{guild_id}/threads/active")
def active(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    threads = [t for t in _guild(realm, ids)["threads"] if "view" not in realm.forbidden[t["parent_id"]]]
    return {"threads": sorted(threads, key=lambda t: -int(t["id"])), "members": []}


@method("GET /guilds/{guild_id}/members/{user_id}")
def member(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    _guild(realm, ids)
    if ids["user_id"] not in realm.members:
        raise Refuses(404, 10007, "Unknown Member")
    return realm.members[ids["user_id"]]


@method("GET /guilds/{guild_id}/members")
def members(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    after = int(asked.get("after") or 0)
    later = sorted((m for i, m in realm.members.items() if int(i) > after), key=lambda m: int(m["user"]["id"]))
    return later[: int(asked.get("limit") or 1)]


@method("GET /channels/{channel_id}")
def channel(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    return realm.allowed(ids["channel_id"])


# --- threads --------------------------------------------------------------------------------------------------


@method("POST /channels/{channel_id}/messages/{message_id}/threads")
def thread_on(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    realm.allowed(ids["channel_id"], "threads")
    return realm.start_thread(ids["channel_id"], asked["name"], on=ids["message_id"])


@method("POST /channels/{channel_id}/threads")
def thread(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    room = realm.allowed(ids["channel_id"], "threads")
    if room["type"] != FORUM:
        kind = int(asked.get("type") or PRIVATE_THREAD)
        return realm.start_thread(room["id"], asked["name"], kind=kind)
    made = realm.start_thread(room["id"], asked["name"], kind=PUBLIC_THREAD)
    made["applied_tags"] = list(asked.get("applied_tags") or ())
    return made | {
        "message": realm.post(made["id"], BOT, {**asked["message"], "attachments": asked.get("attachments")})
    }


@method("PATCH /channels/{channel_id}")
def change(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    room = realm.allowed(ids["channel_id"], "threads")
    if "thread_metadata" not in room:
        raise Refuses(403, 50013, "Missing Permissions")
    meta = {k: asked[k] for k in ("archived", "locked", "auto_archive_duration") if k in asked}
    if room["thread_metadata"]["archived"] and not (meta.get("archived") is False or meta.get("locked") is False):
        raise Refuses(400, 50083, "Thread is archived")
    room |= {k: asked[k] for k in ("name", "applied_tags") if k in asked}
    realm.change_thread(room["id"], **meta)
    return room


@method("PUT /channels/{channel_id}/thread-members/{user_id}")
def join(realm: Realm, ids: Mapping[str, str], asked: Asked) -> None:
    room = realm.allowed(ids["channel_id"])
    who = BOT if ids["user_id"] == "@me" else ids["user_id"]
    if who not in realm.members:
        raise Refuses(404, 10007, "Unknown Member")
    realm.thread_members[room["id"]].add(who)


@method("GET /channels/{channel_id}/threads/archived/public")
def archived(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    realm.allowed(ids["channel_id"], "history")
    threads = [t for t in realm.channels.values() if t.get("parent_id") == ids["channel_id"] and "thread_metadata" in t]
    old = [t for t in threads if t["thread_metadata"]["archived"] and t["type"] != PRIVATE_THREAD]
    return {"threads": old, "members": [], "has_more": False}


# --- messages -------------------------------------------------------------------------------------------------


@method("GET /channels/{channel_id}/messages")
def history(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    """Newest first; with `after`, the ones that follow it."""
    realm.allowed(ids["channel_id"], "history")
    said = sorted(realm.messages[ids["channel_id"]], key=lambda m: int(m["id"]))
    limit = int(asked.get("limit") or 50)
    if not 1 <= limit <= 100:
        raise Refuses(400, 50035, "Invalid Form Body: limit")
    if "after" in asked:
        said = [m for m in said if int(m["id"]) > int(asked["after"])][:limit]
    elif "around" in asked:
        said = [m for m in said if m["id"] == asked["around"]]
    elif "before" in asked:
        said = [m for m in said if int(m["id"]) < int(asked["before"])]
    return [_read(realm, m) for m in reversed(said[-limit:])]


def _read(realm: Realm, message: Json) -> Json:
    """In a history a message has its thread beside it, and its nonce is forgotten."""
    thread = realm.channels.get(message["id"])
    read = {k: v for k, v in message.items() if k != "nonce"}
    return read | ({"thread": thread} if thread is not None and message["channel_id"] != message["id"] else {})


@method("GET /channels/{channel_id}/messages/{message_id}")
def one(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    realm.allowed(ids["channel_id"], "history")
    return _read(realm, realm.message(ids["channel_id"], ids["message_id"]))


@method("POST /channels/{channel_id}/messages")
def post(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    realm.allowed(ids["channel_id"], "send")
    if asked.get("enforce_nonce") and asked.get("nonce"):
        if len(str(asked["nonce"])) > 25:
            raise Refuses(400, 50035, "Invalid Form Body: nonce")
        lately = int((realm.now() - SAME_NONCE) * 1000) - 1_420_070_400_000 << 22
        for message in realm.messages[ids["channel_id"]]:
            if (
                message.get("nonce") == asked["nonce"]
                and message["author"]["id"] == BOT
                and int(message["id"]) > lately
            ):
                return message
    return realm.post(ids["channel_id"], BOT, asked)


@method("PATCH /channels/{channel_id}/messages/{message_id}")
def edit(realm: Realm, ids: Mapping[str, str], asked: Asked) -> Json:
    room = realm.allowed(ids["channel_id"])
    if realm.message(room["id"], ids["message_id"])["author"]["id"] != BOT:
        raise Refuses(403, 50005, "Cannot edit a message authored by another user")
    if room.get("thread_metadata", {}).get("archived"):
        raise Refuses(400, 50083, "Thread is archived")
    return realm.edit(room["id"], ids["message_id"], asked)


@method("DELETE /channels/{channel_id}/messages/{message_id}")
def delete(realm: Realm, ids: Mapping[str, str], asked: Asked) -> None:
    realm.allowed(ids["channel_id"])
    realm.delete(ids["channel_id"], ids["message_id"])


@method("PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me")
def react(realm: Realm, ids: Mapping[str, str], asked: Asked) -> None:
    realm.allowed(ids["channel_id"], "react")
    message = realm.message(ids["channel_id"], ids["message_id"])
    message.setdefault("reactions", []).append({"emoji": {"name": ids["emoji"]}, "count": 1, "me": True})


@method("DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me")
def unreact(realm: Realm, ids: Mapping[str, str], asked: Asked) -> None:
    message = realm.message(ids["channel_id"], ids["message_id"])
    message["reactions"] = [r for r in message.get("reactions", ()) if r["emoji"]["name"] != ids["emoji"]]


@method("POST /channels/{channel_id}/typing")
def typing(realm: Realm, ids: Mapping[str, str], asked: Asked) -> None:
    realm.allowed(ids["channel_id"], "send")


# --- commands -------------------------------------------------------------------------------------------------


@method("PUT /applications/{application_id}/commands")
def overwrite(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return _overwritten(realm, "", asked)


@method("PUT /applications/{application_id}/guilds/{guild_id}/commands")
def overwrite_guild(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return _overwritten(realm, ids["guild_id"], asked)


def _overwritten(realm: Realm, where: str, asked: Asked) -> list[Json]:
    commands = [dict(c) for c in asked["list"]]
    for command in commands:
        slash = command.get("type", 1) == 1
        named = re.fullmatch(r"[-_'\w]{1,32}", command["name"]) and command["name"].islower()
        if slash and not named:
            raise Refuses(400, 50035, "Invalid Form Body: name")
        if slash and not 1 <= len(command.get("description") or "") <= 100:
            raise Refuses(400, 50035, "Invalid Form Body: description")
        command |= {"id": realm.snowflake(), "application_id": BOT, "version": realm.snowflake()}
    realm.commands[where] = commands
    return commands


@method("GET /applications/{application_id}/commands")
def commands_of(realm: Realm, ids: Mapping[str, str], asked: Asked) -> list[Json]:
    return realm.commands.get("", [])
