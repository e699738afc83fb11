"""docs/discord.md says what the code does."""

import re
import runpy
from pathlib import Path

import pytest

from adapters.discord.commands import CALLED, PARTS, commands
from adapters.discord.gateway import PRIVILEGED
from adapters.settings import Settings, variable_of

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "discord.md").read_text("utf-8")


def test_the_table_of_permissions_is_the_one_of_the_code():
    drawn = runpy.run_path(str(DOCS / "draw_permissions.py"))["drawn"]
    assert drawn(PAGE) == PAGE, "run: python docs/draw_permissions.py"


def test_an_older_table_is_noticed():
    drawn = runpy.run_path(str(DOCS / "draw_permissions.py"))["drawn"]
    older = PAGE.replace("| **Embed Links** |", "| **Administrator** |")
    assert older != PAGE
    assert drawn(older) == PAGE


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`/([a-z]+)(?: [^`]*)?`", PAGE)) - {"metrics"}))
def test_every_command_it_names_is_one(command):
    assert command in {c["name"] for c in commands()} | set(CALLED.values())


[LISTED] = re.findall(r"^\| everybody \|.*`/winwin (.*?) · on a message", PAGE, re.MULTILINE)


@pytest.mark.parametrize("part", sorted({*re.findall(r"`/winwin ([a-z-]+)`", PAGE), *re.findall(r"[a-z-]+", LISTED)}))
def test_every_part_of_winwin_it_names_is_one(part):
    assert part in PARTS


def test_everything_in_a_messages_menu_is_named():
    assert [c["name"] for c in commands() if c["type"] == 3 and f"*{c['name']}*" not in PAGE.replace("**", "*")] == []


@pytest.mark.parametrize("portal", [portal for portal, _ in PRIVILEGED.values()])
def test_an_intent_is_called_as_the_portal_calls_it(portal):
    assert f"**{portal}**" in PAGE


@pytest.mark.parametrize("name", sorted(set(re.findall(r"^((?:DISCORD|WINWIN)_[A-Z_]+)=", PAGE, re.MULTILINE))))
def test_every_setting_it_sets_is_one(name):
    assert name in {variable_of(field) for field in Settings.model_fields}
