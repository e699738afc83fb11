"""Tables of questions, and of what was said to them."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from adapters.storage.schema import at, count, flag, key, metadata, only_where, place, strings, whose, word, words

question = Table(
    "question",
    metadata,
    key("id"),
    word("community"),
    *place(),
    word("thread_key"),
    word("asker"),
    word("asker_person"),
    words("text"),
    word("language"),
    strings("topics"),
    flag("medical"),
    flag("urgent"),
    flag("private"),
    at("asked_at"),
    word("status"),
    at("deadline", optional=True),
    strings("suggested"),
    count("round"),
    word("offered_to"),
    word("claimed_by"),
    flag("warned"),
    flag("asked_helped"),
    strings("answered_by"),
    at("answered_at", optional=True),
    count("reminders"),
    strings("told"),
    Column("outcome", Text),
    at("closed_at", optional=True),
    word("pseudonym"),
    word("handed_by"),
    word("earlier"),
    word("beside"),
    count("version"),
    whose("holder"),  # which process lets its deadline pass just now, and until when the others leave it that
    at("held_until", optional=True),
)
Index("ix_question_thread", question.c.thread_key, question.c.asked_at)
Index("ix_question_deadline", question.c.deadline, **only_where("deadline IS NOT NULL"))
Index("ix_question_asked_at", question.c.asked_at, question.c.id)
Index("ix_question_asker", question.c.asker)
Index("ix_question_offered_to", question.c.offered_to, **only_where("offered_to <> ''"))
Index("ix_question_claimed_by", question.c.claimed_by, **only_where("claimed_by <> ''"))
Index("ix_question_status", question.c.status, question.c.asked_at)
Index("ix_question_answered", question.c.answered_at, question.c.id, **only_where("answered_at IS NOT NULL"))
Index("ix_question_closed", question.c.closed_at, **only_where("closed_at IS NOT NULL"))

assignment = Table(
    "assignment",
    metadata,
    key("question"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    word("member"),
    word("result"),
    at("ended_at"),
)
Index("ix_assignment_passed", assignment.c.member, assignment.c.ended_at, **only_where("result = 'passed'"))

suggestion = Table(
    "suggestion",
    metadata,
    key("question"),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    word("resource"),
    words("title"),
    Column("score", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    strings("why"),
    Column("shipped", Float, nullable=False),  # the confidence without a calibration of the community's own
    word("basis"),
)

answer = Table(
    "answer",
    metadata,
    key("place_key"),
    *place(),
    word("question", index=True),
    word("member", index=True),
    words("text"),
    Column("probability", Float, nullable=False),
    at("at"),
    word("relay"),
)

letter = Table(
    "letter",
    metadata,
    key("id"),
    word("question", index=True),
    word("member", index=True),
    words("text"),
    at("at"),
)

part = Table(  # the messages in which a question was said, where there are several
    "part",
    metadata,
    key("question"),
    key("place_key"),
    *place(),
    word("thread_key"),
    words("text"),
    at("at"),
)
Index("ix_part_thread", part.c.thread_key)
Index("ix_part_place", part.c.place_key)
