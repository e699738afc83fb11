"""A scenario is a YAML file that reads like a play; this file reads and plays it.

says: what it shows
people: {dana: {}, tess: {volunteer: parent, topics: [school]}, moda: {roles: [moderator]}}
library: [{id: r1, title: …, text: …}]
play:
  - dana: How do we tell the school?           # opens a thread: the one that is spoken of from here on
  - dana to the bot: …                         # in private
  - dana asks privately: …                     # through the form
  - dana asks without a name: …                # through the form; replies go under the bot's post
  - dana writes back: …                        # to whoever has her question
  - kofi replies: …                            # in the thread
  - dana edits: …                              # the last thing dana wrote
  - dana deletes: her question                 # the last thing dana wrote (what stands here is for the reader)
  - tess presses: Accept
  - tess answers in private: …
  - tess hands over: kofi
  - moda saves: {title: …, text: …}            # the last reply, as a resource
  - bot is invited by: moda
  - account is switched off: tess
  - clock: +20m                                # s, m, h, d
  - restart: the process dies
  - bot shows tess: has a question             # the newest card she sees has these words, or this button
  - bot shows everybody: …                     # the newest card for all
  - nobody sees: …                             # no card of anybody has these words now
  - tess does not see: …                       # the same of one person
  - bot is silent: true                        # nothing was shown since the step before
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.dialogues.stage import Person, Seen, Setting, Stage

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    setting: Setting
    play: tuple[tuple[str, Any], ...]


def read(path: Path) -> Scenario:
    rows = yaml.safe_load(path.read_text("utf-8"))
    people = [
        Person(name, **{k: _tuple(v) for k, v in (facts or {}).items()}) for name, facts in rows["people"].items()
    ]
    setting = Setting(people, rows.get("library", ()), rows.get("mode", "thread"))
    return Scenario(path.stem, rows["says"], setting, tuple(next(iter(step.items())) for step in rows["play"]))


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass
class Player:
    """Plays one scenario on one stage. A step that does not hold raises AssertionError with its number."""

    stage: Stage
    scenario: Scenario
    thread: str = ""
    last: dict[str, str] = field(default_factory=dict)  # the last message of each person
    reply: str = ""
    before: Mapping[str, list[Seen]] = field(default_factory=dict)

    async def play(self) -> None:
        await self.stage.open(self.scenario.setting)
        try:
            for number, (line, value) in enumerate(self.scenario.play, 1):
                try:
                    await self._step(line, value)
                except AssertionError as error:
                    raise AssertionError(f"{self.scenario.name}, step {number} ({line}: {value}): {error}") from error
        finally:
            await self.stage.close()

    async def _step(self, line: str, value: Any) -> None:
        for pattern, check in (
            (r"bot shows everybody", self._shows_everybody),
            (r"bot shows (\w+)", self._shows),
            (r"bot is silent", self._silent),
            (r"nobody sees", self._nobody_sees),
            (r"(\w+) does not see", self._does_not_see),
        ):
            if match := re.fullmatch(pattern, line):
                await check(*match.groups(), value)
                return
        self.before = await self._all()
        acts: tuple[tuple[str, Callable[..., Awaitable[None]]], ...] = (
            (r"clock", self._clock),
            (r"restart", lambda _: self.stage.restart()),
            (r"(\w+) to the bot", self._to_the_bot),
            (r"(\w+) asks privately", self._asks_privately),
            (r"(\w+) asks without a name", self._asks_without_a_name),
            (r"(\w+) writes back", self.stage.write_back),
            (r"(\w+) hands over", self.stage.hand_over),
            (r"bot is invited by", self.stage.invite),
            (r"account is switched off", self.stage.deactivate),
            (r"(\w+) replies", self._replies),
            (r"(\w+) edits", lambda who, text: self.stage.edit(who, self.last[who], text)),
            (r"(\w+) deletes", lambda who, _: self.stage.delete(who, self.last[who])),
            (r"(\w+) presses", self.stage.press),
            (r"(\w+) answers in private", self.stage.answer),
            (r"(\w+) saves", lambda who, values: self.stage.save(who, self.reply, values)),
            (r"(\w+)", self._opens),
        )
        for pattern, act in acts:
            if match := re.fullmatch(pattern, line):
                await act(*match.groups(), value)
                return
        raise AssertionError("this line means nothing; see tests/dialogues/scenario.py")

    # --- what people do -----------------------------------------------------------------------------------

    async def _opens(self, who: str, text: str) -> None:
        self.thread = self.last[who] = await self.stage.post(who, text)

    async def _to_the_bot(self, who: str, text: str) -> None:
        self.thread = self.last[who] = await self.stage.post(who, text, private=True)

    async def _asks_privately(self, who: str, text: str) -> None:
        await self.stage.ask(who, text, nameless=False)

    async def _asks_without_a_name(self, who: str, text: str) -> None:
        self.thread = await self.stage.ask(who, text, nameless=True)

    async def _replies(self, who: str, text: str) -> None:
        self.reply = self.last[who] = await self.stage.post(who, text, self.thread)

    async def _clock(self, value: str) -> None:
        parts = re.findall(r"(\d+)([smhd])", value)
        assert parts, "write the time like +20m or +1d12h"
        await self.stage.wait(timedelta(**{UNITS[unit]: int(number) for number, unit in parts}))

    # --- what the bot shows -------------------------------------------------------------------------------

    async def _all(self) -> dict[str, list[Seen]]:
        return {p.name: list(await self.stage.sees(p.name)) for p in self.scenario.setting.people}

    async def _shows(self, who: str, wanted: str) -> None:
        _holds([s for s in await self.stage.sees(who) if s.alone], wanted)

    async def _shows_everybody(self, wanted: str) -> None:
        for seen in (await self._all()).values():
            _holds([s for s in seen if not s.alone], wanted)

    async def _silent(self, _value: Any) -> None:
        assert await self._all() == self.before, "something was shown or changed"

    async def _nobody_sees(self, unwanted: str) -> None:
        found = [(who, s.words) for who, seen in (await self._all()).items() for s in seen if unwanted in s.words]
        assert not found, f"seen by {found}"

    async def _does_not_see(self, who: str, unwanted: str) -> None:
        found = [s.words for s in await self.stage.sees(who) if unwanted in s.words]
        assert not found, f"{who} sees {found}"


def _holds(seen: list[Seen], wanted: str) -> None:
    assert seen, "nothing is shown"
    newest = seen[-1]
    assert wanted in newest.words or wanted in newest.buttons, f"the newest card says {newest.words!r} {newest.buttons}"
