"""A member's life in a community, with a canary in every word of theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from storage_values import (
    ANA,
    BEN,
    LEASE,
    NOW,
    answer,
    arrival,
    draft,
    engagement,
    letter,
    part,
    question,
    record,
    wish,
)

from bot.community import Role, Suggestion, VolunteerSettings
from bot.curation import DraftState
from bot.effects import Notify
from bot.events import ButtonPressed, FormSubmitted, MemberJoined
from bot.news import Notice
from bot.ports import Transaction
from bot.post import Arrival
from knowledge.resources import Resource, content_hash
from knowledge.ways_in import ways_in

CANARY = "canary-7f3a"  # in every word that ANA ever wrote, and in her name
NAME = f"Ana {CANARY}"
OWN = Resource("from-d1", f"Title {CANARY}", f"Text {CANARY}. " * 80, reviewed_by="Cleo", asked_as=(f"old {CANARY}?",))
ASKED = (f"snacks? {CANARY}", f"crisps on {CANARY} days?", "what to eat?")
HELPED = Resource("r1", "Snacks", "Crisps.", reviewed_by=NAME, asked_as=ASKED)
OTHER = Resource("r2", "Travel", "Trains.", reviewed_by="Dr. Who")


async def live(tx: Transaction) -> None:
    """ANA has asked, answered, been quoted, reviewed; BEN has too."""
    await tx.members.save(record(ANA, name=NAME, roles=frozenset({Role.MODERATOR}), country="ES", opted_out=True))
    await tx.members.save(record(BEN))
    await tx.volunteers.save(VolunteerSettings(ANA.key, topics=frozenset({"school"})))
    await tx.inbox.add([arrival("m1", text=f"hi {CANARY}"), arrival("m2", by=BEN)], NOW, LEASE)
    await tx.inbox.add(
        [
            Arrival(FormSubmitted("s1", "answer", "q1", {"text": CANARY}, ANA, NOW)),
            Arrival(MemberJoined(ANA, NAME, "web:home:help", NOW)),
            Arrival(ButtonPressed("p1", "forget_me", "", ANA, NOW)),
        ],
        NOW,
        LEASE,
    )
    (parked,) = await tx.inbox.add([arrival("m3", text=f"poison {CANARY}")], NOW, LEASE)
    await tx.inbox.park(parked.id, NOW, "broken")
    await tx.outbox.add([wish("k1", to=ANA.key, effect=Notify(ANA.key, Notice.INVALID, CANARY))], NOW, LEASE)
    await tx.outbox.add([wish("k2", to=BEN.key, effect=Notify(BEN.key, Notice.INVALID, "choose one"))], NOW, LEASE)
    await tx.questions.add(question("q1", text=f"snacks? {CANARY}"))
    await tx.questions.add(question("q2", asker=BEN.key, asker_person="p-ben", text="trains?"))
    await tx.answers.put(answer("a1", "q2", by=ANA, text=f"try {CANARY}"))
    await tx.answers.put(answer("a2", "q1"))
    await tx.parts.put(part("q1", text=f"snacks? {CANARY}"))
    await tx.parts.put(part("m5", by="q2", text="and trains?"))
    await tx.letters.put(letter("l1", text=f"she is {CANARY}"))
    await tx.letters.put(letter("l2", by=BEN, text="how old?"))
    await tx.suggestions.put("q1", [Suggestion("r1", "Snacks", 1.0, 0.9, (CANARY,))])
    await tx.suggestions.put(
        "q2", [Suggestion("from-d1", OWN.title, 1.0, 0.9, (CANARY,)), Suggestion("r2", "Travel", 0.5, 0.5, ())]
    )
    mine = draft("d1", author=ANA.key, title=OWN.title, text=f"Text {CANARY}", resource="from-d1", question="q2")
    await tx.drafts.save(replace(mine, state=DraftState.PUBLISHED, asked_as=(CANARY,)))
    await tx.drafts.save(draft("d2", author=ANA.key, title=CANARY, text=CANARY, question="q2"))
    await tx.drafts.save(draft("d3", asked_as=(f"snacks? {CANARY}",)))
    asked = draft("w1", author=ANA.key, title="", text="", question="q1", asks_for="r1")
    await tx.drafts.save(
        replace(asked, state=DraftState.PUBLISHED, asked_as=(ASKED[1],))
    )  # as somebody has reworded it
    await tx.drafts.save(replace(asked, id="w2", state=DraftState.IN_REVIEW, asked_as=(f"and {CANARY}?",)))
    await tx.resources.put([OWN, HELPED, OTHER], NOW)
    await tx.resources.put([replace(OWN, topics=("food",))], NOW)
    texts = [
        f"snacks? {CANARY}",
        f"try {CANARY}",
        *ways_in(OWN).texts(),
        *ways_in(HELPED).texts(),
        *ways_in(OTHER).texts(),
    ]
    await tx.vectors.put("m", {content_hash(text): np.ones(4, np.float32) for text in texts})
    await tx.engagement.add([engagement(f"q1:asked:{ANA.key}"), engagement("k2", BEN)])
