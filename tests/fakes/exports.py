"""Exports as Slack and DiscordChatExporter write them, of talk that is given as rows or made up."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes.command_line import ROOT

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEAM, GUILD = "T01", "900"


@dataclass(frozen=True, slots=True)
class Line:
    """A message: minutes after the start, who, what; `under` is the number of the line whose thread it stands in.
    `more` goes into the message as it is."""

    minute: float
    by: str
    text: str
    under: int | None = None
    channel: str = "general"
    more: Mapping[str, Any] | None = None

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)


def slack_rows(lines: Sequence[Line]) -> dict[str, list[dict[str, Any]]]:
    """Day files by name."""
    ts = [f"{line.at.timestamp():.0f}.{number:06d}" for number, line in enumerate(lines)]
    days: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(lines):
        row: dict[str, Any] = {"type": "message", "user": line.by, "text": line.text, "ts": ts[number]}
        if line.under is not None:
            row["thread_ts"] = ts[line.under]
        row |= line.more or {}
        days.setdefault(f"{line.channel}/{line.at:%Y-%m-%d}.json", []).append(row)
    return days


def slack_files(lines: Sequence[Line], users: Iterable[Mapping[str, Any]] = ()) -> dict[str, object]:
    """A whole export by file name; everybody who writes has the name `Person Of<id>`."""
    people = sorted({line.by for line in lines})
    known = [{"id": one, "team_id": TEAM, "name": one.lower(), "real_name": f"Person Of{one}"} for one in people]
    names = sorted({line.channel for line in lines})
    channels = [{"id": f"C{number:02d}", "name": name} for number, name in enumerate(names)]
    given = {user["id"]: user for user in users}
    return {
        "channels.json": channels,
        "users.json": [given.pop(user["id"], user) for user in known] + list(given.values()),
        **slack_rows(lines),
    }


def discord_file(
    lines: Sequence[Line], channel: Mapping[str, Any] | None = None, ids: Sequence[int] | None = None
) -> dict[str, Any]:
    """One channel or thread as DiscordChatExporter writes it. `under` becomes a reply by reference."""
    about = {"id": "100", "type": "GuildTextChat", "categoryId": None, "category": None, "name": "general"} | dict(
        channel or {}
    )
    numbers = list(ids or range(5_000, 5_000 + len(lines)))
    messages = []
    for number, line in zip(numbers, lines, strict=True):
        message: dict[str, Any] = {
            "id": str(number),
            "type": "Default" if line.under is None else "Reply",
            "timestamp": line.at.isoformat(),
            "timestampEdited": None,
            "content": line.text,
            "author": {"id": line.by, "name": f"user{line.by}", "nickname": f"Nick Of{line.by}", "isBot": False},
            "embeds": [],
            "mentions": [],
        }
        if line.under is not None:
            message["reference"] = {"messageId": str(numbers[line.under]), "channelId": about["id"], "guildId": GUILD}
        messages.append(message | dict(line.more or {}))
    return {"guild": {"id": GUILD, "name": "Guild"}, "channel": about, "messages": messages}


def zipped(path: Path, found: Mapping[str, object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


def unpacked(folder: Path, found: Mapping[str, object]) -> Path:
    for name, content in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def made_up(count: int, seed: int) -> list[Line]:
    """A community's talk of that many messages: chatter, needs in the words of families, answers in their threads."""
    dice = random.Random(seed)
    chatter = [line for line in (ROOT / "bench" / "chatter.txt").read_text("utf-8").splitlines() if line]
    library = [json.loads(line) for line in (ROOT / "samples" / "resources.jsonl").read_text("utf-8").splitlines()]
    channels = ("general", "school-and-rights", "food", "clinic-days")
    lines: list[Line] = []
    minute = 0.0
    while len(lines) < count:
        minute += dice.expovariate(1 / 12)
        by, channel = f"U{dice.randrange(120):03d}", dice.choice(channels)
        if dice.random() < 0.65:
            lines.append(Line(minute, by, _varied(dice.choice(chatter), dice), None, channel))
            continue
        resource = dice.choice(library)
        root = len(lines)
        lines.append(Line(minute, by, _varied(dice.choice(resource["asked_as"]), dice), None, channel))
        sentences = resource["text"].split(". ")
        for number in range(dice.randrange(4)):
            said = dice.choice(chatter) if dice.random() < 0.4 else f"{dice.choice(sentences)}. That helped us."
            when = minute + (number + 1) * dice.expovariate(1 / 40)
            lines.append(Line(when, f"U{dice.randrange(120):03d}", _varied(said, dice), root, channel))
    return lines[:count]


def _varied(text: str, dice: random.Random) -> str:
    """No two messages of a community are letter for letter the same."""
    before = dice.choice(("", "", "Hi all, ", "So ", "Quick one: ", "Well, "))
    after = dice.choice(("", "", " thanks", " <@U001>", " :)", f" ({dice.randrange(1, 90)})", " &lt;3"))
    return f"{before}{text}{after}"
