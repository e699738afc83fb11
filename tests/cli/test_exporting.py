import asyncio
import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.commands.exporting import write
from adapters.commands.pseudonyms import pseudonym
from adapters.storage.database import Database
from bot.community import Answer, Engagement, MemberRecord
from bot.events import Member, Place
from bot.question import Question
from tests.fakes.command_line import one_line
from tests.fakes.tables import tables

NOW = datetime(2025, 3, 1, tzinfo=UTC)
KEY = "k" * 40
ANA, BEN = Member("web", "local", "ana"), Member("web", "local", "ben")


async def _fill(path: Path) -> None:
    place = Place("web", "local", "general", "1", "1")
    common = {"language": "en", "topics": (), "medical": False, "urgent": False, "asked_at": NOW}
    spoken = Question(
        "q1", "local", place, ANA.key, ANA.key, "Can Ben Okoro call me at 555 123 4567?", private=False, **common
    )
    quiet = Question("q2", "local", place, ANA.key, ANA.key, "private words", private=True, **common)
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        await tx.members.seen([(ANA, "Ana Ruiz"), (BEN, "Ben Okoro")], NOW)
        for question in (spoken, quiet):
            await tx.questions.add(question)
        await tx.answers.put(Answer(place, "q1", BEN.key, "Ask Ana Ruiz", 0.9, NOW))
        await tx.engagement.add([Engagement("k1", "asked:question", ANA.key, NOW, question="q1")])
    await store.close()


@pytest.fixture
def full(winwin, resources, tmp_path, monkeypatch):
    rows = resources.read_text() + json.dumps(
        {"id": "odd", "title": "=HYPERLINK(1)", "text": '+1, a\n"b" 🧸', "asked_as": ["one, two?", "-three"]}
    )
    resources.write_text(rows)
    tables(tmp_path / "winwin.db")
    winwin("import", resources)
    asyncio.run(_fill(tmp_path / "winwin.db"))
    monkeypatch.setenv("WINWIN_SECRET_KEY", KEY)
    return winwin


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_people_appear_under_pseudonyms_and_private_words_do_not_appear(full, tmp_path):
    result = full("export", "out", "--json")
    assert json.loads(result.stdout)["rows"]["questions"] == 2
    everything = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    for secret in ("ana", "Ana", "Okoro", "555", "private words", KEY):
        assert secret not in everything
    spoken, quiet = rows_of(tmp_path / "out" / "questions.jsonl")
    assert (spoken["text"], quiet["text"]) == ("Can [name] call me at [phone number]?", "")
    assert re.fullmatch(r"p-[0-9a-f]{16}", spoken["asker"])
    assert spoken["asker"] == quiet["asker"]
    assert rows_of(tmp_path / "out" / "answers.jsonl")[0]["text"] == "Ask [name]"
    assert rows_of(tmp_path / "out" / "engagement.jsonl") == [
        {
            "at": NOW.isoformat(),
            "behaviour": "asked:question",
            "person": spoken["asker"],
            "resource": "",
            "question": "q1",
        }
    ]


def test_who_asked_without_a_name_is_under_no_pseudonym_that_leads_to_them(full, tmp_path):
    asyncio.run(_ask_without_a_name(tmp_path / "winwin.db"))
    full("export", "out")
    spoken, quiet, nameless = rows_of(tmp_path / "out" / "questions.jsonl")
    asked = {row["question"]: row["person"] for row in rows_of(tmp_path / "out" / "engagement.jsonl")}
    assert asked == {"q1": spoken["asker"], "q3": nameless["asker"]}
    assert nameless["asker"] not in (spoken["asker"], quiet["asker"])
    assert re.fullmatch(r"p-[0-9a-f]{16}", nameless["asker"])


async def _ask_without_a_name(path: Path) -> None:
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    common = {"language": "en", "topics": (), "medical": False, "urgent": False, "asked_at": NOW}
    place = Place("web", "local", "general", "9", "9")
    asked = Question("q3", "local", place, ANA.key, ANA.key, "Who?", private=False, pseudonym="Koala-27", **common)
    async with store.begin() as tx:
        await tx.questions.add(asked)
        await tx.engagement.add([Engagement("k3", "asked:question", ANA.key, NOW, question="q3")])
    await store.close()


def test_the_same_key_gives_the_same_pseudonym_and_another_key_another_one():
    assert pseudonym(KEY, "ana") == pseudonym(KEY, "ana") != pseudonym("other", "ana")
    assert pseudonym(KEY, "ana") != pseudonym(KEY, "ben")
    assert pseudonym(KEY, "") == ""
    assert len(pseudonym(KEY, "ana")) == 18


def test_without_a_key_the_pseudonyms_are_made_for_once(full, tmp_path, monkeypatch):
    monkeypatch.delenv("WINWIN_SECRET_KEY")
    for name in ("one", "two"):
        assert "WINWIN_SECRET_KEY is not set" in full("export", name).stderr
    one, two = ((tmp_path / name / "engagement.jsonl").read_text() for name in ("one", "two"))
    assert one != two


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_is_read_back_to_the_same_resources(full, tmp_path, form):
    full("export", "out")
    assert full("import", f"out/resources.{form}", "--database", "other.db").exit_code == 0
    full("export", "again", "--database", "other.db")
    assert (tmp_path / "out/resources.jsonl").read_bytes() == (tmp_path / "again/resources.jsonl").read_bytes()


def test_no_cell_is_a_formula(full, tmp_path):
    full("export", "out")
    for path in (tmp_path / "out").glob("*.csv"):
        with path.open(newline="") as opened:
            cells = [cell for row in csv.reader(opened) for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert "'=HYPERLINK(1)" in (tmp_path / "out/resources.csv").read_text()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: (path.mkdir(), (path / "x").write_text("x")), "is not empty"),
        (lambda path: path.write_text("x"), "is a file"),
    ],
)
def test_what_is_there_is_not_overwritten(full, tmp_path, make, says):
    make(tmp_path / "out")
    result = full("export", "out")
    assert result.exit_code == 1
    assert says in one_line(result)
    assert "does not exist; create it first" in one_line(full("export", "no/such/out"))


def test_without_a_database_nothing_is_made(winwin, tmp_path):
    assert "there is no database" in one_line(winwin("export", "out"))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "out", {"good": [{"a": 1}], "bad": [{"a": object()}]})
    assert list(tmp_path.iterdir()) == []


def test_tables_without_rows_are_empty_files(winwin, resources, tmp_path):
    winwin("import", resources)
    assert winwin("export", "out").exit_code == 0
    assert (tmp_path / "out/questions.csv").read_text() == ""


def test_members_who_opted_out_keep_their_words(full, tmp_path):
    async def opt_out() -> None:
        store = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'winwin.db'}")
        async with store.begin() as tx:
            await tx.members.save(MemberRecord(ANA.key, ANA.key, "Ana Ruiz", opted_out=True))
        await store.close()

    asyncio.run(opt_out())
    full("export", "out")
    assert [row["text"] for row in rows_of(tmp_path / "out" / "questions.jsonl")] == ["", ""]
