"""Tables of members, of what they may, want and have been told, and of the channels they write in."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

from adapters.storage.schema import at, count, flag, key, metadata, number, only_where, strings, word, words

member = Table(
    "member",
    metadata,
    key(),
    word("person", index=True),
    words("name"),
    strings("roles"),
    word("language"),
    word("country"),
    word("time_zone"),
    flag("opted_out"),
    flag("staff"),
    flag("shares_answers"),
    at("joined_at", optional=True),
    flag("guest"),
    flag("bot"),
    flag("deactivated"),
    strings("badges"),  # what they are by roles of their platform
)

Index("ix_member_roles", member.c.roles, **only_where("roles <> '[]' OR badges <> '[]'"))
# The few who look after the community; each choice of whom to ask wants them.
LOOKING_AFTER = " OR ".join(
    f"{column} LIKE '%{role}%'" for role in ("moderator", "safety_lead", "owner") for column in ("roles", "badges")
)
Index("ix_member_looking_after", member.c.key, **only_where(LOOKING_AFTER))

trust = Table("trust", metadata, key(), key("role"), words("name"))  # roles of a platform, and what they stand for

appointment = Table(  # who was given a role, by whom, until when; `due_at`: when that is looked at next
    "appointment",
    metadata,
    key("member"),
    key("role"),
    word("by"),
    at("at"),
    word("proof"),
    at("until", optional=True),
    flag("reminded"),
    at("due_at", optional=True),
)

Index("ix_appointment_due", appointment.c.due_at, **only_where("due_at IS NOT NULL"))

unmasking = Table(  # who asked to see the asker of a question without a name
    "unmasking",
    metadata,
    key("id"),
    word("question", index=True),
    word("reason"),
    word("by"),
    at("asked_at"),
    word("state"),
    word("second"),
    at("settled_at", optional=True),
    at("due_at", optional=True),
)

Index("ix_unmasking_due", unmasking.c.due_at, **only_where("due_at IS NOT NULL"))

volunteer = Table(
    "volunteer",
    metadata,
    key("member"),
    word("kind"),
    strings("languages"),
    word("time_zone"),
    strings("quiet"),
    count("weekly_cap"),
    flag("paused"),
    word("away_first"),
    word("away_last"),
    flag("learns"),
    flag("thanks"),
    at("thanked_at", optional=True),
)

skill = Table(
    "skill",
    metadata,
    key("answer"),
    word("member", index=True),
    Column("vector", LargeBinary, nullable=False),
    at("at"),
)

block = Table("block", metadata, key("member"), key("other"), at("at"))
Index("ix_block_other", block.c.other)

volunteer_topic = Table("volunteer_topic", metadata, key("member"), key("topic"))

channel = Table(
    "channel",
    metadata,
    key(),
    word("name"),
    word("mode"),
    word("purpose"),
    word("language"),
    word("seen_to"),
    flag("welcomed"),
    flag("gone"),
    flag("digest"),
    strings("numbers"),
    flag("public"),
    word("answering"),
    strings("lacks"),
)

follow = Table("follow", metadata, key("member"), key("topic"), at("since"))

untold = Table("untold", metadata, key("member"), key("resource"), at("noted_at"))  # what followers are to be told

follower = Table("follower", metadata, key("member"), at("told_at"))  # when each was told last

link_code = Table("link_code", metadata, key("hash"), word("member", index=True), at("until"))

link_try = Table("link_try", metadata, number(), word("member", index=True), at("at"))

sign_in_link = Table(
    "sign_in_link", metadata, key("hash"), word("member", index=True), at("made_at"), at("until"), flag("spent")
)

browser_session = Table("browser_session", metadata, key("hash"), word("member", index=True), at("since"), at("until"))
