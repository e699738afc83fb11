"""Every action and form by everybody, given to the core itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted
from bot.permissions import TABLE, Look
from tests.dialogues.rights import OPENED, Case, Fact, Home, World, cases, windows
from tests.fakes.values import NOON

AT = Home("web", "home", lambda name: name)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(AT)
    await made.open()
    yield made
    await made.close()


def forged(who: str, case: Case, number: str) -> Fact:
    by = AT.member(who)
    if isinstance(case.what, Action):
        return ButtonPressed(number, case.what, case.subject, by, NOON)
    return FormSubmitted(number, case.what, case.subject, dict(case.values), by, NOON)


async def test_whom_it_is_not_for_is_refused_and_nothing_has_changed(world: World):
    assert await world.refused(forged, cases(AT)) == []


async def test_whom_it_is_for_does_it(world: World):
    assert await world.done(forged, cases(AT)) == []


def test_everything_of_the_table_is_tried():
    tried = {case.what for case in [*cases(AT), *windows(AT)]}
    assert {*TABLE} - {*Look} - tried == set()
    assert tried <= {*Action, *Form}
    assert tried >= OPENED
