"""From posts to what a page shows of them, for one viewer. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.web.chat import BOT, Post, Replies, private_member
from adapters.web.client import page_of
from adapters.web.codec import load_card, picture_of
from adapters.web.outbound import CardView, card_view
from adapters.web.people import Person, hue, initials

LONG = 1_500  # characters past which a text scrolls inside its post


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody who speaks: what stands beside their words."""

    id: str
    name: str
    initials: str
    hue: int
    role: str
    bot: bool


@dataclass(frozen=True, slots=True)
class RepliesView:
    count: int
    last: str
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class PostView:
    id: str
    face: Face
    at: datetime
    clock: str
    text: str
    card: CardView | None
    only_me: bool
    edited: bool
    deleted: bool
    href: str  # the thread it is in
    opens_thread: bool
    replies: RepliesView | None
    own: bool
    may_save: bool
    long: bool


@dataclass(frozen=True, slots=True)
class Eyes:
    """Through whose eyes posts are seen."""

    person: str
    time_zone: str
    now: datetime
    saves: bool  # may save answers as resources
    people: Mapping[str, Person]

    def face(self, author: str) -> Face:
        if author == BOT:
            return Face(BOT, "winwin", "w", 0, "bot", bot=True)
        person = self.people.get(author)
        name = person.name if person else author
        return Face(author, name, initials(name), hue(author), person.role if person else "", bot=False)

    def clock(self, moment: datetime) -> str:
        zone = ZoneInfo(self.time_zone)
        local, today = moment.astimezone(zone), self.now.astimezone(zone)
        return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def post_views(posts: Iterable[Post], replies: Mapping[str, Replies], eyes: Eyes) -> list[PostView]:
    """Those that there is something to see of: a deleted post stays only while there are replies to it."""
    return [post_view(p, replies.get(p.id), eyes) for p in posts if is_shown(p, replies)]


def is_shown(post: Post, replies: Mapping[str, Replies]) -> bool:
    return post.deleted_at is None or post.id in replies


def post_view(post: Post, replies: Replies | None, eyes: Eyes) -> PostView:
    private = bool(private_member(post.channel))
    return PostView(
        id=post.id,
        face=eyes.face(post.author),
        at=post.at,
        clock=eyes.clock(post.at),
        text=post.text,
        card=_card(post),
        only_me=bool(post.only_for),
        edited=post.edited_at is not None,
        deleted=post.deleted_at is not None,
        href=page_of(post.channel, post.thread),
        opens_thread=post.id == post.thread and not private,
        replies=_replies(replies, eyes),
        own=post.author == eyes.person,
        may_save=eyes.saves and post.author != BOT and not private and bool(post.text),
        long=len(post.text) > LONG,
    )


def _card(post: Post) -> CardView | None:
    if not post.card:
        return None
    try:
        return card_view(load_card(post.card), picture_of(post.card))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):  # written by a newer version
        return None


def _replies(replies: Replies | None, eyes: Eyes) -> RepliesView | None:
    if replies is None:
        return None
    return RepliesView(replies.count, eyes.clock(replies.last_at), tuple(eyes.face(a) for a in replies.authors[:4]))


def faces(people: Sequence[Person]) -> dict[str, Person]:
    return {person.id: person for person in people}
