"""The migrations make exactly the tables the code has, and a start that needs none costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.storage import migrations
from adapters.storage.words import WORDS


@pytest.fixture
def migrated(tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/winwin.db")
    with engine.begin() as connection:
        migrations.upgrade(connection)
    yield engine
    engine.dispose()


def test_migrations_and_tables_agree(migrated: sa.Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, migrations.all_tables()) == []


def test_every_index_is_the_same_to_the_letter(migrated: sa.Engine, tmp_path: Path) -> None:
    """compare_metadata does not look at the conditions of partial indexes."""
    straight = sa.create_engine(f"sqlite:///{tmp_path}/straight.db")
    migrations.all_tables().create_all(straight)
    found = [_indexes(engine) for engine in (straight, migrated)]
    straight.dispose()
    assert found[0] == found[1]


def _indexes(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"))
        return {" ".join(sql.split()) for (sql,) in rows}


def test_the_known_versions_are_one_line_of_files(migrated: sa.Engine) -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == migrations.known()
    with migrated.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == migrations.known()[-1]


def test_upgrading_again_changes_nothing(migrated: sa.Engine) -> None:
    with migrated.begin() as connection:
        migrations.upgrade(connection)


def test_words_name_columns_that_exist() -> None:
    known = migrations.all_tables().tables
    assert {(table, column) for table, column in WORDS if column in known[table].c} == set(WORDS)


def test_a_start_that_needs_no_migration_does_not_load_alembic(migrated: sa.Engine) -> None:
    code = (
        "import asyncio, sys; from adapters.storage.database import Database\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)"
    )
    address = f"sqlite+aiosqlite:///{migrated.url.database}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, address], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_a_migration_says_nothing(tmp_path: Path) -> None:
    code = (
        "import asyncio, logging, sys; from adapters.storage.database import Database\n"
        "logging.basicConfig(level='WARNING')\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    address = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, address], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
