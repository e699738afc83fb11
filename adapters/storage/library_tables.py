"""Tables of what the community knows: resources, drafts, and the numbers for the confidence."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, Table

from adapters.storage.schema import at, count, key, metadata, word, words

resource = Table("resource", metadata, key("id"), word("state"), count("version"), words("payload"))

resource_version = Table(
    "resource_version",
    metadata,
    key("resource"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    at("at"),
    words("payload"),
)

embedding = Table(
    "embedding",
    metadata,
    key("model"),
    key("hash"),
    Column("vector", LargeBinary, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    key("id"),
    word("question", index=True),
    word("author", index=True),
    word("state"),
    at("created_at"),
    words("payload"),
)

calibration = Table(  # the community's own numbers for the confidence
    "calibration",
    metadata,
    key("basis"),
    Column("rise", Float, nullable=False),
    Column("fall", Float, nullable=False),
    Column("shift", Float, nullable=False),
    Column("silent_below", Float, nullable=False),
    Column("sure_from", Float, nullable=False),
    count("presses"),
    at("at"),
)
