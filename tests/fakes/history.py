"""What happened to a community, read from outside: from its database and from what its people were shown, never from
the program's own view. Each check gives what is wrong, in words; nothing is good.

Reads SQLite and PostgreSQL alike: `rows` runs one query and gives its rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = tuple[Any, ...]
Rows = Callable[[str], Awaitable[Sequence[Row]]]

WEEK = timedelta(days=7)
TELLING = timedelta(minutes=2)  # from the look whether somebody is awake to the card, on a clock that is moved
LEFT = "SELECT (SELECT count(*) FROM inbox WHERE due_at IS NOT NULL), (SELECT count(due_at) FROM outbox)"
OPEN = "SELECT id FROM question WHERE status <> 'closed' ORDER BY id"
UNANSWERED = "SELECT id FROM question WHERE status IN ('open', 'offered', 'claimed', 'escalated')"
NEVER = {  # rows that no look may ever find
    "a question that nobody will look at again": (
        "SELECT id FROM question q WHERE status <> 'closed' AND deadline IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM outbox WHERE about = q.id AND due_at IS NOT NULL) "
        "AND NOT (status = 'escalated' AND reminders > 0)"  # people were told, again and again
    ),
    "a question that is closed and still has a deadline": (
        "SELECT id FROM question WHERE status = 'closed' AND (deadline IS NOT NULL OR outcome IS NULL)"
    ),
    "a question asked twice": "SELECT text FROM question WHERE text <> '' GROUP BY text HAVING count(*) > 1",
    "a question that began twice": (
        "SELECT question FROM journal WHERE event = 'Asked' GROUP BY question HAVING count(*) > 1"
    ),
    "a question that ended twice": (
        "SELECT question FROM journal GROUP BY question HAVING "
        "sum(CASE WHEN after = 'closed' AND before <> 'closed' THEN 1 ELSE 0 END) > "
        "1 + sum(CASE WHEN before = 'closed' AND after <> 'closed' THEN 1 ELSE 0 END)"
    ),
    "a card twice": (
        "SELECT channel, thread, card FROM chat_post WHERE author = 'winwin' AND deleted_at IS NULL AND card <> '' "
        "GROUP BY channel, thread, card, only_for HAVING count(*) > 1"
    ),
    "an offer twice": (
        "SELECT about, to_member FROM outbox WHERE kind = 'OfferQuestion' "
        "GROUP BY about, to_member, payload HAVING count(*) > 1"
    ),
    "anything given up": "SELECT key, error FROM outbox WHERE parked_at IS NOT NULL",
    "anything not understood": "SELECT key, error FROM inbox WHERE parked_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody was shown a card that asks them to answer: when, and when that was decided."""

    member: str
    decided: datetime
    shown: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What a volunteer has set: how often they may be asked in a week, and when not."""

    cap: int
    zone: str
    quiet: tuple[tuple[int, time, time], ...]  # weekday, from, to; may pass midnight

    def asleep(self, at: datetime) -> bool:
        there = at.astimezone(ZoneInfo(self.zone))
        return any(_in_span(there, *span) for span in self.quiet)


def file_rows(file: Path) -> Rows:
    """Of an SQLite file, beside the program that writes it."""

    async def rows(query: str) -> Sequence[Row]:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as database:
            return database.execute(query).fetchall()

    return rows


async def now_wrong(rows: Rows) -> list[str]:
    """What may be true at no moment, whatever is under way."""
    found = []
    for what, query in NEVER.items():
        found += [f"{what}: {row}" for row in await rows(query)]
    return found + await broken_lives(rows)


async def lost(rows: Rows, keys: Iterable[str]) -> list[str]:
    """Facts that were acknowledged (their keys) and that the database does not have."""
    known = {key for (key,) in await rows("SELECT key FROM inbox")}
    return [f"lost: {key}" for key in keys if key not in known]


async def unasked(rows: Rows, texts: Iterable[str]) -> list[str]:
    """Questions that were acknowledged and are none."""
    known = {text for (text,) in await rows("SELECT text FROM question")}
    return [f"no question: {text}" for text in texts if text not in known]


async def unended(rows: Rows) -> list[str]:
    """Questions that are not in exactly one state which is an end."""
    ended = (
        "SELECT q.id, q.status, q.outcome, (SELECT count(*) FROM journal j WHERE j.question = q.id AND "
        "j.after = 'closed' AND j.before <> 'closed') - (SELECT count(*) FROM journal j WHERE j.question = q.id AND "
        "j.before = 'closed' AND j.after <> 'closed') FROM question q"
    )
    return [f"not ended once: {row}" for row in await rows(ended) if row[1] != "closed" or not row[2] or row[3] != 1]


async def broken_lives(rows: Rows) -> list[str]:
    """Each step of a question begins where the one before it ended: none was left out, and none came twice. Read in
    one query, so that it holds at any moment."""
    told = (
        "SELECT j.question, j.event, j.before, j.after, q.status FROM journal j "
        "LEFT JOIN question q ON q.id = j.question ORDER BY j.id"
    )
    stands: dict[str, str] = {}
    known: dict[str, str | None] = {}
    wrong = []
    for question, event, before, after, status in await rows(told):
        if stands.get(question, "") != before:
            wrong.append(f"{question}: {event} from {before!r}, and it stood at {stands.get(question, '')!r}")
        stands[question], known[question] = after, status
    return wrong + [f"{q}: {known[q]!r}, and its story says {s!r}" for q, s in stands.items() if known[q] != s]


async def twice_done(rows: Rows, presses: Mapping[tuple[str, str, str], int]) -> list[str]:
    """Steps of people that came more often than they were made: by (question, event, member), how often it was made."""
    said = Counter(
        (question, event, by) for question, event, by in await rows("SELECT question, event, by FROM journal")
    )
    return [
        f"{step} came {count} times and was made {presses[step]} times"
        for step, count in said.items()
        if step in presses and count > presses[step]
    ]


async def asks(rows: Rows) -> list[Ask]:
    """All that volunteers were shown to ask them for an answer."""
    sent = (
        "SELECT to_member, created_at, posted_at FROM outbox WHERE kind = 'OfferQuestion' AND posted_at IS NOT NULL "
        "AND dropped = ''"
    )
    return [Ask(member, _moment(decided), _moment(shown)) for member, decided, shown in await rows(sent)]


async def wishes(rows: Rows) -> dict[str, Wish]:
    """What volunteers have set."""
    found = await rows("SELECT member, weekly_cap, time_zone, quiet FROM volunteer")
    return {member: Wish(cap, zone or "UTC", _spans(quiet)) for member, cap, zone, quiet in found}


def woken(asked: Iterable[Ask], set_by: Mapping[str, Wish]) -> list[str]:
    """Who was asked in their quiet hours, by decision or by delivery."""
    return [
        f"asked in quiet hours: {ask}"
        for ask in asked
        if (wish := set_by.get(ask.member))
        and (wish.asleep(ask.decided) or (wish.asleep(ask.shown) and wish.asleep(ask.shown - TELLING)))
    ]


def over_cap(asked: Iterable[Ask], set_by: Mapping[str, Wish]) -> list[str]:
    """Who was asked more often within seven days than they have set."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for ask in asked:
        times[ask.member].append(ask.decided)
    wrong = []
    for member, moments in times.items():
        moments.sort()
        cap = set_by[member].cap if member in set_by else len(moments)
        for first, last in zip(moments, moments[cap:], strict=False):
            if last - first < WEEK:
                wrong.append(f"over cap: {member} more than {cap} times from {first} to {last}")
    return wrong


async def burdened(rows: Rows, seen: Iterable[Ask] = ()) -> list[str]:
    """Who was asked in quiet hours or over their cap, by the database and by what people were shown (`seen`)."""
    asked, set_by = await asks(rows), await wishes(rows)
    return woken((*asked, *seen), set_by) + over_cap(asked, set_by)


def _spans(quiet: str) -> tuple[tuple[int, time, time], ...]:
    said = [span.split(" ") for span in json.loads(quiet)]
    return tuple((int(day), time.fromisoformat(start), time.fromisoformat(end)) for day, start, end in said)


def _in_span(there: datetime, weekday: int, start: time, end: time) -> bool:
    clock, today, before = there.time(), there.weekday() == weekday, there.weekday() == (weekday + 1) % 7
    if start < end:
        return today and start <= clock < end
    return (today and clock >= start) or (before and clock < end)


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
