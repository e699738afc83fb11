"""What somebody's own page says: what they asked, what they hold, and for those who moderate what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Form, Link, Quote, Style, Text
from bot.community import Appointment, Channel, Role, Topic, Trust, VolunteerSettings
from bot.explaining import status_names
from bot.lookups import Burden, InReview, MyQuestions, OnBoard
from bot.news import Notice, OfferEnd
from bot.permissions import allowed
from bot.policy import Answering
from bot.question import Question, Status
from bot.showing.board import BEGINNING, Eyes, Looking, Row, board
from bot.showing.channels import mode_name
from bot.showing.drafts import about_draft
from bot.showing.offers import about_question
from bot.showing.rights import appointment_line
from bot.showing.scene import Saying, Scene
from bot.wording import Say

# shown at most; of the board, on one page
ASKED, HELD, BOARD, REVIEWS, CHANNELS, APPOINTED = 5, 10, 6, 6, 12, 30
SHORT = 160  # characters of a question in a list


@dataclass(frozen=True, slots=True)
class Opens:
    """A button that opens a form."""

    form: Form
    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class Turns:
    """A button that shows another part of the board."""

    to: Looking
    label: str


@dataclass(frozen=True, slots=True)
class Chooses:
    """A list of which one is chosen: each shows another part of the board."""

    label: str
    options: tuple[Turns, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Item:
    card: Card
    opens: tuple[Opens, ...] = ()
    turns: tuple[Turns, ...] = ()
    chooses: Chooses | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """`whole`: it is shown in full, also where others have to be cut for it."""

    title: str
    items: tuple[Item, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class AtHome:
    """What is true for one reader. What is not for them is empty."""

    reader: str
    scene: Scene
    mine: MyQuestions
    volunteer: VolunteerSettings | None
    helps: bool = False  # whether the board is for them
    board: Sequence[OnBoard] = ()
    looking: Looking = BEGINNING
    topics: Sequence[Topic] = ()
    reviews: Sequence[InReview] = ()
    channels: Sequence[Channel] = ()
    trusts: Sequence[Trust] | None = None  # None: not for them, or there are no roles on their platform
    replied_in: frozenset[str] = frozenset()  # the channels in which questions are answered with a reply
    burden: Burden | None = None
    appointments: Sequence[Appointment] | None = None  # None: not for them


def home(at: AtHome, say: Say) -> tuple[Part, ...]:
    """Most urgent first."""
    parts = [_held(at, say), _reviews(at, say), _board(at, say), _asked(at, say), _volunteering(at, say)]
    parts += [_channels(at, say), _roles(at, say), _appointed(at, say), _about_me(at, say)]
    return tuple(part for part in parts if part.items)


def _held(at: AtHome, say: Say) -> Part:
    """The same cards that came in private."""
    cards = [card for q in at.mine.held[:HELD] if (card := _own_card(q, at)) is not None]
    return Part(say("Your open questions"), tuple(Item(card) for card in cards))


def _own_card(q: Question, at: AtHome) -> Card | None:
    answering = Answering.REPLY if q.place.channel_key in at.replied_in else Answering.THREAD
    scene = replace(at.scene, question=q, answering=answering)
    if q.status is Status.CLAIMED and q.claimed_by == at.reader:
        shown = about_question(do.CloseOffer(q.id, at.reader, q.round, OfferEnd.ACCEPTED), scene)
    else:
        shown = about_question(do.OfferQuestion(q.id, at.reader, q.round), scene)
    return shown.card if isinstance(shown, Saying) else None


def _reviews(at: AtHome, say: Say) -> Part:
    items = []
    for one in at.reviews[:REVIEWS]:
        similar = one.similar[0] if one.similar else None
        there = {one.asks_for.id: one.asks_for} if one.asks_for else {}
        scene = replace(at.scene, draft=one.draft, similar=similar, resources=there)
        shown = about_draft(do.InviteReview(one.draft.id, at.reader), scene)
        if not isinstance(shown, Saying):
            continue
        buttons = shown.card.buttons if one.may_publish else shown.card.buttons[-1:]
        edit = () if one.asks_for else (Opens(Form.EDIT_DRAFT, one.draft.id, say("Put it right")),)
        items.append(Item(replace(shown.card, buttons=buttons), edit))
    return Part(say("Waiting to be read"), tuple(items))


def board_title(say: Say) -> str:
    return say("The open board")


def _board(at: AtHome, say: Say) -> Part:
    """What others asked and the reader does not have: theirs stand in parts of their own."""
    if not at.helps:
        return Part("", ())
    found = [one for one in at.board if not one.mine and one.why_not is not Notice.OWN_QUESTION]
    language = at.scene.language(at.reader)
    eyes = Eyes(at.reader, at.scene.now, lambda key: at.scene.name(key, say), at.topics, language, say)
    shown = board(found, at.looking, eyes, BOARD)
    topic, page = shown.looking.topic, shown.looking.page
    turns = []
    if page > 0:
        turns.append(Turns(Looking(topic, page - 1), say("Older ones")))
    if page < shown.pages - 1:
        turns.append(Turns(Looking(topic, page + 1), say("Newer ones")))
    intro = Item(Card((Text(shown.lead),)), turns=tuple(turns), chooses=_topics(shown.choices, topic, say))
    return Part(board_title(say), (intro, *(_on_board(row, say) for row in shown.rows)), whole=True)


def _topics(choices: Sequence[tuple[str, str]], chosen: str, say: Say) -> Chooses | None:
    """Where there is more than one to choose from."""
    if len(choices) < 2 and not chosen:
        return None
    options = (Turns(BEGINNING, say("All topics")), *(Turns(Looking(topic), label) for topic, label in choices))
    at = next((n for n, option in enumerate(options) if option.to.topic == chosen), 0)
    return Chooses(say("Topic"), options, at)


def _on_board(row: Row, say: Say) -> Item:
    q = row.one.question
    take = (Button(Action.TAKE, q.id, say("I'll take it"), Style.PRIMARY),) if row.one.may_take else ()
    first = Quote(_cut(row.words)) if row.words else Text(row.instead)
    lines = "\n".join(filter(None, (row.facts, row.refusal)))
    return Item(Card((first, Text(lines), *_way_there(q, say)), take, question=q.id))


def _asked(at: AtHome, say: Say) -> Part:
    names = status_names(say)
    items = []
    for q in at.mine.asked[:ASKED]:
        state = Text(say("Now: {status}").format(status=names.get(q.status, q.status.value)))
        buttons = (Button(Action.WITHDRAW, q.id, say("I don't need it any more")),)
        open_ = q.status is not Status.CLOSED
        blocks = (*_short(q, say), state, *_way_there(q, say))
        items.append(Item(Card(blocks, buttons if open_ else (), question=q.id)))
    intro = Item(
        Card((Text(say("Ask in a channel, or ask me: only the one who answers reads it then.")),)),
        (Opens(Form.ASK, "", say("Ask a question")),),
    )
    return Part(say("What you asked"), (intro, *items))


def _volunteering(at: AtHome, say: Say) -> Part:
    v = at.volunteer
    if v is None:
        text = say("Would you like to answer questions now and then? You choose how many, and you can always say no.")
        return Part(say("Volunteering"), (Item(Card((Text(text),)), (_volunteer(at, say("Volunteer")),)),))
    lines = [say("You are taking a break: I don't ask you for now.")] if v.paused else []
    if at.burden is not None:
        lines.append(burden_words(at.burden, say))
    lines = lines or [say("I don't ask you at present.")]
    return Part(say("Volunteering"), (Item(Card((Text(" ".join(lines)),)), (_volunteer(at, say("Settings")),)),))


def burden_words(burden: Burden, say: Say) -> str:
    """How often they were asked, and what they have now."""
    text = say("Asked {asked} of at most {most} times this week.")
    if burden.most == 1:
        text = say("Asked {asked} of at most 1 time this week.")
    asked = text.format(asked=burden.asked, most=burden.most)
    have = say("You have {count} questions now.").format(count=burden.held)
    if burden.held < 2:
        have = say("You have 1 question now.") if burden.held else say("You have no question now.")
    return f"{asked} {have}"


def _volunteer(at: AtHome, label: str) -> Opens:
    return Opens(Form.VOLUNTEER, at.reader, label)


def _channels(at: AtHome, say: Say) -> Part:
    items = [
        Item(
            Card((Text(f"#{channel.name}: {mode_name(channel.mode, say, channel.answering)}"),)),
            (Opens(Form.CHANNEL, channel.key, say("Change")), Opens(Form.WAITING, channel.key, say("Waiting times"))),
        )
        for channel in at.channels[:CHANNELS]
    ]
    return Part(say("Channels"), tuple(items))


def _roles(at: AtHome, say: Say) -> Part:
    if at.trusts is None:
        return Part("", ())
    names = {
        role: ", ".join(t.name for t in at.trusts if t.role is role) or say("nobody by a role")
        for role in (Role.MODERATOR, Role.CLINICIAN)
    }
    lines = (
        say("Moderators: {roles}").format(roles=names[Role.MODERATOR]),
        say("Clinicians: {roles}").format(roles=names[Role.CLINICIAN]),
    )
    space = at.reader.rpartition(":")[0]
    record = at.scene.members.get(at.reader)
    change = (Opens(Form.ROLES, space, say("Change")),) if allowed(Form.ROLES, record) else ()
    return Part(say("Roles that count here"), (Item(Card((Text("\n".join(lines)),)), change),))


def _appointed(at: AtHome, say: Say) -> Part:
    """Who was given a role here, for those who may give one."""
    if at.appointments is None:
        return Part("", ())
    language = at.scene.language(at.reader)
    lines = [appointment_line(one, at.scene.members, language, say) for one in at.appointments[:APPOINTED]]
    give = (Opens(Form.APPOINT, "", say("Give a role")),)
    text = "\n".join(lines) or say("Nobody was given a role here yet.")
    return Part(say("Roles that people were given"), (Item(Card((Text(text),)), give),))


def _about_me(at: AtHome, say: Say) -> Part:
    """What I keep is theirs to see, to stop and to erase."""
    record = at.scene.members.get(at.reader)
    out = record is not None and record.opted_out
    button = Button(Action.OPT_OUT, "me", say("Leave my messages alone"))
    if out:
        button = Button(Action.OPT_IN, "me", say("Listen to my questions again"))
    text = say("You decide what I hear and keep. Write /winwin my-data to see it, /winwin forget-me to have it erased.")
    follow = Opens(Form.FOLLOW, "", say("Follow a topic"))
    block = Opens(Form.BLOCK, "", say("Whom I don't ask"))
    return Part(say("You and I"), (Item(Card((Text(text),), (button,)), (follow, block)),))


def _short(q: Question, say: Say) -> tuple[Block, ...]:
    words = " ".join(q.text.split())
    if not words:
        return (Text(say("A private question") if q.private else say("A question whose words are gone")),)
    return (Quote(_cut(words)),)


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHORT else words[:SHORT].rsplit(" ", 1)[0] + " …"


def _way_there(q: Question, say: Say) -> tuple[Block, ...]:
    return (Link(say("Open the question"), q.place),) if not q.private and q.place.message else ()
