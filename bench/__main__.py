"""`make bench`: speed, on Slack and Discord too, and of deciding whom to ask; matching and safety when `--data` names a
folder with the sets."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import discord, routing, slack, speed


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with sets to measure matching and safety on")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed.run(Path(folder))
        slack.run(Path(folder))
        discord.run(Path(folder))
        routing.run(Path(folder))
    if given.data is not None:
        for name in ("bench.matching", "bench.safety"):
            subprocess.run([sys.executable, "-m", name, "--data", str(given.data)], check=True)


if __name__ == "__main__":
    main()
