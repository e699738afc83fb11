import asyncio
import json
from datetime import UTC, datetime

import pytest

from adapters.commands.calibrating import own_numbers
from adapters.embedders.pair import name
from adapters.storage.database import Database
from bot.community import JournalEntry, Suggestion
from bot.confirmed import OwnNumbers
from bot.events import Member, Place
from bot.question import Question
from knowledge.calibration import Calibration, Curve
from knowledge.confidence import fitted
from tests.fakes.command_line import one_line
from tests.fakes.presses import pressed
from tests.fakes.tables import tables

NOW = datetime(2025, 3, 1, tzinfo=UTC)
NAME = name()
BASIS = f"{NAME} {fitted().mark}"
CANARY = "zebrafinch"


async def _history(path, count: int, shift: float) -> None:
    """So many presses; beside them one question of silence and one judged by other numbers."""
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        for n, press in enumerate([*pressed(count, shift=shift), *pressed(2, seed=2)]):
            name, asker = f"q{n}", Member("web", "local", press.who)
            place = Place("web", "local", "help", name, name)
            facts = {"topics": (), "medical": False, "urgent": False, "private": False, "asked_at": NOW}
            await tx.questions.add(Question(name, "local", place, asker.key, press.who, CANARY, "en", **facts))
            basis = "another model 1" if n > count else BASIS
            shown = [Suggestion(f"r{i}", CANARY, c, c, (CANARY,), c, basis) for i, c in enumerate(press.shown)]
            await tx.suggestions.put(name, shown)
            if n != count:
                event = "MarkedHelpful" if press.helped else ("MarkedUnhelpful", "PersonRequested")[n % 2]
                await tx.journal.add([JournalEntry(name, NOW, event, asker.key, "open", "closed", "")])
    await store.close()


@pytest.fixture
def too_sure(winwin, tmp_path):
    asyncio.run(_history(tables(tmp_path / "winwin.db"), 180, -1.2))
    return winwin


async def _audit(path) -> list[tuple[str, str, str]]:
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.read() as tx:
        found = [(e.actor, e.action, e.subject) for e in await tx.audit.all()]
    await store.close()
    return found


def confidence(result) -> dict[str, str]:
    return next(check for check in json.loads(result.stdout) if check["check"] == "confidence")


def test_what_is_better_is_told_applied_used_and_reverted(too_sure, tmp_path, monkeypatch):
    found = json.loads(too_sure("calibrate", "--json").stdout)
    assert (found["verdict"], found["presses"], found["shown"], found["left_out"]) == ("better", 180, 181, 1)
    assert found["became"]["unknown"] == 1
    assert sum(found["became"].values()) == 181
    assert found["thresholds"]["sure_from"]["own_as_shipped"] > fitted().sure_from
    assert (found["in_use"], found["applied"]) == (None, False)
    told = too_sure("calibrate", "--apply")
    assert told.exit_code == 0
    assert "better than the shipped ones, beyond chance" in told.stdout
    assert "`--revert` goes back" in told.stdout
    assert CANARY not in told.stdout
    again = json.loads(too_sure("calibrate", "--json").stdout)
    assert again["in_use"]["presses"] == 180
    assert confidence(too_sure("doctor", "--json"))["says"].startswith("own numbers of ")
    assert too_sure("calibrate", "--revert").exit_code == 0
    assert json.loads(too_sure("calibrate", "--revert", "--json").stdout) == {"reverted": 0}
    assert confidence(too_sure("doctor", "--json"))["says"] == "the shipped numbers"
    acts = [("command line", "calibrate", BASIS), ("command line", "calibrate_revert", BASIS)]
    assert asyncio.run(_audit(tmp_path / "winwin.db")) == acts


def test_of_too_few_presses_it_says_how_many_are_wanted_and_applies_nothing(winwin, tmp_path):
    asyncio.run(_history(tables(tmp_path / "winwin.db"), 20, -3.0))
    told = winwin("calibrate")
    assert told.exit_code == 0
    assert "Too little is known yet: 20 of 100 presses." in told.stdout
    refused = winwin("calibrate", "--apply")
    assert refused.exit_code == 1
    assert one_line(refused) == "winwin: nothing was changed: too little is known yet: 20 of 100 presses"
    assert asyncio.run(_audit(tmp_path / "winwin.db")) == []


def test_it_makes_no_database_and_does_not_do_two_opposites(winwin, tmp_path):
    assert winwin("calibrate").exit_code == 1
    assert list(tmp_path.iterdir()) == []
    assert winwin("calibrate", "--apply", "--revert").exit_code == 2


@pytest.mark.parametrize(
    ("basis", "model", "state"),
    [
        (BASIS, NAME, "good"),
        (BASIS, None, "good"),
        (BASIS, "another model", "note"),
        (f"{NAME} 0123456789ab", NAME, "note"),
        (f"{NAME} 0123456789ab", None, "note"),
    ],
)
async def test_the_doctor_tells_numbers_of_another_model_or_of_older_shipped_ones(basis, model, state):
    from adapters.storage.memory import MemoryStore

    store = MemoryStore()
    async with store.begin() as tx:
        await tx.calibrations.put(OwnNumbers(basis, Calibration(Curve(), 0.3, 0.7), 160, NOW))
        found = await own_numbers(tx, model)
    assert found.state == state
    if state == "note":
        assert found.says.startswith("own numbers are not used: they were fitted for another model or before")
