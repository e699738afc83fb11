"""What a message is, and what the bot would do about it: the same code for the running bot, `ask` and `explain`.

Order: triage (rules, then the letters, then the reader), then listening (a cheap look first, then the reader), then the
library. A crisis ends the judging: it is never stored, searched or quoted.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import repeat
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot import listening
from bot.ahead import Ahead
from bot.librarian import Librarian
from bot.policy import Policy
from bot.ports import Model
from bot.reading import ANSWER, NEED
from bot.safety.both import Both, Heed
from bot.safety.detector import Detector
from bot.safety.triage import Code, Finding, Triage, is_crisis
from bot.stand_ins import without_stand_ins
from knowledge.embedding import asked
from knowledge.search import Match, Reading

Vector = NDArray[np.float32]  # shape (d,), length 1


class ActionTaken(StrEnum):
    SUGGEST = "suggest"
    ROUTE = "route"
    CRISIS = "crisis"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`need` is the probability that the message needs something; `matches` are the best of the library, best first,
    and `suggested` those of them the bot would show."""

    findings: tuple[Finding, ...]
    need: float
    is_question: bool
    matches: tuple[Match, ...]
    suggested: tuple[Match, ...]
    action: ActionTaken
    topics: tuple[str, ...] = ()
    basis: str = ""  # by which model and shipped numbers (bot.librarian)
    medical: bool = False
    urgent: bool = False
    language: str = "en"
    shown_from: float = 0.0  # the confidence that `suggested` has at least
    vector: bytes = field(default=b"", compare=False, repr=False)  # of the text: float32, of unit length


@dataclass(frozen=True, slots=True)
class Heard:
    """A text to judge. `addressed`: the bot was mentioned or written to, so a need is more likely than not.
    `thorough`: look into the library even for chatter (`explain`). `about`: what its author says it is about.
    `whispered`: what is shown for it is seen by its author alone, so it may be less sure."""

    text: str
    findings: tuple[Finding, ...]
    addressed: bool = False
    thorough: bool = False
    about: tuple[str, ...] = ()
    whispered: bool = False

    @property
    def words(self) -> str:
        """What is judged: the text without what stands in place of private details."""
        return without_stand_ins(self.text)


LIKELY = 0.5  # of the surface of a message: from here its meaning is asked for while the reader still reads it
ADDRESSED_NEED = 0.12  # probability of a need at which a message to the bot itself counts as a question
FEW = 2  # texts for which a look at the library costs less than a change of threads
SHOWN = 10  # matches kept in a judgement

_URGENT = re.compile(
    r"\b(?:today|tonight|right now|asap|urgent\w*|this (?:morning|afternoon|evening)|in an hour|tomorrow|"
    r"hoy|esta (?:noche|tarde|mañana)|ahora mismo|urgente|mañana)\b",
    re.IGNORECASE,
)
_SPANISH = re.compile(
    r"[¿¡ñ]|\b(?:el|los|las|una|que|qué|para|con|por|hijo|hija|mi|está|cómo|alguien|tiene|hay|del|nos|le|su|cuándo)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(?:the|my|is|are|and|to|of|for|how|what|does|has|we|it|with|anyone|any)\b", re.IGNORECASE)


class Ear(Protocol):
    """See bot.listening."""

    def quick_need(self, text: str) -> float: ...
    def judge_need(self, text: str, said: float | None) -> float: ...
    def judge_answer(self, reply_text: str, said: float | None) -> float: ...


class Judge:
    """`ear` is bot.listening, or what stands in for it. `detector`: the second detector of triage; None where the rules
    read alone. `ready`: whether the model is loaded. `reads`: whether it is made into a reader (bot.reading)."""

    def __init__(
        self,
        triage: Triage,
        librarian: Librarian,
        model: Model,
        policy: Policy,
        ear: Ear = listening,
        detector: Detector | None = None,
        ready: Callable[[], bool] = lambda: True,
        reads: bool = False,
    ) -> None:
        self._triage = triage
        self._librarian = librarian
        self._model = model
        self._policy = policy
        self._ear = ear
        self._vectors = Ahead(lambda texts: model.embed([asked(text) for text in texts]))
        self._said = Ahead(model.read) if reads else None
        self._ready = ready
        self._both = Both(triage, detector, self._said.row if self._said else None, ready)

    def look_ahead(self, heard: Heard) -> None:
        """Let the model begin with a message while it is still being stored; `judge` finds what it made of it."""
        if self._vectors.idle and self._needs_model(heard):
            if self._said:
                self._said.begin(listening.read_as(heard.words))
            if self._likely(heard):
                self._vectors.begin(heard.words)

    @property
    def speak_at(self) -> float:
        """The confidence at and above which a resource is shown to everybody."""
        return self._policy.speak_at or self._librarian.library.sure_from

    @property
    def whisper_at(self) -> float:
        """The same for what only the asker sees, as "perhaps related"."""
        return min(self.speak_at, self._policy.whisper_at or self._librarian.library.silent_below)

    @property
    def shown_at_most(self) -> int:
        """How many resources are shown for one message."""
        return self._policy.suggestions

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._ready()

    def warm_up(self) -> None:
        """See Triage.warm_up; for a thread beside the event loop."""
        self._triage.warm_up()

    async def read(self, text: str) -> Heed:
        """What a text may be, by both detectors: the door that everything goes through which people write."""
        return await self._both.read(text)

    async def heard(
        self, text: str, *, addressed: bool = False, thorough: bool = False, whispered: bool = False
    ) -> Heard:
        """A text that comes from a program, read like a message."""
        findings = (await self.read(text)).findings
        return Heard(text, findings, addressed, thorough, whispered=whispered)

    def check(self, text: str) -> tuple[Finding, ...]:
        """By the rules alone; see `read`."""
        return self._triage.check(text)

    async def judge(self, heard: Sequence[Heard]) -> list[Judgement]:
        """One judgement per text, in order; those that need the model share a batch. What a message means is asked for
        at once where it looks like a need, else only when the reader has heard one: most talk is never embedded."""
        deep = [i for i, h in enumerate(heard) if self._needs_model(h)]
        likely = [i for i in deep if self._likely(heard[i])]
        early = self._vectors.take([heard[i].words for i in likely])
        needs = await self._needs(heard, deep)
        late = [i for i in deep if i not in likely and self._is_question(heard[i], needs[i])]
        rest = self._vectors.take([heard[i].words for i in late])
        shared = self._librarian.library.shared is not None
        if len(likely) + len(late) > FEW and not shared:
            vectors = dict(zip((*likely, *late), [*await early, *await rest], strict=True))
            return await asyncio.to_thread(self._judge_all, heard, needs, vectors)
        readings = {i: self._librarian.read(heard[i].words) for i in (*likely, *late)}  # while the model is at work
        vectors = dict(zip((*likely, *late), [*await early, *await rest], strict=True))
        if shared:  # each waits for the database, side by side
            each = [asyncio.to_thread(self._judge_all, heard, needs, vectors, readings, [i]) for i in range(len(heard))]
            return [judged for (judged,) in await asyncio.gather(*each)]
        return self._judge_all(heard, needs, vectors, readings)

    async def _needs(self, heard: Sequence[Heard], deep: Sequence[int]) -> dict[int, float]:
        """How likely each of these needs something."""
        texts = [heard[i].words for i in deep]
        if self._said is None:
            return {i: self._ear.judge_need(text, None) for i, text in zip(deep, texts, strict=True)}
        said = await self._said.take([listening.read_as(text) for text in texts])
        return {i: self._ear.judge_need(t, float(row[NEED])) for i, t, row in zip(deep, texts, said, strict=True)}

    async def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """Embeddings of questions, as they are compared with one another and with answers (bot.routing.proven)."""
        questions = [asked(text) for text in texts]
        return [as_bytes(vector) for vector in await self._model.embed(questions)] if texts else []

    async def vectors_of_answers(self, texts: Sequence[str]) -> list[bytes]:
        """Embeddings of what was answered, for `vectors` to be compared with."""
        return [as_bytes(vector) for vector in await self._model.embed(texts)] if texts else []

    async def judge_replies(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For (question, reply) pairs: the probability that the reply is a real answer."""
        if not pairs:
            return []
        said = await self._model.read(pairs) if self._said else repeat(None)
        return [
            self._ear.judge_answer(reply, None if row is None else float(row[ANSWER]))
            for (_, reply), row in zip(pairs, said, strict=False)
        ]

    def _needs_model(self, h: Heard) -> bool:
        if is_crisis(h.findings):
            return False
        return h.addressed or h.thorough or self._ear.quick_need(h.words) >= listening.QUICK_NEED

    def _likely(self, h: Heard) -> bool:
        """Whether what it means will be asked for, whatever the reader says, or most likely."""
        return self._said is None or h.addressed or h.thorough or self._ear.quick_need(h.words) >= LIKELY

    def _is_question(self, h: Heard, need: float) -> bool:
        if h.thorough and not h.addressed and self._ear.quick_need(h.words) < listening.QUICK_NEED:
            return False  # the running bot would not have looked any further
        return need >= (ADDRESSED_NEED if h.addressed else self._policy.need_at)

    def _judge_all(
        self,
        heard: Sequence[Heard],
        needs: Mapping[int, float],
        vectors: Mapping[int, Vector],
        readings: Mapping[int, Reading] = MappingProxyType({}),
        these: Sequence[int] | None = None,
    ) -> list[Judgement]:
        """By their places in `heard`; `these`: those wanted, if not all."""
        return [
            self._one(heard[i], needs.get(i), vectors.get(i), readings.get(i))
            for i in (range(len(heard)) if these is None else these)
        ]

    def _one(self, h: Heard, need: float | None, vector: Vector | None, reading: Reading | None) -> Judgement:
        if is_crisis(h.findings):
            return Judgement(h.findings, 0.0, False, (), (), ActionTaken.CRISIS)
        medical = any(f.code is Code.M1 for f in h.findings)
        if need is None:
            need = self._ear.quick_need(h.words)
            return Judgement(h.findings, need, False, (), (), ActionTaken.IGNORE, medical=medical)
        is_question = self._is_question(h, need)
        if vector is None or not (is_question or h.thorough):
            language = language_of(h.text)
            return Judgement(h.findings, need, False, (), (), ActionTaken.IGNORE, medical=medical, language=language)
        return self._searched(h, vector, reading or self._librarian.read(h.words), need, is_question)

    def _searched(self, h: Heard, vector: Vector, reading: Reading, need: float, is_question: bool) -> Judgement:
        medical = any(f.code is Code.M1 for f in h.findings)
        floor = self.whisper_at if h.whispered else self.speak_at
        explained, explained_from = (None, 0.0) if h.thorough else (self._policy.suggestions, floor)
        matches = self._librarian.rank(
            reading, vector, SHOWN, reviewed_only=medical, explained=explained, explained_from=explained_from
        )
        sure = tuple(m for m in matches[: self._policy.suggestions] if m.confidence >= floor)
        suggested = sure if is_question else ()
        action = ActionTaken.SUGGEST if suggested else ActionTaken.ROUTE if is_question else ActionTaken.IGNORE
        return Judgement(
            h.findings,
            need,
            is_question,
            matches,
            suggested,
            action,
            topics=self._topics(matches, h.about),
            basis=self._librarian.basis,
            medical=medical,
            urgent=bool(_URGENT.search(h.text)),
            language=language_of(h.text),
            shown_from=floor,
            vector=as_bytes(vector),
        )

    def _topics(self, matches: Sequence[Match], about: Sequence[str]) -> tuple[str, ...]:
        """Those that the author names, as far as the library knows them; and the topics that the nearest resources
        share, the most frequent first, as long as there are no two."""
        wanted = {_plain(name) for name in about}
        named = [topic for topic in self._librarian.library.topics() if _plain(topic) in wanted] if wanted else []
        votes: Counter[str] = Counter()
        for rank, match in enumerate(matches[:5]):
            resource = self._librarian.library.get(match.resource_id)
            if resource is not None:
                votes.update(dict.fromkeys(resource.topics, 5 - rank))
        shared = [topic for topic, _ in votes.most_common() if topic not in named]
        return (*named, *shared[: max(0, 2 - len(named))])


def _plain(topic: str) -> str:
    """Names that differ only in case, hyphens and signs are one topic's."""
    return " ".join(re.findall(r"[^\W_]+", topic.casefold()))


def as_bytes(vector: Vector) -> bytes:
    """Little-endian float32."""
    return np.asarray(vector, "<f4").tobytes()


def language_of(text: str) -> str:
    """`es` or `en`, from the little words; good enough to choose a catalogue and a volunteer."""
    return "es" if len(_SPANISH.findall(text)) > len(_ENGLISH.findall(text)) else "en"
