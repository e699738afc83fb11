"""Every action and form by everybody, as forged presses and forms of Discord."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.discord.buttons import custom_id
from adapters.discord.inbound_interactions import interaction
from adapters.discord.town import Site
from bot.cards import Action, Form
from bot.surfaces.wanted import OpenSheet
from tests.dialogues.rights import Case, Fact, Home, World, cases, windows
from tests.fakes.discord_payloads import GENERAL, GUILD
from tests.fakes.values import NOON

ROLE_SELECT = 6


def user(name: str) -> str:
    return str(10**17 + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


AT = Home("discord", GUILD, user, GENERAL)


class Known:
    """What the adapter knows of a server: nothing that matters here."""

    bot = "900000000000000001"

    def site(self, channel: str) -> Site | None:
        return None

    def home(self, who: str) -> str:
        return GUILD


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(AT)
    await made.open()
    yield made
    await made.close()


def forged(who: str, case: Case, number: str) -> Fact | OpenSheet | None:
    body: dict[str, Any] = {
        "id": f"70000000000000{number}",
        "token": "t",
        "guild_id": GUILD,
        "channel_id": GENERAL,
        "member": {"user": {"id": user(who)}, "roles": []},
    }
    if isinstance(case.what, Action):
        body |= {"type": 3, "data": {"custom_id": custom_id(case.what, case.subject), "component_type": 2}}
    elif case in windows(AT):
        body |= {"type": 3, "data": {"custom_id": f"1|sheet:{case.what}|{case.subject}", "component_type": 2}}
    else:
        body |= {"type": 5, "data": _form(case)}
    made = interaction(body, NOON, Known())
    assert made is not None, f"{case.name} is nothing to Discord"
    assert made.whence.member == AT.member(who)
    return made.facts[0] if made.facts else made.opens if isinstance(made.opens, OpenSheet) else None


def _form(case: Case) -> dict[str, Any]:
    rows = [{"type": 1, "components": [_field(case, name, value)]} for name, value in case.values.items()]
    roles = {"900000000000000777": {"id": "900000000000000777", "name": "Team", "managed": False}}
    return {"custom_id": f"1|{case.what}|{case.subject}", "components": rows, "resolved": {"roles": roles}}


def _field(case: Case, name: str, value: str) -> dict[str, Any]:
    if case.what is Form.ROLES:
        ids = [value.split(" ")[0].rpartition(":")[2]] if value else []
        return {"type": ROLE_SELECT, "custom_id": name, "values": ids}
    return {"type": 4, "custom_id": name, "value": value}


async def test_whom_it_is_not_for_is_refused_and_nothing_has_changed(world: World):
    assert await world.refused(forged, cases(AT)) == []


async def test_whom_it_is_for_does_it(world: World):
    assert await world.done(forged, cases(AT)) == []


async def test_a_form_that_is_not_for_somebody_is_not_shown_to_them(world: World):
    assert await world.opened(forged, windows(AT)) == []


def test_everything_is_tried():
    assert {case.what for case in [*cases(AT), *windows(AT)]} == {*Action, *Form}
