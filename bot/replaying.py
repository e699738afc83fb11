"""Talk that is over, through the real decision: the door with its triage, listening, the library, replies as answers.

Nothing is sent and nothing is stored. A crisis loses its words at the door, and with it what led to it; what stands
under it is for people and is not looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot import listening
from bot.events import MessageDeleted, MessagePosted
from bot.judging import Heard, Judge, Judgement
from bot.never_mind import settles
from bot.policy import Policy
from bot.post import Arrival
from bot.replayed import Answered, Cry, Decision, Replay, Verdict
from bot.safety.notes import from_strings
from bot.safety.triage import DETECTOR_FAILED, Code, Finding, most_severe
from knowledge.search import Match

TOGETHER = 128  # texts that are judged in one batch
AT_THE_DOOR = 64  # whose vectors are begun together; all are there long before the door stops waiting
TRIES = 3  # the door waits for the model as long as somebody in need can; this often here
PERHAPS = 0.5  # how much of what makes a question an answered message needs to have been one

T = TypeVar("T")
Progress = Callable[[int, int], None]
Door = Callable[[MessagePosted], Awaitable[tuple[Arrival, tuple[MessageDeleted, ...]]]]


@dataclass(frozen=True, slots=True)
class Said:
    """A message as its platform's adapter heard it. `refers`: the keys of the places that it answers by reference in
    the channel itself, the nearest first."""

    posted: MessagePosted
    refers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What came through the door."""

    said: Said
    text: str
    findings: tuple[Finding, ...]

    @property
    def key(self) -> str:
        return self.said.posted.place.key

    @property
    def author(self) -> str:
        return self.said.posted.author.key

    @property
    def at(self) -> datetime:
        return self.said.posted.at

    @property
    def heard(self) -> Heard:
        return Heard(self.text, self.findings, self.said.posted.mentions_bot, about=self.said.posted.about)


@dataclass(frozen=True, slots=True)
class Thread:
    """What somebody wrote into a channel, and what was written under it."""

    root: Kept
    judgement: Judgement
    replies: tuple[Kept, ...]

    @property
    def by_others(self) -> tuple[Kept, ...]:
        return tuple(reply for reply in self.replies if reply.author != self.root.author)


class Replaying:
    """`door` is Reception.at_the_door."""

    def __init__(self, judge: Judge, door: Door, policy: Policy) -> None:
        self._judge = judge
        self._door = door
        self._policy = policy

    async def replay(self, said: Sequence[Said], progress: Progress = lambda _done, _total: None) -> Replay:
        """`said` in order of time."""
        steps = _Steps(2 * len(said), progress)
        kept, cries, beside = await self._through(said, steps)
        threads = _threads(kept, await self._judged(kept, steps))
        answers = await self._answers(threads, steps)
        decisions = [d for t in threads if (d := self._decided(t, answers, cries)) is not None]
        steps.over()
        return Replay(
            decisions=tuple(await self._with_library(decisions)),
            cries=tuple(cries),
            messages=len(said),
            people=len({s.posted.author.key for s in said}),
            beside=beside,
            heard_from=self._policy.need_at,
            shown_from=self._judge.speak_at,
        )

    async def _through(self, said: Sequence[Said], steps: _Steps) -> tuple[list[Kept], list[Cry], int]:
        """What is left behind the door, the crises, and how many messages went with these. One after the other, because
        pieces of a cry are joined in order; the model begins with a few of them ahead."""
        kept: dict[str, Kept] = {}
        cries: list[Cry] = []
        beside: set[str] = set()
        for batch in _batches(said, AT_THE_DOOR):
            await self._look_ahead([_words(s.posted) for s in batch])
            for one in batch:
                arrival, before = await self._door(one.posted)
                findings = from_strings(arrival.findings)
                beside |= {gone.place.key for gone in before}
                worst = most_severe(findings) if arrival.crisis else None
                if worst is not None:
                    cries.append(Cry(one.posted.place, one.posted.at, worst.code.value))
                elif isinstance(arrival.event, MessagePosted) and arrival.event.text:
                    kept[one.posted.place.key] = Kept(one, arrival.event.text, findings)
                elif one.posted.text:
                    beside.add(one.posted.place.key)
            steps.done(len(batch))
        under = {cry.place.thread_key for cry in cries if cry.place.opens_thread}
        beside |= {k.key for k in kept.values() if k.said.posted.place.thread_key in under}
        return [k for k in kept.values() if k.key not in beside], cries, len(beside)

    async def _look_ahead(self, texts: Sequence[str]) -> None:
        """Until the model has read what the door will ask it for: nobody waits here, and where it is slow that is no
        sign of a crisis."""
        for _ in range(TRIES):
            found = await asyncio.gather(*map(self._judge.read, texts))
            texts = [text for text, heed in zip(texts, found, strict=True) if _failed(heed.findings)]
            if not texts:
                return

    async def _judged(self, kept: Sequence[Kept], steps: _Steps) -> dict[str, Judgement]:
        """Of what was written into a channel, by key."""
        judged: dict[str, Judgement] = {}
        for batch in _batches([k for k in kept if k.said.posted.place.opens_thread], TOGETHER):
            found = await self._judge.judge([k.heard for k in batch])
            judged |= {k.key: j for k, j in zip(batch, found, strict=True)}
            steps.done(len(batch))
        return judged

    async def _answers(self, threads: Sequence[Thread], steps: _Steps) -> dict[str, float]:
        """How likely each reply by somebody else is an answer, by key."""
        pairs = [(t.root, reply) for t in threads for reply in t.by_others]
        answers: dict[str, float] = {}
        for batch in _batches(pairs, TOGETHER):
            found = await self._judge.judge_replies([(root.text, reply.text) for root, reply in batch])
            answers |= {reply.key: p for (_, reply), p in zip(batch, found, strict=True)}
            steps.done(len(batch))
        return answers

    def _decided(self, t: Thread, answers: Mapping[str, float], cries: Sequence[Cry]) -> Decision | None:
        """None for talk."""
        root, j, place = t.root, t.judgement, t.root.said.posted.place
        first = next((r for r in t.by_others if self._is_answer(r, answers)), None)
        if not j.is_question and (first is None or not self._perhaps(root.text, j)):
            return None
        verdict = Verdict.UNHEARD if not j.is_question else Verdict.SUGGESTED if j.suggested else Verdict.ROUTED
        alarmed = min((cry.at for cry in cries if cry.place.thread_key == place.thread_key), default=None)
        answered = None
        if first is not None:
            quoted = alarmed is None or first.at < alarmed
            answered = Answered(first.author, first.at, first.text if quoted else "", answers[first.key])
        own = (r for r in t.replies if r.author == root.author and settles(r.text))
        withdrawn = next((r.at for r in own), None) if answered is None else None
        return Decision(place, root.author, root.at, root.text, verdict, j, j.suggested, answered, withdrawn)

    def _is_answer(self, reply: Kept, answers: Mapping[str, float]) -> bool:
        """Talk of a cure is none, however much it sounds like one."""
        return answers[reply.key] >= self._policy.answer_at and all(f.code is not Code.M2 for f in reply.findings)

    def _perhaps(self, text: str, j: Judgement) -> bool:
        """Whether a message that was answered may have been a question after all."""
        return not listening.invites(text) and ("?" in text or j.need >= PERHAPS * self._policy.need_at)

    async def _with_library(self, decisions: Sequence[Decision]) -> list[Decision]:
        """With what the library would have had for those that were not heard: as if the bot had been asked."""
        unheard = [d for d in decisions if d.verdict is Verdict.UNHEARD]
        asked = [Heard(d.text, d.judgement.findings, addressed=True, thorough=True) for d in unheard]
        found = {d.place.key: j for d, j in zip(unheard, await self._judge.judge(asked), strict=True)}
        return [replace(d, shown=self._sure(found[d.place.key])) if d.place.key in found else d for d in decisions]

    def _sure(self, j: Judgement) -> tuple[Match, ...]:
        return tuple(m for m in j.matches[: self._policy.suggestions] if m.confidence >= self._judge.speak_at)


class _Steps:
    """How far it is: each message goes through the door once and is judged once."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._progress = progress
        self._done = 0

    def done(self, count: int) -> None:
        self._done = min(self._done + count, self._total)
        self._progress(self._done, self._total)

    def over(self) -> None:
        self._progress(self._total, self._total)


def _failed(findings: Sequence[Finding]) -> bool:
    return any(DETECTOR_FAILED in f.rules for f in findings)


def _words(event: MessagePosted) -> str:
    """What the door reads."""
    return f"{event.text}\n{event.beside}" if event.beside else event.text


def _threads(kept: Sequence[Kept], judged: Mapping[str, Judgement]) -> list[Thread]:
    """In order of time. What answers a question by reference belongs to it; otherwise it stands for itself."""
    roots: dict[str, Kept] = {}
    below: dict[str, list[Kept]] = {}
    questions: dict[str, str] = {}  # where something of a question stands: the key of the question
    for k in kept:
        place = k.said.posted.place
        known = next((questions[key] for key in k.said.refers if key in questions), None)
        if place.opens_thread and known is None:
            roots[k.key] = k
            if judged[k.key].is_question:
                questions[k.key] = k.key
            continue
        root = place.root().key if known is None else known
        below.setdefault(root, []).append(k)
        if known is not None:
            questions[k.key] = known
    return [Thread(k, judged[key], tuple(below.get(key, ()))) for key, k in roots.items()]


def _batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
