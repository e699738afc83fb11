"""`make bench`: speed, on Slack and Discord too, of deciding whom to ask, and in large libraries; matching and safety
when `--data` names a folder with the sets."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import discord, large, routing, slack, speed


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with sets to measure matching and safety on")
    parser.add_argument("--sizes", type=int, nargs="+", default=large.SIZES, help="passages of large libraries")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed.run(Path(folder))
        slack.run(Path(folder))
        discord.run(Path(folder))
        routing.run(Path(folder))
    large.run(given.sizes)
    if given.data is not None:
        for name in ("bench.matching", "bench.safety"):
            subprocess.run([sys.executable, "-m", name, "--data", str(given.data)], check=True)


if __name__ == "__main__":
    main()
