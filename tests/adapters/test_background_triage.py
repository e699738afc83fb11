"""Rules that are read in the background: no message passes without them."""

import asyncio
from threading import Event

import pytest

from adapters.triage import BackgroundTriage
from bot.safety.rules import RuleError
from bot.safety.triage import DETECTOR_FAILED, Code, Finding, Speaker, Triage

CRISIS = (Finding(Code.C1, Speaker.SELF, ("a-rule",)),)


class Toy(Triage):
    def __init__(self) -> None:
        """No rules at all."""

    def check(self, text: str) -> tuple[Finding, ...]:
        return CRISIS if "crisis" in text else ()


async def test_a_message_waits_for_the_rules() -> None:
    go, loads = Event(), []

    def load() -> Triage:
        loads.append(1)
        go.wait(5)
        return Toy()

    triage = BackgroundTriage(load)
    triage.start()
    asked = asyncio.create_task(asyncio.to_thread(triage.check, "a crisis"))
    await asyncio.sleep(0.05)
    assert not asked.done()
    go.set()
    assert await asked == CRISIS
    await triage.loaded()
    assert (triage.check("a quiet evening"), len(loads)) == ((), 1)


def test_whoever_asks_without_a_start_gets_the_rules_too() -> None:
    assert BackgroundTriage(Toy).check("a crisis") == CRISIS


async def test_rules_that_cannot_be_read_let_nothing_pass_and_are_told_at_the_start() -> None:
    def broken() -> Triage:
        raise RuleError("Rule x: no")

    triage = BackgroundTriage(broken)
    assert triage.check("a quiet evening") == (Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,)),)
    with pytest.raises(RuleError, match="Rule x"):
        await triage.loaded()


async def test_who_stops_waiting_does_not_stop_the_rules():
    go = Event()
    triage = BackgroundTriage(lambda: (go.wait(5), Toy())[1])
    waiting = asyncio.create_task(triage.loaded())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    assert await asyncio.to_thread(triage.check, "a crisis") == CRISIS
