"""`python -m adapters.embedders [FOLDER]`: prepare the default models; say where it is in one line."""

import sys
import time
from pathlib import Path

from adapters.embedders.export import export
from adapters.embedders.packaged import ModelError


def main() -> int:
    """Export the default models; say where it is in one line."""
    started = time.monotonic()
    try:
        path, made = export(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    except (ModelError, OSError) as error:
        print(f"winwin: {error}", file=sys.stderr)  # noqa: T201 - this is the command's answer
        return 1
    how = f"made in {time.monotonic() - started:.0f} s" if made else "already there"
    print(f"winwin: sentence models {how}: {path}")  # noqa: T201 - this is the command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
