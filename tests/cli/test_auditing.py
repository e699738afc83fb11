"""`winwin audit`, and what commands leave in the log."""

import json
import sqlite3
from contextlib import closing

import pytest


def actions(winwin) -> list[tuple[str, str, str]]:
    rows = json.loads(winwin("audit", "show", "--json").stdout)
    return [(row["actor"], row["action"], row["subject"]) for row in rows]


def test_what_is_done_at_the_command_line_stands_in_the_log(winwin, resources, tmp_path):
    winwin("import", resources)
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(member)")]
        said = {"key": "web:home:ana", "person": "p", "name": "Ana", "roles": "[]", "badges": "[]", "time_zone": "UTC"}
        values = dict.fromkeys(columns, 0) | said | {"language": "en", "country": "", "joined_at": None}
        marks = ", ".join(f":{name}" for name in columns)
        connection.execute(f"INSERT INTO member VALUES ({marks})", values)
    assert winwin("export", tmp_path / "out").exit_code == 0
    assert winwin("backup", tmp_path / "copy.db").exit_code == 0
    assert winwin("forget", "web:home:ana", "--yes").exit_code == 0
    here = "command line"
    assert actions(winwin) == [
        (here, "import", "library"),
        (here, "export", "everything"),
        (here, "backup", "database"),
        (here, "forget_me", "web:home:ana"),
    ]
    assert winwin("audit", "verify", "--database", tmp_path / "copy.db").exit_code == 0


def test_a_whole_log_is_verified_and_its_head_is_printed(winwin, resources):
    winwin("import", resources)
    head = winwin("audit", "head").stdout.strip()
    result = winwin("audit", "verify", "--head", head)
    assert (result.exit_code, result.stdout) == (0, f"The audit log is whole: 1 rows, head {head}\n")
    winwin("import", resources)
    assert json.loads(winwin("audit", "verify", "--head", head, "--json").stdout)["whole"] is True


@pytest.mark.parametrize(
    ("change", "plain", "with_head"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE id = 1", 1, 1),
        ("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", 0, 1),  # cut off at the end
        ("DELETE FROM audit", 0, 1),
    ],
)
def test_a_change_is_seen_and_with_a_kept_head_what_was_cut_off_too(
    winwin, resources, tmp_path, change, plain, with_head
):
    winwin("import", resources)
    winwin("export", tmp_path / "out")
    head = winwin("audit", "head").stdout.strip()
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        for when in ("UPDATE", "DELETE"):
            connection.execute(f"DROP TRIGGER audit_kept_{when}")
        connection.execute(change)
    assert winwin("audit", "verify").exit_code == plain
    result = winwin("audit", "verify", "--head", head, "--json")
    assert (result.exit_code, json.loads(result.stdout)["whole"]) == (with_head, False)
    assert "audit log" in result.stderr


def test_an_older_database_is_looked_at_and_left_as_it_is(winwin, resources, tmp_path):
    winwin("import", resources)
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert winwin("audit", "verify").exit_code == 0
    assert winwin("backup", tmp_path / "copy.db").exit_code == 0
    assert [action for _, action, _ in actions(winwin)] == ["import"]


def test_without_a_database_it_says_so(winwin):
    result = winwin("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
