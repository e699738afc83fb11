"""Questions, their answers and what was suggested for them, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from adapters.storage.memory.state import Rows, State
from bot.community import Answer, Letter, Part, QuestionFilter, Skill, Suggestion
from bot.ports import Conflict
from bot.question import Outcome, Question, Result, Status, first_asked

Passes = tuple[tuple[datetime, tuple[str, ...]], ...]  # of one member: when they passed on a question, its topics


class Questions:
    """See bot.ports.QuestionStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Question] = state.table("question")
        self._threads: Rows[str, tuple[str, ...]] = state.table("question_threads")
        self._deadlines: Rows[str, datetime] = state.table("question_deadlines")
        self._holders: Rows[str, str] = state.table("question_holders")  # of those somebody is offered or holds
        self._passes: Rows[str, Passes] = state.table("question_passes")
        self._answers: Rows[str, Answer] = state.table("answer")
        self._letters: Rows[str, Letter] = state.table("letter")
        self._parts: Rows[str, tuple[Part, ...]] = state.table("part")
        self._said_in: Rows[str, tuple[str, ...]] = state.table("part_threads")  # questions by thread key

    async def add(self, question: Question) -> None:
        """See QuestionStore."""
        if question.id in self._rows:
            raise Conflict(f"question {question.id} is there already")
        self._put(question)

    async def save(self, question: Question) -> None:
        """See QuestionStore."""
        stored = self._rows.get(question.id)
        if stored is None or stored.version != question.version - 1:
            raise Conflict(f"question {question.id} is no longer at version {question.version - 1}")
        self._put(question)

    async def get(self, question_id: str) -> Question | None:
        """See QuestionStore."""
        return self._rows.get(question_id)

    async def in_threads(self, threads: Sequence[str]) -> dict[str, Question]:
        """See QuestionStore."""
        return {thread: found[0] for thread, found in (await self.all_in(threads)).items()}

    async def all_in(self, threads: Sequence[str]) -> dict[str, tuple[Question, ...]]:
        """See QuestionStore."""
        found = {}
        for thread in threads:
            own = [self._rows[i] for i in self._threads.get(thread, ()) if self._rows[i].place.thread_key == thread]
            said = own or [self._rows[i] for i in self._said_in.get(thread, ()) if self._is_said_in(i, thread)]
            if said:
                found[thread] = tuple(sorted(said, key=first_asked))
        return found

    def _is_said_in(self, question_id: str, thread: str) -> bool:
        return any(part.place.thread_key == thread for part in self._parts.get(question_id, ()))

    async def lately(self, askers: Sequence[str], since: datetime) -> list[Question]:
        """See QuestionStore."""
        return sorted((q for q in self._rows.values() if q.asker in askers and q.asked_at >= since), key=_order)

    async def due(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """See QuestionStore."""
        due = [(i, deadline) for i, deadline in self._deadlines.items() if deadline <= now]
        return sorted(due, key=lambda row: (row[1], row[0]))[:limit]

    async def claim_due(self, limit: int, now: datetime, held_until: datetime) -> list[tuple[str, datetime]]:  # noqa: ARG002 -- there is one process
        """See QuestionStore."""
        return await self.due(now, limit)

    async def find(self, wanted: QuestionFilter) -> list[Question]:
        """See QuestionStore."""
        return list(islice(sorted((q for q in self._rows.values() if _fits(q, wanted)), key=_order), wanted.limit))

    async def answered(self, after: tuple[datetime, str], limit: int) -> list[Question]:
        """See QuestionStore."""
        found = [(q.answered_at, q.id) for q in self._rows.values() if q.answered_at and _is_for_all(q)]
        later = sorted(row for row in found if row > after)[:limit]
        return [self._rows[question_id] for _, question_id in later]

    async def worded(self, ids: Sequence[str]) -> frozenset[str]:
        """See QuestionStore."""
        there = (q for i in ids if (q := self._rows.get(i)) is not None)
        return frozenset(q.id for q in there if q.text and q.outcome is not Outcome.WITHDRAWN)

    async def drop_texts(self, closed_before: datetime) -> int:
        """See QuestionStore."""
        old = [q for q in self._rows.values() if q.closed_at and q.closed_at < closed_before]
        full = [q for q in old if q.text]
        for question in full:
            self._put(replace(question, text="", version=question.version + 1))
        ids = {q.id for q in old}
        for key, answer in list(self._answers.items()):
            if answer.question in ids and answer.text:
                self._answers[key] = replace(answer, text="")
        for key, letter in list(self._letters.items()):
            if letter.question in ids and letter.text:
                self._letters[key] = replace(letter, text="")
        self._empty_parts(ids)
        return len(full)

    def _empty_parts(self, questions: set[str]) -> None:
        for question_id in questions & self._parts.keys():
            self._parts[question_id] = tuple(replace(part, text="") for part in self._parts[question_id])

    def said(self, asker: str) -> set[str]:
        """The messages in which their questions were said, where there are several."""
        own = [q.id for q in self._rows.values() if q.asker == asker]
        return {part.text for i in own for part in self._parts.get(i, ()) if part.text}

    def forget(self, asker: str, person: str) -> list[Question]:
        """Empty the member's questions; returns them as they were."""
        own = [q for q in self._rows.values() if q.asker == asker]
        for question in own:
            self._put(replace(question, text="", asker_person=person, version=question.version + 1))
        self._empty_parts({q.id for q in own})
        return own

    def held(self, member: str) -> int:
        """How many questions a member is offered or holds."""
        return sum(member in (q.offered_to, q.claimed_by) for q in self._rows.values())

    def _put(self, question: Question) -> None:
        before = self._rows.get(question.id)
        for tried in question.tries[len(before.tries) if before else 0 :]:
            if tried.result is Result.PASSED:
                self._passes[tried.member] = (*self._passes.get(tried.member, ()), (tried.ended_at, question.topics))
        self._rows[question.id] = question
        thread = question.place.thread_key
        if question.id not in self._threads.get(thread, ()):  # new, or it has its place only now
            self._threads[thread] = (*self._threads.get(thread, ()), question.id)
        if question.deadline:
            self._deadlines[question.id] = question.deadline
        elif question.id in self._deadlines:
            self._deadlines.pop(question.id)
        holder = question.offered_to or question.claimed_by
        if holder and self._holders.get(question.id) != holder:
            self._holders[question.id] = holder
        elif not holder and question.id in self._holders:
            self._holders.pop(question.id)


def _order(question: Question) -> tuple[datetime, str]:
    return (question.asked_at, question.id)


def _is_for_all(q: Question) -> bool:
    settled = q.status in (Status.ANSWERED, Status.CLOSED) and q.outcome is not Outcome.WITHDRAWN
    return settled and bool(q.text) and not (q.nameless or q.medical)


def _fits(q: Question, wanted: QuestionFilter) -> bool:
    return (
        (not wanted.statuses or q.status in wanted.statuses)
        and (not wanted.asker or q.asker == wanted.asker)
        and (not wanted.holder or wanted.holder in (q.offered_to, q.claimed_by))
        and (not wanted.channel or wanted.channel == q.place.channel_key)
        and (wanted.asked_from is None or q.asked_at >= wanted.asked_from)
        and (wanted.asked_before is None or q.asked_at < wanted.asked_before)
    )


class Answers:
    """See bot.ports.AnswerStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Answer] = state.table("answer")
        self._skills: Rows[str, Skill] = state.table("skill")
        self._by: Rows[str, tuple[str, ...]] = state.table("answers_by")  # place keys by member

    async def put(self, answer: Answer) -> None:
        """See AnswerStore."""
        self._rows[answer.place.key] = answer
        if answer.place.key not in self._by.get(answer.member, ()):
            self._by[answer.member] = (*self._by.get(answer.member, ()), answer.place.key)

    async def at(self, place_key: str) -> Answer | None:
        """See AnswerStore."""
        return self._rows.get(place_key)

    async def of(self, question_id: str) -> list[Answer]:
        """See AnswerStore."""
        return sorted((a for a in self._rows.values() if a.question == question_id), key=lambda a: (a.at, a.place.key))

    async def by(self, member: str) -> list[Answer]:
        """See AnswerStore."""
        return sorted((a for a in self._rows.values() if a.member == member), key=lambda a: (a.at, a.place.key))

    async def remove(self, place_key: str) -> None:
        """See AnswerStore."""
        self._rows.pop(place_key)
        self._skills.pop(place_key)

    def forget(self, member: str) -> list[str]:
        """Empty the member's answers; returns what they said."""
        own = [answer for answer in self._rows.values() if answer.member == member]
        for answer in own:
            self._rows[answer.place.key] = replace(answer, text="")
        return [answer.text for answer in own]


class Parts:
    """See bot.ports.PartStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, tuple[Part, ...]] = state.table("part")  # by question
        self._said_in: Rows[str, tuple[str, ...]] = state.table("part_threads")

    async def put(self, part: Part) -> None:
        """See PartStore."""
        others = [p for p in self._rows.get(part.question, ()) if p.place != part.place]
        self._rows[part.question] = tuple(sorted([*others, part], key=lambda p: (p.at, p.place.key)))
        thread = part.place.thread_key
        if part.question not in self._said_in.get(thread, ()):
            self._said_in[thread] = (*self._said_in.get(thread, ()), part.question)

    async def of(self, questions: Sequence[str]) -> list[Part]:
        """See PartStore."""
        found = [part for question_id in questions for part in self._rows.get(question_id, ())]
        return sorted(found, key=lambda p: (p.at, p.place.key))

    async def at(self, place_key: str) -> list[Part]:
        """See PartStore."""
        found = (part for parts in self._rows.values() for part in parts if part.place.key == place_key)
        return sorted(found, key=lambda p: p.question)

    async def remove(self, question: str, place_key: str) -> None:
        """See PartStore."""
        if left := tuple(p for p in self._rows.get(question, ()) if p.place.key != place_key):
            self._rows[question] = left
        else:
            self._rows.pop(question)

    async def drop(self, question: str) -> None:
        """See PartStore."""
        self._rows.pop(question)


class Letters:
    """See bot.ports.LetterStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Letter] = state.table("letter")

    async def put(self, letter: Letter) -> None:
        """See LetterStore."""
        self._rows[letter.id] = letter

    async def get(self, letter_id: str) -> Letter | None:
        """See LetterStore."""
        return self._rows.get(letter_id)

    async def of(self, question_id: str) -> list[Letter]:
        """See LetterStore."""
        return sorted((r for r in self._rows.values() if r.question == question_id), key=lambda r: (r.at, r.id))

    async def remove(self, letter_id: str) -> None:
        """See LetterStore."""
        self._rows.pop(letter_id)

    def forget(self, member: str) -> None:
        """Empty the member's letters."""
        for letter in list(self._rows.values()):
            if letter.member == member:
                self._rows[letter.id] = replace(letter, text="")


class Suggestions:
    """See bot.ports.SuggestionStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, tuple[Suggestion, ...]] = state.table("suggestion")

    async def put(self, question_id: str, suggestions: Sequence[Suggestion]) -> None:
        """See SuggestionStore."""
        self._rows[question_id] = tuple(suggestions)

    async def of(self, question_id: str) -> list[Suggestion]:
        """See SuggestionStore."""
        return list(self._rows.get(question_id, ()))

    def forget(self, questions: set[str], resources: set[str]) -> None:
        """Drop what was suggested for these questions, and these resources wherever they were suggested."""
        for question_id, suggestions in list(self._rows.items()):
            kept = tuple(s for s in suggestions if question_id not in questions and s.resource not in resources)
            if kept != suggestions:
                self._rows[question_id] = kept
