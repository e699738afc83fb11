"""`winwin export`: everything the community owns, as JSONL and CSV. People appear under pseudonyms only.

resources    as `winwin import` reads them
questions, answers    what was asked and answered in public, without names, phones, e-mails; others without their words
engagement, volunteers, channels, audit    ids, figures and times
"""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.auditing import noted
from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import say, show_json
from adapters.commands.session import AsJson, Database, existing_database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.community import Answer, Engagement, VolunteerSettings
    from bot.ports import Transaction
    from bot.question import Question

Row = Mapping[str, object]
Tables = dict[str, list[Row]]
Alias = Callable[[str], str]

MOST_QUESTIONS = 1_000_000
RESOURCE_COLUMNS = ("state", "version", "asked_as")  # written only where they differ from the usual


@command
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """Write everything the community owns into a folder, as JSONL and CSV: all of it or nothing."""
    from adapters.commands.pseudonyms import pseudonyms

    settings = settings_for(database)
    existing_database(settings)
    _must_be_free(folder)
    alias = pseudonyms(settings)

    async def work(c: "Community") -> Tables:
        async with c.store.read() as tx:
            return await tables(tx, alias)

    found = in_community(settings, work)
    write(folder, found)
    noted(settings, "export", "everything")
    counts = {name: len(rows) for name, rows in found.items()}
    if json_:
        show_json({"folder": str(folder), "rows": counts})
    else:
        say(f"{folder}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))


def _must_be_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file; name a folder that does not exist yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty; name a folder that does not exist yet, or is empty")
    if not folder.absolute().parent.is_dir():
        raise Refusal(f"the folder {folder.absolute().parent} does not exist; create it first")


# --- what is written ------------------------------------------------------------------------------------


async def tables(tx: "Transaction", alias: Alias) -> Tables:
    """Every table, with pseudonyms for people."""
    from bot.community import QuestionFilter
    from knowledge.resources import to_row

    members = await tx.members.all()
    silent = {member.key for member in members if member.opted_out}
    person = {member.key: member.person for member in members}

    def who(key: str) -> str:
        return alias(person.get(key, key))

    names = [member.name for member in members]
    questions = await tx.questions.find(QuestionFilter(limit=MOST_QUESTIONS))
    spoken = {q.id for q in questions if not q.private}
    hidden = {q.id: q.asker for q in questions if q.pseudonym}
    return {
        "resources": [to_row(resource) for resource in await tx.resources.all()],
        "questions": [_question(q, q.id in spoken and q.asker not in silent, names, who) for q in questions],
        "answers": [
            _answer(a, q.id in spoken and a.member not in silent, names, who)
            for q in questions
            for a in await tx.answers.of(q.id)
        ],
        "engagement": [_engagement(row, hidden, who) for row in await tx.engagement.all()],
        "volunteers": [_volunteer(v, who) for key in sorted(person) if (v := await tx.volunteers.get(key)) is not None],
        "channels": [{"channel": c.key, "name": c.name, "mode": c.mode.value} for c in await tx.channels.all()],
        "audit": [
            {"at": _time(a.at), "actor": who(a.actor) if a.actor in person else a.actor, "action": a.action}
            for a in await tx.audit.all()
        ],
    }


def _question(q: "Question", with_words: bool, names: list[str], who: Alias) -> Row:
    from bot.private_details import without

    return {
        "id": q.id,
        "asked_at": _time(q.asked_at),
        "asker": who(_nobody(q.id)) if q.pseudonym else who(q.asker),
        "text": without(q.text, names) if with_words else "",
        "language": q.language,
        "topics": list(q.topics),
        "medical": q.medical,
        "private": q.private,
        "status": q.status.value,
        "outcome": q.outcome.value if q.outcome else "",
        "suggested": list(q.suggested),
        "answered_by": [who(member) for member in q.answered_by],
        "answered_at": _time(q.answered_at),
        "closed_at": _time(q.closed_at),
    }


def _answer(a: "Answer", with_words: bool, names: list[str], who: Alias) -> Row:
    from bot.private_details import without

    text = without(a.text, names) if with_words else ""
    return {"question": a.question, "at": _time(a.at), "member": who(a.member), "text": text}


def _nobody(question_id: str) -> str:
    """Stands for the asker of a question without a name: nothing else of theirs leads to it."""
    return f"asker of {question_id}"


def _engagement(row: "Engagement", hidden: Mapping[str, str], who: Alias) -> Row:
    """What the asker of a question without a name did with it is theirs under no other question's pseudonym."""
    unnamed = hidden.get(row.question) == row.member
    return {
        "at": _time(row.at),
        "behaviour": row.behaviour,
        "person": who(_nobody(row.question)) if unnamed else who(row.member),
        "resource": row.resource,
        "question": row.question,
    }


def _volunteer(v: "VolunteerSettings", who: Alias) -> Row:
    return {
        "person": who(v.member),
        "kind": v.kind.value,
        "topics": sorted(v.topics),
        "languages": sorted(v.languages),
        "weekly_cap": v.weekly_cap,
        "paused": v.paused,
    }


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


# --- how it is written ----------------------------------------------------------------------------------


def write(folder: Path, found: Tables) -> None:
    """All files into a folder beside, which then takes the name: there at once or not at all. Raises OSError."""
    folder = folder.absolute()
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, rows in found.items():
            _jsonl(unfinished / f"{name}.jsonl", rows)
            _csv(unfinished / f"{name}.csv", rows, RESOURCE_COLUMNS if name == "resources" else ())
        unfinished.chmod(0o755)
        unfinished.rename(folder)  # replaces an empty folder and nothing else
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _jsonl(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as opened:
        for row in rows:
            opened.write(json.dumps(row, ensure_ascii=False) + "\n")
        opened.flush()
        os.fsync(opened.fileno())


def _csv(path: Path, rows: list[Row], more: tuple[str, ...]) -> None:
    from adapters.importers.table import escaped

    columns = list(dict.fromkeys([*(name for row in rows[:1] for name in row), *more])) if rows else []
    with path.open("w", encoding="utf-8", errors="replace", newline="") as opened:
        written = csv.writer(opened, lineterminator="\r\n")
        if columns:
            written.writerow(columns)
        for row in rows:
            written.writerow([escaped(_cell(name, row.get(name))) for name in columns])
        opened.flush()
        os.fsync(opened.fileno())


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ("\n" if name == "asked_as" else ";").join(map(str, value))
    return str(value)
