"""A copy of a PostgreSQL database, by PostgreSQL's own `pg_dump`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from adapters.storage.errors import StorageError

WITHOUT = (
    "pg_dump is not installed here (Debian: apt-get install postgresql-client). Where it is, run: "
    "pg_dump --format=custom --file={target} '{address}' (and to put it back: pg_restore --clean --if-exists)."
)


def backup(url: str, target: Path) -> None:
    """A whole, consistent copy while the bot goes on, there all at once or not at all. Never overwrites."""
    if target.exists():
        raise StorageError(f"{target} exists already: name a file that is not there yet.")
    if not target.parent.is_dir():
        raise StorageError(f"The folder {target.parent} does not exist: create it first.")
    address = make_url(url)
    secret = address.password or address.query.get("password")
    password = {"PGPASSWORD": str(secret)} if secret else {}  # everybody on a machine can read the arguments
    shown = address.difference_update_query(["password"]).set(drivername="postgresql", password=None).render_as_string()
    program = shutil.which("pg_dump")
    if program is None:
        raise StorageError(WITHOUT.format(target=target, address=shown))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    said = [program, "--format=custom", "--no-owner", f"--file={unfinished}", f"--dbname={shown}"]
    try:
        done = subprocess.run(said, check=False, capture_output=True, text=True, env=os.environ | password)  # noqa: S603
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
            raise StorageError(f"The backup {target} could not be made; pg_dump says: {reason[:300]}")
        os.link(unfinished, target)  # unlike a rename this never replaces what somebody put there meanwhile
    except FileExistsError:
        raise StorageError(f"{target} exists already: name a file that is not there yet.") from None
    except OSError as error:
        raise StorageError(f"The backup {target} could not be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
