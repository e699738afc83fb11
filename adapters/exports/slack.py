"""A Slack workspace export: channels.json, users.json, and for each channel a folder with one file a day.

Public channels alone are read. What is private between people (groups.json, dms.json, mpims.json) is counted and left
where it is: the bot would not have been there either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.exports.opening import BadFile, Files
from adapters.exports.records import Export, ExportError, Gathered, counted
from adapters.slack.identity import Workspace, part, word
from adapters.slack.inbound import channel_key, member_changed, place_of, posted, when
from bot.replaying import Said

INDEX = "channels.json"
PRIVATE = (
    ("groups.json", "private channel", "private channels"),
    ("mpims.json", "private conversation of several", "private conversations of several"),
    ("dms.json", "private conversation of two", "private conversations of two"),
)
WORKSPACE = "export"  # where the export does not say which one it is of
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Progress = Callable[[int, int], None]


def root_of(files: Files) -> str | None:
    """The folder inside the export in which its index lies, with a `/`; None when it is no Slack export."""
    found = [name for name in files.sizes if name.rsplit("/", 1)[-1] == INDEX]
    nearest = min(found, key=lambda name: (name.count("/"), name), default=None)
    return nearest.removesuffix(INDEX) if nearest is not None else None


def read(files: Files, root: str, progress: Progress) -> Export:
    """Raises ExportError."""
    channels = [one for one in _rows(files, f"{root}{INDEX}") if word(one.get("id")) and word(one.get("name"))]
    users = _rows(files, f"{root}users.json") if f"{root}users.json" in files.sizes else []
    team = next((word(user.get("team_id")) for user in users if word(user.get("team_id"))), WORKSPACE)
    workspace, gathered = Workspace(team), Gathered()
    programs = _people(users, workspace, gathered)
    folders = {f"{root}{word(one.get('name'))}/": word(one.get("id")) for one in channels}
    gathered.channels |= {channel_key(word(c.get("id")), workspace): word(c.get("name")) for c in channels}
    days = sorted(name for name in files.sizes if name.rpartition("/")[0] + "/" in folders)
    for done, day in enumerate(days, 1):
        channel = folders[day.rpartition("/")[0] + "/"]
        for row in _day(files, day, gathered):
            _message(row, channel, workspace, programs, gathered)
        progress(done, len(days))
    return gathered.export("slack", _left_out(files, root))


def _rows(files: Files, name: str) -> list[Mapping[str, Any]]:
    """A list of objects without which the rest makes no sense."""
    short = name.rsplit("/", 1)[-1]  # what stands before it is anybody's to name
    try:
        found = files.json(name)
    except BadFile as error:
        raise ExportError(f"{short} of {files.path} cannot be read ({error}); export it again") from None
    if not isinstance(found, list):
        raise ExportError(f"{short} of {files.path} is no list; it is not what Slack exports")
    return [one for one in found if isinstance(one, dict)]


def _people(users: list[Mapping[str, Any]], workspace: Workspace, gathered: Gathered) -> frozenset[str]:
    """Their names; returns those who are programs."""
    programs = set()
    for user in users:
        known = member_changed(user, workspace, _EPOCH)
        if known is None:
            continue
        gathered.names[known.member.key] = known.name
        if known.bot:
            programs.add(known.member.id)
    return frozenset(programs)


def _day(files: Files, name: str, gathered: Gathered) -> Iterator[Mapping[str, Any]]:
    try:
        found = files.json(name)
    except BadFile as error:
        gathered.bad.append((name, str(error)))
        return
    if not isinstance(found, list):
        gathered.bad.append((name, "not a list of messages"))
        return
    yield from (one for one in found if isinstance(one, dict))


def _message(
    row: Mapping[str, Any], channel: str, workspace: Workspace, programs: frozenset[str], gathered: Gathered
) -> None:
    """One row of a day; larger exports have edits and deletions as rows of their own."""
    subtype = word(row.get("subtype"))
    if subtype == "message_deleted":
        gone = word(row.get("deleted_ts")) or word(part(row.get("previous_message")).get("ts"))
        if when(gone) is not None:
            gathered.deleted.add(place_of(channel, gone, "", workspace).key)
        return
    message = part(row.get("message")) if subtype == "message_changed" else row
    if message.get("bot_id") or word(message.get("subtype")) == "bot_message" or word(message.get("user")) in programs:
        gathered.bots += 1
        return
    if word(message.get("subtype")) == "tombstone":
        gathered.deleted.add(place_of(channel, word(message.get("ts")), "", workspace).key)
        return
    said = posted(message, channel, workspace, direct=False)
    if said is None:
        gathered.other += 1
        return
    gathered.keep(Said(said), edited=bool(part(message.get("edited"))) or message is not row)


def _left_out(files: Files, root: str) -> Iterator[str]:
    for name, one, many in PRIVATE:
        try:
            found = files.json(f"{root}{name}") if f"{root}{name}" in files.sizes else []
        except BadFile:
            continue
        if isinstance(found, list) and found:
            yield counted(len(found), one, many)
