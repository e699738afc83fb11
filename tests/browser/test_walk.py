"""The whole chain, by clicking, in the program a newcomer starts; and again with the program killed at clicks, at
every one in `make soak`."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import Walker
from tests.fakes.winwin_demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.timeout(300)]


def report(demo: Demo) -> dict[str, dict[str, int]]:
    with urllib.request.urlopen(f"{demo.address}/api/v1/report", timeout=10) as answer:
        tiers: dict[str, dict[str, int]] = json.load(answer)["tiers"]
    return tiers


def people(demo: Demo) -> dict[str, int]:
    return {tier: line["cumulative"] for tier, line in report(demo).items()}


def bot_posts(folder: Path) -> list[tuple[str, str, str]]:
    """(channel, thread, card) of everything the bot has said."""
    with sqlite3.connect(folder / "demo.db") as database:
        rows = database.execute("SELECT channel, thread, card FROM chat_post WHERE author = 'winwin'").fetchall()
    database.close()
    return rows


def reads_the_report(walker: Walker) -> None:
    walker.become("Ines F.")
    walker.go("/report")
    expect(walker.page.get_by_role("heading", name="Producing").first).to_be_visible()


@pytest.mark.soak  # in `make test` the walk below sees the same, killed now and then
def test_a_question_becomes_a_resource_that_the_next_parent_gets(demo: Demo, page: Page) -> None:
    before = people(demo)
    walker = Walker(page, demo.address)

    walker.whole()

    after = people(demo)
    gained = {tier: after[tier] - before[tier] for tier in after}
    # Dana and Marcus asked and were shown resources; the one who answered and let the answer be kept produced.
    assert gained == {"aware": 2, "using": 2, "producing": 1}
    reads_the_report(walker)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_killed_at_clicks_the_walk_goes_on_and_nothing_is_said_twice(
    demo: Demo, page: Page, tmp_path: Path, every: int
) -> None:
    clicks = count()

    def interrupt() -> None:
        if next(clicks) % every == 0:
            demo.kill()

    walker = Walker(page, demo.address, interrupt=interrupt)

    walker.whole()

    assert demo.kills >= 9 // every
    # Dana and Marcus asked and were shown resources; the one who answered and let the answer be kept produced.
    assert people(demo) == {"aware": 2, "using": 2, "producing": 1}
    reads_the_report(walker)
    said = Counter(bot_posts(tmp_path))
    assert [post for post, times in said.items() if times > 1] == []
