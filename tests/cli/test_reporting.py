import asyncio
import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.commands.report_page import page
from adapters.commands.reporting import as_csv, sheets
from adapters.storage.database import Database
from bot.community import Engagement
from bot.events import Member
from bot.measures import Records, build
from bot.report import GapLine, Load
from tests.fakes.command_line import one_line
from tests.fakes.tables import tables

NOW = datetime.now(UTC)


async def _fill(path, people: int) -> None:
    members = [Member("web", "local", f"m{n}") for n in range(people)]
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        await tx.members.seen([(member, f"Name {member.id}") for member in members], NOW)
        rows = [Engagement(member.key, "asked:question", member.key, NOW - timedelta(days=1)) for member in members]
        await tx.engagement.add(rows)
    await store.close()


@pytest.fixture
def twelve(winwin, tmp_path):
    asyncio.run(_fill(tables(tmp_path / "winwin.db"), 12))
    return winwin


def test_the_table_counts_people(twelve):
    shown = twelve("report")
    assert shown.exit_code == 0
    assert ["using", "12", "12", "n/a", "n/a"] in [
        line.strip("│ ").split() for line in (line.replace("│", " ") for line in shown.stdout.splitlines())
    ]


def test_json_is_the_same_by_either_option(twelve):
    found = json.loads(twelve("report", "--json").stdout)
    assert found["tiers"]["using"]["cumulative"] == 12
    assert found["hidden_below"] == 11
    again = json.loads(twelve("report", "--format", "json").stdout)
    assert again.keys() == found.keys()


def test_csv_has_one_line_per_number(twelve):
    rows = dict(list(csv.reader(io.StringIO(twelve("report", "--format", "csv").stdout)))[1:])
    assert (rows["tiers.using.cumulative"], rows["asked.count"]) == ("12", "0")


def test_the_picture_is_written_to_a_file(twelve, tmp_path):
    shown = twelve("report", "--format", "png", "--output", tmp_path / "r.png")
    assert (shown.exit_code, shown.stdout) == (0, f"Written to {tmp_path}/r.png\n")
    png = (tmp_path / "r.png").read_bytes()
    assert png.startswith(b"\x89PNG\r\n")
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1000, 900)
    assert [p.name for p in tmp_path.glob("*.new")] == []


def test_the_page_needs_nothing_but_itself_and_escapes_what_members_wrote(twelve):
    drawn = twelve("report", "--format", "html").stdout
    assert 'using</td><td class="figure">12</td>' in drawn
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', drawn) == []
    assert "<script" not in drawn
    report = replace(build(Records(), NOW, NOW), gaps=(GapLine("<b>&", 1, 1),))
    assert "&lt;b&gt;&amp;" in page(report, b"png")


def test_the_table_of_volunteers_shows_shares_and_no_failures():
    volunteers = (Load("p-1", 1, 0, 0), Load("p-2", 3, 1, 0))
    (load,) = [
        sheet for sheet in sheets(replace(build(Records(), NOW, NOW), volunteers=volunteers)) if sheet.title == "Load"
    ]
    assert list(load.columns) == ["", "asked", "share of all"]
    assert load.rows == [("volunteer 1", "1", "25%"), ("volunteer 2", "3", "75%")]


def test_small_numbers_are_in_no_form_of_the_report(winwin, tmp_path):
    asyncio.run(_fill(tmp_path / "winwin.db", 3))
    for form in ("table", "csv", "html"):
        twice = [winwin("report", "--format", form, *more).stdout for more in ((), ("--show-small",))]
        using = [re.search(r"using\W.*?\b3\b|tiers.using.cumulative,3", text.split("Questions")[0]) for text in twice]
        assert [found is not None for found in using] == [False, True], form


def test_every_form_goes_to_a_file_and_a_file_that_cannot_be_written_is_refused(twelve, tmp_path):
    for form in ("table", "json", "csv", "html"):
        assert twelve("report", "--format", form, "--output", tmp_path / form).exit_code == 0
    assert json.loads((tmp_path / "json").read_text())["tiers"]["using"]["cumulative"] == 12
    assert "using" in (tmp_path / "table").read_text()
    refused = twelve("report", "--format", "csv", "--output", tmp_path / "no" / "where.csv")
    assert refused.exit_code == 1
    assert one_line(refused).endswith("choose another file")


def test_csv_escapes_formulas_in_the_words_of_members():
    drawn = as_csv({"gaps": [{"name": "=cmd()", "questions": None}]})
    assert list(csv.reader(io.StringIO(drawn))) == [
        ["figure", "value"],
        ["gaps.1.name", "'=cmd()"],
        ["gaps.1.questions", ""],
    ]


def test_few_people_are_hidden_unless_asked_for(winwin, tmp_path):
    asyncio.run(_fill(tmp_path / "winwin.db", 3))
    assert json.loads(winwin("report", "--json").stdout)["tiers"]["using"]["cumulative"] is None
    assert "under 11" in winwin("report").stdout
    assert json.loads(winwin("report", "--json", "--show-small").stdout)["tiers"]["using"]["cumulative"] == 3


def test_growth_is_since_the_day_that_was_named(twelve):
    today = json.loads(twelve("report", "--json", "--baseline", (NOW - timedelta(hours=1)).isoformat()).stdout)
    assert today["tiers"]["using"]["cumulative_growth"] == 1.0


@pytest.mark.parametrize(("day", "says"), [("soon", "'soon' is not a day"), ("2999-01-01", "lies in the future")])
def test_a_day_that_is_none_is_refused(twelve, day, says):
    result = twelve("report", "--baseline", day)
    assert result.exit_code == 1
    assert says in one_line(result)


def test_without_a_database_there_is_nothing_to_report(winwin):
    assert "there is no database" in one_line(winwin("report"))
