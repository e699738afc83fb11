"""Conversations made by chance, with crises in them; and what may never be found afterwards.

Every text has a mark of its own. The rules of triage themselves say which texts are a crisis, so a conversation is of
what they find; that they find enough of it is measured elsewhere. A message of which somebody has said that it is no
crisis is one like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters.storage.memory import MemoryStore
from bot.measures import build
from bot.ports import Store
from bot.question import Status
from bot.reporting import gather
from bot.safety.alerts import AlertState
from bot.safety.triage import Triage, is_crisis
from knowledge.embedding import parted
from tests.dialogues.stage import Person, Setting, Stage
from tests.fakes.mind import ToyModel
from tests.fakes.values import NOON

PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent", topics=("school",)),
    Person("moda", roles=("moderator",)),
    Person("mara", roles=("moderator", "safety_lead")),
    Person("olu", roles=("owner",)),
)
WRITING = ("dana", "ben", "tess")
LIBRARY = (
    {"id": "r1", "title": "Infusion days and school", "text": "A letter about school absence on infusion days."},
)
SETTING = Setting(PEOPLE, LIBRARY)

# --- what people write -------------------------------------------------------------------------------------

_CRISES = st.one_of(
    st.tuples(
        st.sampled_from(("I want to", "I am going to", "I think I will", "tonight I will")),
        st.sampled_from(("kill myself", "end my life", "hang myself", "take all of my pills and not wake up")),
    ),
    st.tuples(
        st.sampled_from(("My son says he wants to", "My daughter told me she is going to", "My wife wants to")),
        st.sampled_from(("kill himself", "kill herself", "end her life")),
    ),
    st.tuples(st.just("My dad"), st.sampled_from(("hits me every night", "touches me at night", "beats my brother"))),
    st.tuples(
        st.sampled_from(("She", "My little boy")),
        st.sampled_from(("can't breathe and her lips are blue", "fainted and I can't wake him up")),
    ),
    st.tuples(st.just("I have a gun and I am going to"), st.sampled_from(("shoot my doctor", "kill them all"))),
)
_AROUND = st.sampled_from(("", "How do infusion days count at school?", "Does anybody know the letter for school?"))
crises = st.tuples(_CRISES, _AROUND).map(lambda both: f"{' '.join(both[0])}. {both[1]}".strip())
ordinary = st.sampled_from(
    (
        "How do infusion days count as absence at school?",
        "Does anybody know a good swimming club?",
        "What do you pack for a long day at the clinic?",
        "Yes, ask the clinic for a letter, ours wrote one the same day.",
        "The old harbour has a kind swimming club, ask for Tom there.",
        "Thank you, that helps.",
        "This prep is killing me, who has a recipe for soup?",
    )
)
texts = st.one_of(crises, ordinary)
_which = st.integers(0, 5)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens. `which` counts back from the message that was written last."""

    what: str
    who: str = ""
    text: str = ""
    which: int = 0


_who = st.sampled_from(WRITING)
_acts = st.one_of(
    st.builds(Act, st.sampled_from(("post", "post", "dm", "ask", "nameless")), _who, texts),
    st.builds(Act, st.sampled_from(("reply", "edit", "edit")), _who, texts, _which),
    st.builds(Act, st.just("delete"), st.just(""), st.just(""), _which),
    st.builds(Act, st.sampled_from(("Not a crisis", "Resolved", "I'm on it")), st.sampled_from(("moda", "mara"))),
    st.builds(Act, st.sampled_from(("Accept", "Write back", "This helped", "Ask a person")), _who),
    st.builds(Act, st.sampled_from(("wait", "restart", "read_up"))),
    st.builds(Act, st.just("forget"), _who),
)
conversations = st.lists(_acts, min_size=3, max_size=14)

# --- how they are played -----------------------------------------------------------------------------------


class Watched(Stage, Protocol):
    store: Store
    triage: Any
    model: ToyModel


class Remembering(ToyModel):
    """A model that knows what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.shown += [parted(text)[1] for text in texts]
        return await super().embed(texts)


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    author: str
    root: str  # empty: nobody can reply to it


@dataclass
class Told:
    """What has been written: the mark of every text that is a crisis, with the message it stands in ("": a form)."""

    triage: Triage
    messages: list[Message] = field(default_factory=list)
    crises: list[tuple[str, str]] = field(default_factory=list)  # (mark, message)
    first: dict[str, bool] = field(default_factory=dict)  # whether a message began as a crisis
    count: int = 0

    def marked(self, text: str) -> tuple[str, str, bool]:
        self.count += 1
        mark = f"zq{self.count:03d}x"
        text = f"{text} {mark}"
        return text, mark, is_crisis(self.triage.check(text))


async def play(stage: Watched, acts: Sequence[Act], triage: Triage) -> Told:
    """Open the stage, let all of it happen; what can't be done (no such button, no such message) is left out."""
    stage.triage, stage.model = triage, Remembering()
    await stage.open(SETTING)
    told = Told(triage)
    for act in acts:
        await _act(stage, act, told)
    await stage.wait(timedelta(minutes=30))
    return told


async def _act(stage: Watched, act: Act, told: Told) -> None:
    match act.what:
        case "wait":
            await stage.wait(timedelta(minutes=20))
        case "restart":
            await stage.restart()
        case "read_up" if hasattr(stage, "read_up"):
            await stage.read_up()
        case "forget" if hasattr(stage, "forget"):
            await stage.forget(act.who)
        case "post" | "dm" | "reply" | "edit" | "ask" | "nameless":
            await _written(stage, act, told)
        case "delete":
            if told.messages:
                gone = told.messages.pop(-1 - act.which % len(told.messages))
                told.messages = [m if m.root != gone.id else replace(m, root="") for m in told.messages]
                await stage.delete(gone.author, gone.id)
        case label:
            try:
                await stage.press(act.who, label)
            except AssertionError:
                return


async def _written(stage: Watched, act: Act, told: Told) -> None:
    about = told.messages[-1 - act.which % len(told.messages)] if told.messages else None
    if act.what in ("reply", "edit") and (about is None or (act.what == "reply" and not about.root)):
        return
    text, mark, crisis = told.marked(act.text)
    message = ""
    if act.what in ("ask", "nameless"):
        await stage.ask(act.who, text, nameless=act.what == "nameless")
    elif act.what == "edit" and about is not None:
        message = about.id
        await stage.edit(about.author, message, text)
    else:
        under = about.root if about is not None and act.what == "reply" else ""
        message = await stage.post(act.who, text, under, private=act.what == "dm")
        root = "" if act.what == "dm" else under or message
        told.messages.append(Message(message, act.who, root))
        told.first[message] = crisis
    told.crises += [(mark, message)] if crisis else []


# --- what may never be found ---------------------------------------------------------------------------------


async def verify(stage: Watched, told: Told) -> None:
    """No word of a crisis in anything the bot has said, kept, embedded, or would report; and no question of one."""
    store, model = stage.store, stage.model
    assert isinstance(store, MemoryStore)
    assert isinstance(model, Remembering)
    async with store.read() as tx:
        alerts = [a for person in await tx.members.all() for a in await tx.alerts.about(person.key)]
        false = {a.place.message for a in alerts if a.state is AlertState.NOT_A_CRISIS}
        drafts, resources = await tx.drafts.all(), await tx.resources.all()
    marks = [mark for mark, message in told.crises if message not in false]
    seen = [s.words for person in PEOPLE for s in await stage.sees(person.name)]
    records = await gather(store, model)
    found = {
        "said": repr(seen),
        "kept": repr(store._committed),
        "embedded": repr(model.shown),
        "reported": repr((records, build(records, NOON, NOON - timedelta(days=30)))),  # gaps in the askers' words, too
        "in the library": repr((drafts, resources)),
    }
    for where, words in found.items():
        assert [mark for mark in marks if mark in words] == [], where
    asked = {q.place.message: q for q in records.questions}
    for message, crisis in told.first.items():
        if crisis and message not in false:
            assert message not in asked, "a crisis became a question"
    for _, message in told.crises:
        question = asked.get(message) if message and message not in false else None
        assert question is None or (question.status, question.text, question.suggested) == (Status.CLOSED, "", ())
        answered = [a for a in records.answers if message and message not in false and a.place.message == message]
        assert answered == [], "a crisis became an answer"
