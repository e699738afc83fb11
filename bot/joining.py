"""What belongs together is read and judged as one, while no transaction is open.

It is read for a crisis first, like one message in which all of it was written (docs/safety.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.around import Judged, Whole
from bot.belonging import Plan, plan
from bot.events import MessagePosted
from bot.judging import Heard, Judge, Judgement
from bot.policy import Mode
from bot.private_details import without, without_together
from bot.safety.triage import Code, Finding, is_crisis
from bot.several import joined
from knowledge.search import Match


class Joining:
    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def read(self, judged: Sequence[Judged]) -> list[Judged]:
        """The same, with the questions that each is a part of, or begins together with others."""
        plans = [plan(one) for one in judged]
        if not any(planned.wholes for planned in plans):
            return list(judged)
        said = [(one, w) for one, planned in zip(judged, plans, strict=True) for w in planned.wholes if w.text]
        heard = await asyncio.gather(*(self._heard(one, w) for one, w in said))  # a crisis may be waiting for us
        judgements = await self._judge.judge([h for _, h in heard])
        found = iter(await asyncio.gather(*(self._read(w, h, j) for (w, h), j in zip(heard, judgements, strict=True))))
        together = []
        for one, planned in zip(judged, plans, strict=True):
            first = tuple(next(found) if w.text else w for w in planned.first)
            otherwise = tuple(next(found) if w.text else w for w in planned.otherwise)
            together.append(replace(one, wholes=self._shown(one, Plan(first, otherwise))))
        return together

    async def _heard(self, one: Judged, whole: Whole) -> tuple[Whole, Heard]:
        """What is added to is a question already; what begins has to be one by itself. What identifies a family only
        when it is read together stays in none of its messages."""
        findings = await self._findings(whole.text)
        if any(f.code is Code.P1 for f in findings):
            whole = _without_details(whole)
        event = one.row.arrival.event
        addressed = isinstance(event, MessagePosted) and (event.mentions_bot or event.direct)
        about, known = getattr(event, "about", ()), whole.question is not None
        return whole, Heard(whole.text, findings, addressed or known, about=about, whispered=_whispered(one, whole))

    async def _findings(self, text: str) -> tuple[Finding, ...]:
        return (await self._judge.read(" ".join(text.split("\n")))).findings

    async def _read(self, whole: Whole, heard: Heard, judgement: Judgement) -> Whole:
        alone = whole.question.text if whole.question and is_crisis(heard.findings) else ""
        cleared = bool(alone) and is_crisis(await self._findings(alone))
        return replace(whole, judgement=judgement, cleared=cleared)

    def _shown(self, one: Judged, planned: Plan) -> tuple[Whole, ...]:
        """Those of the plan that holds, and what is shown for each: together no more than for one question."""
        begin = [w for w in planned.first if w.question is None]
        holds = len(planned.first) == 1 or all(map(_asks, begin))
        wholes = planned.first if holds and not any(map(_cries, planned.otherwise)) else planned.otherwise
        return _no_more_than(self._judge.shown_at_most, tuple(_with_its_own(w, one.judgement) for w in wholes))


def _whispered(one: Judged, whole: Whole) -> bool:
    """Whether what is found for it is seen by its asker alone (bot.showing.addresses)."""
    if whole.question is not None and whole.question.private:
        return True
    event, context = one.row.arrival.event, one.context
    return getattr(event, "direct", False) or (context is not None and context.mode is Mode.HINT)


def _without_details(whole: Whole) -> Whole:
    if not whole.parts:
        return replace(whole, text=without(whole.text, wide=False))
    texts = without_together([part.text for part in whole.parts])
    parts = tuple(replace(part, text=text) for part, text in zip(whole.parts, texts, strict=True))
    return replace(whole, text=joined(texts), parts=parts)


def _asks(whole: Whole) -> bool:
    return _cries(whole) or (whole.judgement is not None and whole.judgement.is_question)


def _cries(whole: Whole) -> bool:
    return whole.judgement is not None and is_crisis(whole.judgement.findings)


def _with_its_own(whole: Whole, alone: Judgement | None) -> Whole:
    """What is found for all of it comes first, then what is found for the message alone."""
    j = whole.judgement
    if j is None or alone is None or len(whole.parts) < 2 or whole.number or (j.medical and not alone.medical):
        return whole
    known = {m.resource_id for m in j.suggested}
    return replace(whole, judgement=replace(j, suggested=(*j.suggested, *_others(alone.suggested, known))))


def _others(matches: Sequence[Match], known: set[str]) -> list[Match]:
    return [m for m in matches if m.resource_id not in known]


def _no_more_than(most: int, wholes: tuple[Whole, ...]) -> tuple[Whole, ...]:
    """In turn one for each, nothing twice."""
    left = {n: list(w.judgement.suggested) if w.judgement else [] for n, w in enumerate(wholes)}
    shown: dict[int, list[Match]] = {n: [] for n in left}
    taken: set[str] = set()
    while len(taken) < most and any(left.values()):
        for n, some in left.items():
            fresh = next((m for m in some if m.resource_id not in taken), None)
            left[n] = [m for m in some if m is not fresh and m.resource_id not in taken]
            if fresh is not None and len(taken) < most:
                shown[n].append(fresh)
                taken.add(fresh.resource_id)
    return tuple(
        replace(w, judgement=replace(w.judgement, suggested=tuple(shown[n]))) if w.judgement else w
        for n, w in enumerate(wholes)
    )
