"""A community to measure on: the samples, and as many invented resources as are asked for, embedded already."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.app import Community, community, running
from adapters.embedders import load_embedder
from adapters.samples import folder, load_samples, settle_in
from adapters.settings import read_settings
from adapters.storage.database import Database
from adapters.web.client import WebMessenger
from bot.cards import Address, Card, Posted, ResourceShown
from bot.events import Member, MessagePosted, Place
from bot.helpdesk import HelpDesk, House, Outside
from bot.safety.helplines import load_helplines
from bot.safety.triage import Triage
from knowledge.resources import Resource, content_hash
from knowledge.ways_in import ways_in

RUN = secrets.token_hex(4)  # messages of two runs on one database are not the same
NOISE = 1.2  # how far an invented resource lies from the sample it was made of, in lengths of a unit vector


class ReadyMouth:
    """A platform that takes everything at once and tells who waits for it."""

    def __init__(self) -> None:
        self.said: dict[str, asyncio.Future[float]] = {}
        self.cards = 0

    def expect(self, number: int) -> asyncio.Future[float]:
        """The moment (perf_counter) at which a suggestion for message `number` goes out."""
        return self.expect_under(f"{RUN}-{number}")

    def expect_under(self, message: str) -> asyncio.Future[float]:
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.said[message] = waiting
        return waiting

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        self.cards += 1
        place = getattr(to, "place", None)
        if place is not None and any(isinstance(b, ResourceShown) for b in card.blocks):
            waiting = self.said.pop(place.message, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(time.perf_counter())
        return Posted("bench", "b", "c", str(self.cards), datetime.now(UTC))

    async def send_picture(
        self,
        to: Address,
        card: Card,
        png: bytes,
        alt: str,
        key: str,
        *,
        tried: int = 0,
    ) -> Posted:
        return await self.send(to, card, key)

    async def revise(self, posted: Posted, card: Card) -> None:
        self.cards += 1

    def link(self, place: Place) -> str:
        return ""


class WebMouth(ReadyMouth):
    """The web community's own mouth, heard as it begins to speak."""

    def __init__(self, web: WebMessenger) -> None:
        super().__init__()
        self._web = web

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        said = await super().send(to, card, key)
        where = getattr(to, "place", None) or getattr(to, "member", None)
        return await self._web.send(to, card, key) if getattr(where, "platform", "") == "web" else said


@dataclass(frozen=True, slots=True)
class Scene:
    community: Community
    desk: HelpDesk
    mouth: ReadyMouth


def questions() -> list[str]:
    """Messages that the sample library answers."""
    lines = folder().joinpath("expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    asked = [row["text"] for row in rows if row["relevant"]]
    return asked + [phrase for r in load_samples().resources if r.language == "en" for phrase in r.asked_as]


def chatter() -> list[str]:
    """Messages that need nothing, as most messages of a channel: bench/chatter.txt and the samples' kitchen table."""
    short = Path(__file__).with_name("chatter.txt").read_text(encoding="utf-8").splitlines()
    lines = folder().joinpath("conversation.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return short + [row["text"] for row in rows if row["channel"] == "kitchen-table" and "?" not in row["text"]]


def invented(count: int, seed: int = 1) -> list[Resource]:
    """Resources recombined from the samples' sentences."""
    rng = random.Random(seed)
    base = [r for r in load_samples().resources if r.language == "en"]
    sentences = [s.strip() + "." for r in base for s in r.text.split(".") if len(s) > 30]
    made = []
    for n in range(count):
        near = rng.choice(base)
        text = " ".join(rng.sample(sentences, 5))
        made.append(replace(near, id=f"made-{n}", title=f"{near.title} ({n})", text=text, asked_as=(), url=""))
    return made


async def fill(path: Path, count: int) -> None:
    """A database with `count` resources in it, all with vectors (real ones for the samples)."""
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    samples = load_samples()
    await settle_in(store, samples, datetime.now(UTC))
    embedder = load_embedder()
    texts = [t for r in samples.resources for t in ways_in(r).texts()]
    real = dict(zip(map(content_hash, texts), embedder.embed(texts), strict=True))
    made = invented(count - len(samples.resources))
    async with store.begin() as tx:
        await tx.vectors.put(embedder.name, real)
    for start in range(0, len(made), 500):
        part = made[start : start + 500]
        async with store.begin() as tx:
            await tx.resources.put(part, datetime.now(UTC))
            await tx.vectors.put(embedder.name, _vectors(part, list(real.values())))
    await store.close()


def _vectors(resources: Sequence[Resource], near: Sequence[NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(len(resources))
    found = {}
    for resource in resources:
        for text in ways_in(resource).texts():
            far = rng.normal(size=len(near[0])).astype(np.float32)
            vector = near[rng.integers(len(near))] + NOISE * far / np.linalg.norm(far)
            found[content_hash(text)] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return found


@asynccontextmanager
async def scene(path: Path, *, web: bool = False) -> AsyncIterator[Scene]:
    """The community on that database, at work, with a platform `bench` that is never slow. `web`: with the chat of the
    web community too."""
    settings = read_settings(None, database_url=f"sqlite+aiosqlite:///{path}")
    async with community(settings) as c:
        mouth = WebMouth(WebMessenger(c.chat, c.viewers, c.clock)) if web else ReadyMouth()
        triage = Triage.load()
        outside = Outside(
            c.store, c.clock, {"bench": mouth, "web": mouth}, triage, c.judge, c.librarian, load_helplines()
        )
        desk = HelpDesk(outside, House(c.policy))
        at_work = replace(c, desk=desk)
        async with running(at_work) as warming:
            await warming
            yield Scene(at_work, desk, mouth)


def posted(number: int, text: str, who: int = 0, channel: str = "c") -> MessagePosted:
    place = Place("bench", "b", channel, f"{RUN}-{number}", f"{RUN}-{number}")
    return MessagePosted(place, Member("bench", "b", f"u{who}"), text, datetime.now(UTC))
