"""Which question a message belongs to that stands in the channel itself, not in a thread: it answers, by reference, the
question, a part of it, an answer to it, or something that the bot said about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from adapters.discord.identity import PLATFORM, member_of, place_of
from bot.events import MessagePosted
from bot.ports import Store, Transaction

LOOKED = 0.05  # seconds between two looks whether what a message refers to has been handled
PATIENCE = 2.0  # seconds after which it counts as small talk: then its answer is heard for itself, and nothing is lost


class References:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def question_of(self, guild: str, channel: str, messages: Iterable[str], author: str) -> str:
        """The thread of the first of these messages that has to do with a question; empty when none has. `author` has
        written the first: what they have just said may not be handled yet."""
        ids = list(messages)
        until = asyncio.get_running_loop().time() + PATIENCE
        while ids:
            async with self._store.read() as tx:
                for message in ids:
                    if thread := await _thread(guild, channel, message, tx):
                        return thread
                waits = bool(author) and await _waits(member_of(author, guild).key, ids[0], tx)
            if not waits or asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(LOOKED)
        return ""

    async def answered(self, guild: str, channel: str, message: str) -> str:
        """The thread of the question that this message is an answer to, or a part of: a deletion does not say what it
        referred to."""
        async with self._store.read() as tx:
            return await _of_answer(place_of(guild, channel, message).key, channel, tx)


async def _waits(member: str, message: str, tx: Transaction) -> bool:
    events = [row.arrival.event for row in await tx.inbox.by(member)]
    return any(isinstance(event, MessagePosted) and event.place.message == message for event in events)


async def _thread(guild: str, channel: str, message: str, tx: Transaction) -> str:
    place = place_of(guild, channel, message)
    if await tx.questions.in_threads([place.thread_key]):
        return message
    if found := await _of_answer(place.key, channel, tx):
        return found
    row = await tx.outbox.by_message(PLATFORM, channel, message)
    if row is None:
        return ""
    return await _of_question(getattr(row.wish.effect, "question", row.wish.about), channel, tx)


async def _of_answer(key: str, channel: str, tx: Transaction) -> str:
    answer = await tx.answers.at(key)
    if answer is not None:
        return await _of_question(answer.question, channel, tx)
    return next((part.place.thread for part in await tx.parts.at(key)), "")


async def _of_question(question_id: str, channel: str, tx: Transaction) -> str:
    question = await tx.questions.get(question_id)
    return question.place.thread if question is not None and question.place.channel == channel else ""
