"""`winwin drill` against running processes, one of which is killed in the middle, and a moderator who presses."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from tests.fakes.command_line import PROGRAM
from tests.fakes.trio import Trio
from tests.fakes.visitor import Visitor

OPEN = (  # those whose card the moderator has
    "SELECT id FROM alert WHERE state = 'open' AND EXISTS (SELECT 1 FROM outbox WHERE about = alert.id AND "
    "kind = 'PageSafety' AND to_member = 'web:local:sol' AND delivered_at IS NOT NULL) ORDER BY id"
)
PAGED = (
    "SELECT about FROM outbox WHERE kind = 'PageSafety' AND about IN "
    "(SELECT id FROM alert WHERE payload LIKE '%\"drill\":true%') GROUP BY about "
    "HAVING count(DISTINCT to_member) >= 2 AND count(delivered_at) >= 1"
)
ANSWERED = "SELECT count(*) FROM outbox WHERE kind = 'AnswerCrisis'"
PATIENCE = 120.0  # seconds for all of it


async def rehearse(here: Trio, folder: Path, count: int, *, kill: int, at: int, after: int) -> dict[str, Any]:
    """`count` drills; process `kill` is killed with kill -9 as soon as `after` of them have been acknowledged, which
    the moderator does at process `at`. Returns what the command says."""
    around = {k: v for k, v in os.environ.items() if not k.startswith(("WINWIN_", "DATABASE_"))}
    order = (*PROGRAM, "drill", "--count", str(count), "--wait", str(PATIENCE / 60), "--json")
    environment = {**around, "DATABASE_URL": here.url, "HF_HUB_OFFLINE": "1"}
    drill = await asyncio.create_subprocess_exec(*order, env=environment, cwd=folder, stdout=PIPE, stderr=PIPE)
    moderator = here.be("sol", at)
    pressing = asyncio.create_task(_press(here, moderator, after, kill))
    try:
        async with asyncio.timeout(PATIENCE):
            said, beside = await drill.communicate()
    finally:
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)
    assert drill.returncode == 0, beside.decode()
    figures: dict[str, Any] = json.loads(said)
    return figures


async def _press(here: Trio, moderator: Visitor, after: int, kill: int) -> None:
    """Until it is cancelled. What could not be pressed, because the page was slow, is pressed again."""
    count, killed = 0, False
    while True:
        for (alert,) in await here.rows(OPEN):
            count += await moderator.presses("alert_mine", alert)
            if count >= after and not killed:
                killed = True
                await here.processes[kill].kill()
        await asyncio.sleep(0.05)
