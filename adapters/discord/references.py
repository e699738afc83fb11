"""Which question a message belongs to that stands in the channel itself, not in a thread: it answers, by reference, the
question, an answer to it, or something that the bot said about it."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.discord.identity import PLATFORM, place_of
from bot.ports import Store, Transaction


class References:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def question_of(self, guild: str, channel: str, messages: Iterable[str]) -> str:
        """The thread of the first of these messages that has to do with a question; empty when none has."""
        ids = list(messages)
        if not ids:
            return ""
        async with self._store.read() as tx:
            for message in ids:
                if thread := await _thread(guild, channel, message, tx):
                    return thread
        return ""

    async def answered(self, guild: str, channel: str, message: str) -> str:
        """The thread of the question that this message is an answer to: a deletion does not say what it referred to."""
        async with self._store.read() as tx:
            return await _of_answer(place_of(guild, channel, message).key, channel, tx)


async def _thread(guild: str, channel: str, message: str, tx: Transaction) -> str:
    place = place_of(guild, channel, message)
    if await tx.questions.in_threads([place.thread_key]):
        return message
    if found := await _of_answer(place.key, channel, tx):
        return found
    row = await tx.outbox.by_message(PLATFORM, channel, message)
    return await _of_question(row.wish.about, channel, tx) if row is not None else ""


async def _of_answer(key: str, channel: str, tx: Transaction) -> str:
    answer = await tx.answers.at(key)
    return await _of_question(answer.question, channel, tx) if answer is not None else ""


async def _of_question(question_id: str, channel: str, tx: Transaction) -> str:
    question = await tx.questions.get(question_id)
    return question.place.thread if question is not None and question.place.channel == channel else ""
