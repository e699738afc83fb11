"""Every action and form, tried by everybody, with what each of them may: one small community in memory, in which a
platform plays by making facts of forged presses and forms (`Forge`). The state goes back to what it was after each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from adapters.storage.memory import MemoryStore
from bot.cards import Action, Form
from bot.community import Appointment, Channel, MemberRecord, Reason, Role, Unmasking, VolunteerSettings
from bot.curation import Draft, DraftState
from bot.effects import GiveBack, Notify
from bot.events import ButtonPressed, FormSubmitted, Member, Place
from bot.news import Notice
from bot.policy import Mode
from bot.question import Question, Refused, Status
from bot.routing import Kind
from bot.safety.alerts import Alert, AlertState
from bot.surfaces.beginning import Beginning
from bot.surfaces.house import House
from bot.surfaces.wanted import OpenSheet
from knowledge.resources import Resource
from tests.fakes.community import Community
from tests.fakes.values import DAY, HOUR, NOON

Fact = ButtonPressed | FormSubmitted
Forge = Callable[[str, "Case", str], Fact | OpenSheet | None]  # (who, what is tried, a number): what becomes of it

EVERYBODY = ("asker", "volunteer", "clinician", "moderator", "safety_lead", "organiser", "owner", "member")
ALL, NOBODY = frozenset(EVERYBODY), frozenset[str]()
ASKER, HOLDER, AUTHOR = frozenset({"asker"}), frozenset({"volunteer"}), frozenset({"member"})
REVIEW, CLINICIAN = frozenset({"clinician", "moderator", "owner"}), frozenset({"clinician"})
MODERATE, OWNER = frozenset({"moderator", "owner"}), frozenset({"owner"})
WATCH, LEADS = frozenset({"moderator", "safety_lead", "owner"}), frozenset({"safety_lead", "owner"})
HELPS = frozenset({"volunteer", "clinician", "moderator", "owner"})

REFUSALS = frozenset(
    {Notice.NOT_ALLOWED, Notice.NOT_YOURS, Notice.OWN_QUESTION, Notice.FOR_CLINICIANS, Notice.FOR_VOLUNTEERS}
)
PASSING = ("inbox", "inbox_keys", "outbox", "outbox_due", "outbox_keys", "outbox_about", "outbox_offers", "counters")
WORDS = {"title": "Calm days", "text": "We rest a lot after school."}


@dataclass(frozen=True)
class Case:
    """`may`: who does it; everybody else is refused. `silent`: nothing is said to those it is not for. `idle`: done by
    whoever may, it changes nothing here."""

    what: Action | Form
    subject: str
    may: frozenset[str]
    values: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    idle: bool = False
    about: str = ""

    @property
    def name(self) -> str:
        return f"{self.what}{f' {self.about}' if self.about else ''}"


@dataclass(frozen=True)
class Home:
    """Where it is played: how a platform names people."""

    platform: str
    space: str
    user: Callable[[str], str]
    channel: str = "general"

    def key(self, name: str) -> str:
        return self.member(name).key

    def member(self, name: str) -> Member:
        return Member(self.platform, self.space, self.user(name))

    def place(self, message: str) -> Place:
        return Place(self.platform, self.space, self.channel, message, message)


def cases(at: Home) -> list[Case]:
    """Everything, on something that is there to try it on."""
    here, channel = f"{at.platform}:{at.space}", f"{at.platform}:{at.space}:{at.channel}"
    back = {"text": "Thank you, we will try that."}
    appointed = {"who": at.key("nina"), "on": "yes", "proof": "register"}
    volunteer = {"topics": "", "languages": "en", "time_zone": "UTC", "quiet": "", "weekly_cap": "7"}
    return [
        *(Case(a, "q-open", ASKER) for a in (Action.HELPED, Action.NOT_HELPED, Action.ASK_PERSON, Action.WITHDRAW)),
        Case(Form.WRITE_BACK, "q-nameless", ASKER, back),
        Case(Form.ASK, "", ALL, {"text": "Where is a swimming coach?", "how": "private", "channel": ""}),
        *(Case(a, "q-open", HELPS) for a in (Action.ACCEPT, Action.TAKE)),
        *(Case(a, "q-medical", CLINICIAN, about="medical") for a in (Action.ACCEPT, Action.TAKE)),
        *(Case(a, "q-offered", HOLDER, silent=True) for a in (Action.PASS, Action.NOT_NOW)),
        *(Case(a, "q-held", HOLDER) for a in (Action.EXTEND, Action.RELEASE)),
        Case(Form.HAND_OVER, "q-held", HOLDER, {"to": at.key("kofi")}),
        Case(Form.ANSWER, "q-held", HOLDER, {"text": "We asked at the pool, and they knew somebody."}),
        Case(Form.ANSWER, "q-medical", NOBODY, {"text": "We asked at the pool."}, about="medical, not theirs"),
        Case(Action.OPEN_RESOURCE, "q-open/r1", ALL),
        Case(Form.SAVE_RESOURCE, "", REVIEW, WORDS),
        *(Case(a, "d-consent", AUTHOR) for a in (Action.CONSENT, Action.REFUSE)),
        Case(Form.EDIT_DRAFT, "d-plain", REVIEW, WORDS),
        Case(Action.PUBLISH, "d-plain", REVIEW),
        Case(Action.PUBLISH, "d-medical", CLINICIAN, about="medical"),
        Case(Action.SEND_BACK, "d-plain", REVIEW),
        Case(Form.MERGE_DRAFT, "d-plain", REVIEW, {"into": "r1"}),
        Case(Form.MERGE_DRAFT, "d-plain", CLINICIAN, {"into": "m1"}, about="medical"),
        *(Case(a, "d-question", REVIEW, about="question") for a in (Action.PUBLISH, Action.SEND_BACK)),
        Case(Action.PUBLISH, "d-dosing", CLINICIAN, about="medical question"),
        Case(Form.ADD_PHRASE, "d-question", REVIEW, {"asked_as": "Who signs the letter?", "into": "r1"}),
        Case(
            Form.ADD_PHRASE, "d-question", CLINICIAN, {"asked_as": "Who signs it all?", "into": "m1"}, about="medical"
        ),
        Case(Form.EDIT_RESOURCE, "r1", REVIEW, WORDS),
        Case(Form.EDIT_RESOURCE, "m1", CLINICIAN, WORDS, about="medical"),
        Case(Form.RETIRE_RESOURCE, "r1", MODERATE),
        *(Case(a, "a1", WATCH) for a in (Action.ALERT_MINE, Action.ALERT_FALSE, Action.ALERT_RESOLVED)),
        *(Case(a, "a4", LEADS, about="child") for a in (Action.ALERT_MINE, Action.ALERT_FALSE, Action.ALERT_RESOLVED)),
        Case(Action.ALERT_NOTE, "a2|spoke", WATCH),
        Case(Form.UNMASK, "q-hidden", WATCH, {"reason": "danger"}),
        *(Case(a, "u1", WATCH) for a in (Action.SEE_ASKER, Action.KEEP_HIDDEN)),
        Case(Action.SET_MODE, f"{channel}|off", MODERATE),
        Case(Form.CHANNEL, channel, MODERATE, {"mode": "off"}),
        Case(Form.WAITING, channel, MODERATE, {"offer": "30"}),
        Case(Form.ROLES, here, OWNER, {"moderators": f"{here}:900000000000000777 Team", "clinicians": ""}),
        Case(Form.APPOINT, "", MODERATE, {**appointed, "role": "clinician"}),
        *(Case(Form.APPOINT, "", OWNER, {**appointed, "role": r}, about=r) for r in ("moderator", "safety_lead")),
        Case(Form.APPOINT, "", NOBODY, {**appointed, "role": "owner"}, about="owner"),
        Case(Action.RENEW, f"{at.key('kofi')}|clinician", MODERATE),
        Case(Form.VOLUNTEER, "", ALL, {**volunteer, "kind": "parent"}),
        Case(Form.VOLUNTEER, "", CLINICIAN, {**volunteer, "kind": "clinician"}, about="clinician"),
        Case(Form.FOLLOW, "", ALL, {"topic": "school", "on": "yes"}),
        Case(Action.UNFOLLOW, "school", ALL, idle=True),
        Case(Form.BLOCK, "", ALL, {"other": at.key("nina"), "on": "yes"}),
        Case(Form.COUNTRY, "", ALL, {"country": "ES"}),
        Case(Form.LINK, "", ALL, {"code": ""}),
        Case(Form.UNLINK, "", ALL, idle=True),
        *(Case(a, "me", ALL) for a in (Action.OPT_OUT, Action.OPT_IN, Action.FORGET_ME)),
    ]


OPENED = {
    Action.SAVE,
    Action.ANSWER,
    Action.WRITE_BACK,
    Action.HAND_OVER,
    Action.MERGE,
    Action.REWORD,
}  # they open a form


def windows(at: Home) -> list[Case]:
    """Forms that are not for everybody, opened: whoever may not send one is not shown it either."""
    channel = f"{at.platform}:{at.space}:{at.channel}"
    return [
        Case(Action.SAVE, at.place("9").key, REVIEW),
        Case(Action.ANSWER, "q-held", HOLDER),
        Case(Action.WRITE_BACK, "q-nameless", ASKER),
        Case(Action.HAND_OVER, "q-held", HOLDER),
        Case(Action.MERGE, "d-plain", REVIEW),
        Case(Action.REWORD, "d-question", REVIEW),
        Case(Action.REWORD, "d-dosing", CLINICIAN, about="medical"),
        Case(Form.EDIT_RESOURCE, "r1", REVIEW),
        Case(Form.EDIT_RESOURCE, "m1", CLINICIAN, about="medical"),
        Case(Form.RETIRE_RESOURCE, "r1", MODERATE),
        Case(Form.CHANNEL, channel, MODERATE),
        Case(Form.WAITING, channel, MODERATE),
        Case(Form.APPOINT, "", MODERATE),
        Case(Form.UNMASK, "q-hidden", WATCH),
    ]


class World:
    """`store` is in memory: its state can be put back."""

    def __init__(self, at: Home) -> None:
        self.at = at
        self.store = MemoryStore()
        self.home = Community(self.store, platforms=(at.platform,))
        self._count = 0

    async def open(self) -> None:
        await settled_in(self.at, self.home)
        await self.home.open()
        await self.home.desk.settle()
        self._begun = self.store._committed

    async def close(self) -> None:
        await self.home.close()

    async def refused(self, forge: Forge, tried: Sequence[Case]) -> list[str]:
        """Everybody whom it is not for tries it, all of them: what went wrong."""
        facts: list[tuple[str, Fact]] = []
        for case in tried:
            for who in (name for name in EVERYBODY if name not in case.may):
                fact = forge(who, case, self._number())
                if isinstance(fact, ButtonPressed | FormSubmitted) and not case.silent:
                    facts.append((f"{case.name} by {who}", fact))
                elif isinstance(fact, ButtonPressed | FormSubmitted):
                    await self.home.receive(fact)
        await self.home.receive(*(fact for _, fact in facts))
        said = self._said()
        wrong = [f"{name}: {said.get(fact.key)}" for name, fact in facts if not said.get(fact.key, set()) & REFUSALS]
        wrong += [f"{table} has changed" for table in self._changed()]
        self.store._committed = self._begun
        return wrong

    async def done(self, forge: Forge, tried: Sequence[Case]) -> list[str]:
        """Whoever it is for tries it, one after the other, each on what was there at the beginning: what went wrong."""
        wrong = []
        for case in tried:
            for who in sorted(case.may):
                fact = forge(who, case, self._number())
                if isinstance(fact, ButtonPressed | FormSubmitted):
                    wrong += await self._tried(f"{case.name} by {who}", case, fact)
        return wrong

    async def _tried(self, name: str, case: Case, fact: Fact) -> list[str]:
        await self.home.receive(fact)
        said = self._said().get(fact.key, set())
        changed = self._changed()
        self.store._committed = self._begun
        if said & (REFUSALS | {Notice.INVALID, Notice.GONE, Notice.DOUBTFUL}):
            return [f"{name} was refused: {said}"]
        return [] if changed or case.idle else [f"{name} did nothing, {said}"]

    async def opened(self, forge: Forge, tried: Sequence[Case]) -> list[str]:
        """Everybody opens each of them: what went wrong."""
        found, house = [], House(self.store, self.home.lookups, self.home.clock, lambda: ())
        for case in tried:
            for who in EVERYBODY:
                wanted = forge(who, case, self._number())
                assert isinstance(wanted, OpenSheet), case.name
                given = {"text": "Words of somebody", **wanted.given} if case.what is Action.SAVE else wanted.given
                try:
                    reader = await house.reader(self.at.key(who))
                    await Beginning(house).sheet(replace(wanted, given=given), self.at.member(who), reader)
                except Refused as refused:
                    if who in case.may or refused.notice not in REFUSALS:
                        found.append(f"{case.name} by {who}: {refused.notice}")
                else:
                    found += [f"{case.name} was shown to {who}"] if who not in case.may else []
        return found

    def _number(self) -> str:
        self._count += 1
        return f"{1000 + self._count}"

    def _said(self) -> dict[str, set[Notice]]:
        """By the key of a fact what was said about it."""
        said: dict[str, set[Notice]] = {}
        for row in self.store._committed.get("outbox", {}).values():
            if isinstance(row.wish.effect, Notify | GiveBack):
                said.setdefault(row.wish.key.rpartition(":")[0], set()).add(row.wish.effect.notice)
        return said

    def _changed(self) -> list[str]:
        now: dict[str, dict[Any, Any]] = self.store._committed
        names = {*now, *self._begun} - {*PASSING, "outbox_messages"}
        return sorted(name for name in names if now.get(name, {}) != self._begun.get(name, {}))


async def settled_in(at: Home, home: Community) -> None:
    """Who is there, and what there is to try everything on."""
    roles = {role.value: {role} for role in Role} | {"mara": {Role.MODERATOR}, "kofi": {Role.CLINICIAN}}
    people = (*EVERYBODY, "mara", "kofi", "nina")
    home.clock.move(timedelta(0))
    async with home.store.begin() as tx:
        for name in people:
            record = MemberRecord(at.key(name), f"p-{name}", name.title(), frozenset(roles.get(name, set())))
            await tx.members.save(replace(record, opted_out=False))
        await tx.volunteers.save(VolunteerSettings(at.key("volunteer")))
        await tx.volunteers.save(VolunteerSettings(at.key("kofi"), kind=Kind.CLINICIAN))
        for question in questions(at):
            await tx.questions.add(question)
        for draft in drafts(at):
            await tx.drafts.save(draft)
        for code in ("C1", "C4"):
            raised = Alert(f"a{code[1]}", at.place("7"), at.key("nina"), code, "self", ("toy",), NOON)
            await tx.alerts.save(replace(raised, deadline=NOON + 30 * DAY))
        over = Alert("a2", at.place("72"), at.key("nina"), "C2", "self", ("toy",), NOON, state=AlertState.RESOLVED)
        await tx.alerts.save(replace(over, taken_by=at.key("mara"), ended_at=NOON))
        await tx.channels.save(Channel(f"{at.platform}:{at.space}:{at.channel}", "general", Mode.THREAD, welcomed=True))
        soon = Appointment(at.key("kofi"), Role.CLINICIAN, at.key("mara"), NOON, "register", NOON + 9 * DAY, True)
        await tx.appointments.put(soon)
        hidden = Unmasking("u1", "q-nameless", Reason.DANGER, at.key("mara"), NOON, due_at=NOON + DAY)
        await tx.unmaskings.save(hidden)
    await home.shelve(
        Resource("r1", "Letters", "Write a letter.", topics=("school",)),
        Resource("m1", "Doses", "Ring your team.", topics=("school",), medical=True, clinician=at.key("kofi")),
    )


def questions(at: Home) -> Iterable[Question]:
    asker, text = at.key("asker"), "Who knows a coach?"
    basic = Question("q-open", "home", at.place("1"), asker, "p-asker", text, "en", (), False, False, False, NOON)
    basic = replace(basic, deadline=NOON + HOUR, suggested=("r1",))
    asked = replace(basic, suggested=(), deadline=NOON + 2 * DAY)
    yield basic
    held = replace(asked, id="q-held", place=at.place(""), private=True, status=Status.CLAIMED)
    yield replace(held, claimed_by=at.key("volunteer"))
    yield replace(asked, id="q-offered", place=at.place("3"), status=Status.OFFERED, offered_to=at.key("volunteer"))
    yield replace(asked, id="q-medical", place=at.place("4"), medical=True, status=Status.ESCALATED)
    yield replace(asked, id="q-nameless", place=at.place("5"), pseudonym="Koala-42")
    hidden = replace(asked, id="q-hidden", place=at.place("6"), pseudonym="Iris-17")
    yield replace(hidden, asker=at.key("nina"), asker_person="p-nina")


def drafts(at: Home) -> Iterable[Draft]:
    saved, state = (at.key("member"), at.key("mara")), DraftState.IN_REVIEW
    basic = Draft("d-plain", at.place("8"), "", *saved, "Calm days", "We rest.", ("school",), False, "en", state, NOON)
    yield basic
    yield replace(basic, id="d-medical", medical=True)
    yield replace(basic, id="d-consent", state=DraftState.AWAITING_CONSENT)
    asked = replace(basic, title="", text="", saved_by="", asked_as=("Who could sign such a letter?",))
    yield replace(asked, id="d-question", asks_for="r1")
    yield replace(asked, id="d-dosing", asks_for="m1", medical=True)
