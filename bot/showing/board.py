"""The open board as every surface shows it: what waits, the oldest first, of one topic or all, a page at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.community import Topic
from bot.lookups import OnBoard
from bot.news import News
from bot.question import Question, Status
from bot.searching import UNTOLD
from bot.showing.short_lines import notice_text
from bot.wording import Say, asked_ago, in_words

CHOICES = 20  # topics to choose from


@dataclass(frozen=True, slots=True)
class Looking:
    """Which part of it somebody looks at. `topic` is an id, empty for all; pages count from 0."""

    topic: str = ""
    page: int = 0

    @property
    def subject(self) -> str:
        """As a button carries it."""
        return f"{self.page} {self.topic}".strip()


BEGINNING = Looking()


def read_looking(subject: str) -> Looking:
    """What a button carried; the beginning of the board where it is none of ours."""
    read = re.fullmatch(r"([0-9]{1,3})(?: (.{1,80}))?", subject)
    return Looking(read.group(2) or "", int(read.group(1))) if read else BEGINNING


@dataclass(frozen=True, slots=True)
class Row:
    """One question in a reader's words. `refusal`: why they can't take it, when it is open to others."""

    one: OnBoard
    asker: str
    words: str  # the question's own; empty when they are not for the reader, then `instead` says so
    instead: str
    when: str
    topics: tuple[str, ...]
    state: str
    refusal: str

    @property
    def facts(self) -> str:
        return " · ".join(filter(None, (self.asker, self.when, ", ".join(self.topics), self.state)))


@dataclass(frozen=True, slots=True)
class Board:
    """`choices`: (id, label) of the topics something waits in. `looking` is what is shown, which may be an earlier page
    than was asked for."""

    lead: str
    rows: tuple[Row, ...]
    choices: tuple[tuple[str, str], ...]
    looking: Looking
    pages: int


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks. `name` gives what people call a member, by key."""

    key: str
    now: datetime
    name: Callable[[str], str]
    topics: Sequence[Topic]
    language: str
    say: Say

    def topic(self, topic: str) -> str:
        return next((t.name(self.language) for t in self.topics if t.id == topic), in_words(topic))


def board(found: Sequence[OnBoard], looking: Looking, eyes: Eyes, size: int) -> Board:
    """`size` rows a page."""
    counted = Counter(topic for one in found for topic in set(one.question.topics))
    labels = {topic: eyes.topic(topic) for topic, _ in counted.most_common(CHOICES)}
    by_name = sorted(labels, key=lambda topic: (labels[topic].casefold(), topic))
    choices = tuple((topic, f"{labels[topic]} ({counted[topic]})") for topic in by_name)
    some = [one for one in found if not looking.topic or looking.topic in one.question.topics]
    some.sort(key=lambda one: (one.question.asked_at, one.question.id))
    pages = max(1, -(-len(some) // size))
    page = min(looking.page, pages - 1)
    rows = tuple(_row(one, eyes) for one in some[page * size : (page + 1) * size])
    lead = _lead(len(some), looking.topic, eyes)
    if pages > 1:
        first = page * size + 1
        here = eyes.say("Here are {first} to {last}.")
        lead = f"{lead} {here.format(first=first, last=first + len(rows) - 1)}"
    return Board(lead, rows, choices, Looking(looking.topic, page), pages)


def _lead(count: int, topic: str, eyes: Eyes) -> str:
    say, about = eyes.say, eyes.topic(topic) if topic else ""
    if not count and topic:
        return say("About {topic} no question waits just now.").format(topic=about)
    if not count:
        return say("No question waits for an answer just now. Thank you for looking.")
    if topic and count == 1:
        return say("1 question about {topic} has no answer yet.").format(topic=about)
    if topic:
        text = say("{count} questions about {topic} have no answer yet, the oldest first.")
        return text.format(count=count, topic=about)
    if count == 1:
        return say("1 question has no answer yet.")
    return say("{count} questions have no answer yet, the oldest first.").format(count=count)


def _row(one: OnBoard, eyes: Eyes) -> Row:
    q, say = one.question, eyes.say
    asker = (q.pseudonym or say("Somebody")) if q.nameless else eyes.name(q.asker)
    instead = say("A private question") if q.private else say("A question whose words are gone")
    topics = tuple(eyes.topic(topic) for topic in q.topics)
    if q.medical:
        topics = (*topics, say("about medicines"))
    refusal = notice_text(one.why_not, "", say) if one.why_not is not None else ""
    when = asked_ago(eyes.now - q.asked_at, say)
    return Row(one, asker, q.text.strip(), instead, when, topics, _state(q, eyes), refusal)


def _state(q: Question, eyes: Eyes) -> str:
    """Who is on it. Who is being asked is nobody else's business."""
    say = eyes.say
    if eyes.key == q.claimed_by:
        return say("you have it")
    if eyes.key == q.offered_to:
        return say("I am asking you")
    if q.status is Status.CLAIMED:
        return (
            say("somebody has taken it")
            if q.private
            else say("{name} has taken it").format(name=eyes.name(q.claimed_by))
        )
    if q.status is Status.OFFERED:
        return say("a volunteer is being asked")
    if q.status is Status.ESCALATED and News.ESCALATED in q.told and UNTOLD not in q.told:
        return say("nobody found yet, the moderators know")
    return say("nobody has it yet")
