"""How a database comes to the tables this program expects. Versions are files `versions/r0001_….py`, in order.

To add one: change the tables, write the next file by hand (look at an earlier one), run
tests/adapters/storage/test_migrations.py: it compares what the files make with the tables the code has.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from sqlalchemy import Connection, MetaData

_HERE = Path(__file__).parent


def known() -> list[str]:
    """The versions this program knows, oldest first; the last is the one it works with."""
    return sorted(file.stem[1:5] for file in (_HERE / "versions").glob("r[0-9]*.py"))


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest version, inside the transaction that is open on `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def all_tables() -> MetaData:
    """The tables of every module in adapters.storage."""
    import adapters.storage

    for module in pkgutil.iter_modules(adapters.storage.__path__, "adapters.storage."):
        importlib.import_module(module.name)
    return importlib.import_module("adapters.storage.schema").metadata  # type: ignore[no-any-return]  # a module's attribute
