import asyncio
import json
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from adapters.commands import platforms
from adapters.commands.checking_safety import helplines
from adapters.commands.platforms import State
from adapters.embedders import pair
from adapters.settings import read_settings
from adapters.storage.database import Database
from adapters.storage.resources import Vectors
from bot.community import MemberRecord, Role
from bot.events import Member
from tests.fakes.tables import tables

NOW = datetime(2025, 3, 1, tzinfo=UTC)
ANA = Member("web", "local", "ana")


@pytest.fixture(autouse=True)
def _model_is_there(monkeypatch, tmp_path):
    """The real one is looked at by the test that is marked so."""
    from adapters.embedders import export, packaged

    monkeypatch.setattr(packaged, "check_packages", lambda: None)
    monkeypatch.setattr(export, "find_export", lambda **_: tmp_path)


def checks(result) -> dict[str, str]:
    return {check["check"]: check["state"] for check in json.loads(result.stdout)}


async def _member(path, **facts) -> None:
    if not path.exists():
        tables(path)
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        await tx.members.seen([(ANA, "Ana")], NOW)
        await tx.members.save(MemberRecord(ANA.key, ANA.key, "Ana", **facts))
    await store.close()


def test_a_fresh_machine_has_no_faults_and_no_database_is_made(winwin, tmp_path):
    result = winwin("doctor", "--json")
    assert result.exit_code == 0
    assert checks(result)["database"] == "note"
    assert list(tmp_path.iterdir()) == []


def test_a_healthy_community_is_good_throughout(winwin, resources, tmp_path):
    winwin("import", resources)
    asyncio.run(_member(tmp_path / "winwin.db", roles=frozenset({Role.MODERATOR})))
    found = checks(winwin("doctor", "--json"))
    for name in ("settings", "disk", "database", "resources", "moderators", "deliveries", "audit log", "model"):
        assert found[name] == "good", name
    assert winwin("doctor").stdout.endswith("Nothing is broken.\n")


def test_a_community_without_a_moderator_is_broken_and_told_what_to_do(winwin, tmp_path):
    asyncio.run(_member(tmp_path / "winwin.db"))
    result = winwin("doctor")
    assert result.exit_code == 1
    assert "FAULT  moderators: nobody is a moderator\n         -> Set WINWIN_MODERATORS" in result.stdout
    assert result.stderr.endswith("checks found a fault: moderators\n")


def test_every_fault_says_what_to_do(winwin, tmp_path, monkeypatch):
    asyncio.run(_member(tmp_path / "winwin.db"))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    result = winwin("doctor", "--json")
    found = json.loads(result.stdout)
    assert {c["check"] for c in found if c["state"] == "fault"} == {"moderators", "platforms"}
    assert all(c["do"] for c in found if c["state"] != "good")
    assert "xoxb-secret" not in result.output


def test_a_wrong_setting_is_a_fault(winwin, monkeypatch):
    monkeypatch.setenv("WINWIN_PORT", "x")
    result = winwin("doctor", "--json")
    assert (result.exit_code, checks(result)) == (1, {"settings": "fault"})


def test_a_misspelt_setting_is_noted(winwin, monkeypatch):
    monkeypatch.setenv("WINWIN_PROT", "1")
    assert "unknown variables: WINWIN_PROT" in winwin("doctor").stdout


@pytest.mark.parametrize("content", [b"not a database " * 100, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_database_that_is_none_is_a_fault(winwin, tmp_path, content):
    (tmp_path / "winwin.db").write_bytes(content)
    result = winwin("doctor", "--json")
    assert (result.exit_code, checks(result)["database"]) == (1, "fault")


def test_a_newer_and_an_older_database_are_told_apart(winwin, resources, tmp_path):
    winwin("import", resources)
    for version, state in (("9999", "fault"), ("0001", "note")):
        with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        assert checks(winwin("doctor", "--json"))["database"] == state


def test_a_changed_audit_log_is_a_fault(winwin, resources, tmp_path):
    winwin("import", resources)
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_kept_UPDATE")
        connection.execute("UPDATE audit SET action = 'nothing'")
    assert checks(winwin("doctor", "--json"))["audit log"] == "fault"


def test_resources_without_vectors_are_noted(winwin, resources, tmp_path):
    winwin("import", resources)
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        connection.execute("DELETE FROM embedding")
    assert "3 of 3 are not embedded yet" in winwin("doctor").stdout


def test_no_vector_is_read_to_know_which_are_there(winwin, resources, model, monkeypatch):
    """A large library has gigabytes of them."""
    winwin("import", resources)

    async def load(*_: object) -> dict[str, object]:
        raise AssertionError("vectors were read")

    monkeypatch.setattr(Vectors, "load", load)
    monkeypatch.setattr(pair, "name", lambda: model.name)
    assert checks(winwin("doctor", "--json"))["resources"] == "good"
    assert "0 new or changed, 3 as before" in winwin("import", resources).stdout


def test_an_unknown_time_zone_is_a_fault(winwin, tmp_path):
    asyncio.run(_member(tmp_path / "winwin.db", roles=frozenset({Role.OWNER}), time_zone="Mars/Olympus"))
    assert checks(winwin("doctor", "--json"))["volunteers"] == "fault"


def test_a_full_disk_is_a_fault(winwin, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 1000))
    assert checks(winwin("doctor", "--json"))["disk"] == "fault"


def test_a_missing_model_is_a_fault(winwin, monkeypatch):
    from adapters.embedders import packaged

    def missing() -> None:
        raise packaged.ModelError("the model's weights cannot be read; run `make setup` again")

    monkeypatch.setattr(packaged, "check_packages", missing)
    assert checks(winwin("doctor", "--json"))["model"] == "fault"


def test_slack_that_is_out_of_reach_is_a_fault_and_no_secret_is_said(winwin, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-hush")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    result = winwin("doctor", "--json")
    found = json.loads(result.stdout)
    assert {c["check"] for c in found if c["state"] == "fault"} >= {"slack token", "slack socket"}
    assert "hush" not in result.output


def test_discord_that_is_out_of_reach_is_a_fault_and_no_secret_is_said(winwin, monkeypatch):
    monkeypatch.setenv("DISCORD_TOKEN", "hush.hush.hush")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api")
    result = winwin("doctor", "--json")
    found = json.loads(result.stdout)
    assert {c["check"] for c in found if c["state"] == "fault"} >= {"discord token"}
    assert "hush" not in result.output


# --- safety ---------------------------------------------------------------------------------------------


def test_one_person_to_call_is_too_few_where_the_bot_is_on_a_platform(winwin, tmp_path, monkeypatch):
    asyncio.run(_member(tmp_path / "winwin.db", roles=frozenset({Role.MODERATOR})))
    assert checks(winwin("doctor", "--json"))["people on watch"] == "note"
    monkeypatch.setattr(platforms, "discord", _nothing_to_say)
    monkeypatch.setenv("DISCORD_TOKEN", "t")
    assert checks(winwin("doctor", "--json"))["people on watch"] == "fault"
    monkeypatch.setenv("WINWIN_OWNER", "discord:1:2")
    assert checks(winwin("doctor", "--json"))["people on watch"] == "good"


async def _nothing_to_say(_settings):
    return []


def test_helplines_nobody_has_looked_up_for_half_a_year_are_noted():
    settings = read_settings(None)
    soon, late = date(2026, 11, 20), date(2028, 1, 1)
    assert [c.state for c in helplines(settings, soon)] == [State.GOOD, State.NOTE]
    old, country = helplines(settings, late)
    assert (old.state, country.says) == (State.NOTE, "not set")
    assert "were not looked up for more than 180 days: any-emergency" in old.says


def test_a_country_without_a_line_and_a_list_that_cannot_be_read_are_told(tmp_path):
    today = date(2026, 11, 20)
    assert [c.state for c in helplines(read_settings(None, winwin_country="es"), today)] == [State.GOOD]
    assert [c.says for c in helplines(read_settings(None, winwin_country="cl"), today)][1:] == [
        "no helpline of CL is in the list"
    ]
    (tmp_path / "own.yaml").write_text("- {")
    (fault,) = helplines(read_settings(None, winwin_helplines=str(tmp_path / "own.yaml")), today)
    assert fault.state is State.FAULT


def test_a_community_that_never_rehearsed_is_told_how(winwin, tmp_path):
    asyncio.run(_member(tmp_path / "winwin.db"))
    assert "note   drill: never rehearsed\n         -> `winwin drill`" in winwin("doctor").stdout


def test_a_line_of_the_glossary_that_cannot_be_read_is_told_with_its_number(winwin, tmp_path):
    own = tmp_path / "glossary.yaml"  # beside the database
    assert "ok     glossary: as it comes\n" in winwin("doctor").stdout
    own.write_text("shake weeks: [EEN]\nformula: [the, week]\n")
    result = winwin("doctor")
    assert result.exit_code == 1
    assert "FAULT  glossary: glossary.yaml, line 2: 'the' is too common" in result.stdout
    assert "\n         glossary.yaml, line 2: 'week' is too common" in result.stdout
    own.write_text("shake weeks: [EEN]\n")
    assert "glossary: the one that comes with winwin, and " in winwin("doctor").stdout
