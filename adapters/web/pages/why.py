"""Why the bot said something: the life of the question in words, and the figures it was decided by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, PLATFORM, Post, private_member
from adapters.web.client import page_of
from adapters.web.pages import why_words as words
from adapters.web.posts import PostView, post_view
from adapters.web.site import NotFound, Site, Viewer, found
from bot.community import JournalEntry, Suggestion
from bot.post import OutboxRow
from bot.question import Question, Try


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, in words."""

    clock: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store tells about the wish behind a message."""

    row: OutboxRow | None = None
    question: Question | None = None
    journal: Sequence[JournalEntry] = ()
    suggestions: Sequence[Suggestion] = ()
    tries: Sequence[Try] = ()
    rules: tuple[str, ...] = ()  # of the alert behind it


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/why/{post_id}")
    async def why(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await _visible(site, viewer, post_id)
        known = await _known(site, post, viewer)
        context = why_context(site, viewer, post, known)
        return await site.page(request, viewer, "why.html", here=post.channel, **context)

    return router


async def _visible(site: Site, viewer: Viewer, post_id: str) -> Post:
    """A message of the bot that this viewer may see, also one for somebody else's eyes when they moderate."""
    post = found(await site.services.chat.get(post_id))
    owner = private_member(post.channel) or post.only_for
    if post.author != BOT or (owner not in ("", viewer.person.id) and not viewer.moderates):
        raise NotFound
    return post


async def _known(site: Site, post: Post, viewer: Viewer) -> Known:
    async with site.services.store.read() as tx:
        row = await tx.outbox.by_message(PLATFORM, post.channel, post.id)
        if row is None:
            return Known()
        question = await tx.questions.get(row.wish.about) if row.wish.about else None
        if question is None:
            alert = await tx.alerts.get(row.wish.about) if row.wish.about else None
            return Known(row, rules=alert.rules if alert and viewer.watches_safety else ())
        if question.private and viewer.member.key not in _party_to(question):
            raise NotFound
        journal = await tx.journal.of(question.id)
        return Known(row, question, journal, await tx.suggestions.of(question.id), question.tries)


def _party_to(question: Question) -> set[str]:
    tried = {t.member for t in question.tries}
    return {question.asker, question.offered_to, question.claimed_by, *question.answered_by, *tried}


def why_context(site: Site, viewer: Viewer, post: Post, known: Known) -> dict[str, Any]:
    eyes = site.eyes(viewer)
    names = {f"web:local:{p.id}": p.name for p in site.services.people}
    view: PostView = post_view(post, None, eyes)
    steps = [Step(eyes.clock(e.at), words.happened(e, names), words.with_names(e.why, names)) for e in known.journal]
    threshold = site.services.silent_below()
    return {
        "post": view,
        "back": page_of(post.channel, post.thread, post.id),
        "sent": words.sent(known.row.wish.effect, names) if known.row else "",
        "sent_at": eyes.clock(post.at),
        "rules": known.rules,
        "question": known.question,
        "steps": steps,
        "suggestions": known.suggestions,
        "threshold": threshold,
        "tries": [(site.name_of(t.member), words.RESULTS[t.result], eyes.clock(t.ended_at)) for t in known.tries],
    }
