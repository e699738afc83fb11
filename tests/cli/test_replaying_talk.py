"""`winwin replay`: what would have been done, on the screen, as JSON and as a page; and what is never done."""

import json
import re
import sqlite3
import stat
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
import structlog
from typer.testing import CliRunner, Result

from adapters import embedders
from adapters.cli import program
from adapters.settings import Settings, variable_of
from tests.fakes.command_line import WordModel, one_line
from tests.fakes.exports import Line, discord_file, slack_files, unpacked, zipped
from tests.fakes.tables import tables

NEED = "my son's school marks infusion days as unexcused, what can we do?"
CRY = "I want to kill myself tonight, zebrafinch"
HOSTILE = f'{NEED} &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(2)&gt; &amp; "why" Person OfU1'
TALK = [
    Line(0, "U1", NEED),
    Line(9, "U2", "Ask the clinic for a letter for all infusion days, that worked for us and our school.", under=0),
    Line(20, "U3", CRY, channel="night"),
    Line(21, "U2", "zebrafinch, I am here, what happened?", under=2, channel="night"),
    Line(60, "U3", "Where can I get a tent for the weekend? Write to <mailto:u3@example.org|u3@example.org>"),
    Line(1500, "U2", HOSTILE),
]


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    files = slack_files(TALK)
    files["groups.json"] = [{"id": "G1", "name": "secret"}]
    return zipped(tmp_path_factory.mktemp("talk") / "slack.zip", files)


@dataclass(frozen=True)
class Shown:
    """What the command says of the same talk: on the screen, as JSON with a page, and as JSON with names."""

    screen: Result
    json: Result
    named: Result
    page: str
    mode: int
    left: list[str]  # files in the folder where it ran


@pytest.fixture(scope="module")
def shown(talk, tmp_path_factory):
    """Run once: nothing of it changes anything, as the tests below say."""
    home, resources = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("library") / "r.jsonl"
    resources.write_text(json.dumps({"id": "school", "title": "Infusion days at school", "text": "Ask for absences."}))
    before = structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedders, "load_embedder", lambda *_: WordModel())
        for name in Settings.model_fields:
            patch.delenv(variable_of(name), raising=False)
        patch.chdir(home)

        def run(*options: object) -> Result:
            given = ["replay", str(talk), "--resources", str(resources), *map(str, options)]
            return CliRunner().invoke(program(), given)

        screen = run()
        left = [path.name for path in home.iterdir()]
        with_page, named = run("--json", "--page", home / "p.html"), run("--json", "--names")
    structlog.configure(**before)
    page = home / "p.html"
    return Shown(screen, with_page, named, page.read_text(), stat.S_IMODE(page.stat().st_mode), left)


def test_the_whole_of_it_as_json(shown):
    found = json.loads(shown.json.stdout)
    assert list(found) == ["export", "resources", "totals", "decisions", "crises"]
    assert found["export"] == {
        "platform": "slack",
        "messages": 6,
        "people": 3,
        "bots": 0,
        "other": 0,
        "edited": 0,
        "deleted": 0,
        "left_out": ["1 private channel"],
        "bad_files": [],
    }
    assert (found["resources"], found["totals"]["crises"], found["totals"]["beside_crises"]) == (1, {"C1": 1}, 1)
    assert found["crises"] == [{"code": "C1", "channel": "night", "at": "2026-03-02T08:20:00.000002+00:00"}]
    first = found["decisions"][0]
    assert (first["by"], first["text"], first["channel"]) == ("p-1", NEED, "general")
    assert (first["answered"]["by"], first["answered"]["minutes"]) == ("p-2", 9.0)
    assert first["verdict"] in ("suggested", "routed")
    assert found["totals"]["questions"] == sum(d["verdict"] != "unheard" for d in found["decisions"])


def test_a_crisis_is_nowhere_in_words(shown):
    assert "A crisis here (C1): #night, 2026-03-02 08:20" in shown.page
    for text in (shown.page, shown.screen.output, shown.json.output, shown.named.output):
        assert "zebrafinch" not in text
        assert "kill" not in text


def test_names_and_private_details_are_left_out(shown):
    for text in (shown.page, shown.json.stdout):
        assert "u3@example.org" not in text
        assert "OfU1" not in text
        assert "[e-mail]" in text
        assert "p-3" in text
    assert json.loads(shown.named.stdout)["decisions"][0]["by"] == "Person OfU1"
    assert "u3@example.org" not in shown.named.stdout


class Looked(HTMLParser):
    """Whatever a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.odd: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}
        self.odd += [name for name, _ in attrs if name.startswith("on")]


def test_the_page_needs_nothing_else_and_everything_is_escaped(shown):
    looked = Looked(shown.page)
    assert not looked.tags & {"script", "img", "link", "iframe", "object", "form"}
    assert not looked.odd
    assert all(address.startswith("#") for address in looked.addresses)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'" in shown.page
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(2)&gt; &amp; &quot;why&quot;" in shown.page
    )
    assert shown.mode == 0o600


def test_every_filter_has_its_target_and_every_channel_one(shown):
    wanted = set(re.findall(r"href=#([\w-]+)", shown.page))
    assert wanted == set(re.findall(r"<i class=target id=([\w-]+)>", shown.page))
    assert {"all", "missed", "crisis", "c-1", "c-2"} <= wanted
    assert "Monday, 2 March 2026" in shown.page


def test_without_a_page_the_figures_are_shown_and_no_word_of_anybody(shown):
    assert shown.screen.exit_code == 0
    said = " ".join(shown.screen.stdout.split())
    assert "questions heard" in said
    assert "From 2026-03-02 to 2026-03-03, 3 people wrote 6 messages in 2 channels." in said
    assert "Left out: 1 private channel." in said
    assert "infusion" not in said
    assert shown.left == []


def test_the_communitys_own_library_is_read_and_nothing_is_written_to_its_database(winwin, resources, talk, tmp_path):
    database = tables(tmp_path / "winwin.db")
    assert winwin("import", resources).exit_code == 0
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM embedding WHERE rowid % 2 = 0")
    connection.close()

    def everything() -> list[str]:
        with sqlite3.connect(database) as reading:
            rows = list(reading.iterdump())
        reading.close()
        return rows

    before = everything()
    found = json.loads(winwin("replay", talk, "--json").stdout)
    assert (found["resources"], everything()) == (3, before)


def test_where_there_is_no_database_none_is_made(winwin, talk, tmp_path):
    result = winwin("replay", talk)
    assert (result.exit_code, not (tmp_path / "winwin.db").exists()) == (1, True)
    assert "there is no database" in one_line(result)


def test_an_older_database_is_not_brought_up_to_date(winwin, talk, tmp_path):
    database = tables(tmp_path / "winwin.db")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    result = winwin("replay", talk)
    assert (result.exit_code, "run `winwin migrate` first" in one_line(result)) == (1, True)


def test_discord_is_replayed_too(winwin, resources, tmp_path):
    lines = [Line(0, "1", NEED), Line(5, "2", "Ask the clinic for one letter that covers all the days.", under=0)]
    folder = unpacked(tmp_path / "discord", {"general.json": discord_file(lines)})
    found = json.loads(winwin("replay", folder, "--resources", resources, "--json").stdout)
    [decision] = found["decisions"]
    assert (found["export"]["platform"], decision["channel"]) == ("discord", "general")
    assert decision["answered"]["minutes"] == 5.0


def test_what_is_no_export_is_refused_with_one_line(winwin, resources, tmp_path):
    (tmp_path / "notes.zip").write_text("not a zip")
    result = winwin("replay", tmp_path / "notes.zip", "--resources", resources)
    assert result.exit_code == 1
    assert "is neither a Slack export nor DiscordChatExporter's JSON" in one_line(result)


def test_a_page_in_a_folder_that_is_not_there_is_refused_before_anything_is_read(winwin, talk, tmp_path):
    result = winwin("replay", talk, "--page", tmp_path / "nowhere" / "p.html")
    assert (result.exit_code, "create it first" in one_line(result)) == (1, True)


def test_a_file_that_cannot_be_read_is_told_and_the_others_count(winwin, resources, tmp_path):
    talk = zipped(tmp_path / "slack.zip", {**slack_files(TALK), "general/2026-03-09.json": "{"})
    result = winwin("replay", talk, "--resources", resources)
    assert (result.exit_code, one_line(result)) == (0, "general/2026-03-09.json: not JSON")
