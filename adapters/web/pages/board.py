"""The open board: questions that nobody has answered yet, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import PLATFORM
from adapters.web.client import path_of
from adapters.web.site import Site, Viewer
from bot.community import QuestionFilter
from bot.question import Question, Status

UNANSWERED = frozenset({Status.OPEN, Status.OFFERED, Status.CLAIMED, Status.ESCALATED})


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    id: str
    asker: str
    text: str
    topics: tuple[str, ...]
    medical: bool
    private: bool
    age: timedelta
    status: str
    state: str  # where it stands, in words
    href: str
    may_take: bool
    mine: bool


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/board")
    async def board(request: Request, topic: str = "") -> Response:
        viewer = await site.viewer(request)
        async with site.services.store.read() as tx:
            questions = await tx.questions.find(QuestionFilter(statuses=UNANSWERED, limit=500))
        there = [q for q in questions if not q.unposted]
        shown = [q for q in there if not q.private or viewer.may_take or q.asker == viewer.member.key]
        rows = [open_question(q, viewer, site, site.now) for q in shown if not topic or topic in q.topics]
        return await site.page(request, viewer, "board.html", rows=rows, topic=topic)

    return router


def open_question(q: Question, viewer: Viewer, site: Site, now: datetime) -> OpenQuestion:
    """As this viewer may see it: the words of a private question stay private."""
    me = viewer.member.key
    fit = viewer.may_take and q.asker != me and (viewer.clinician or not q.medical)
    private_from_me = q.private and me not in (q.asker, q.claimed_by, q.offered_to)
    return OpenQuestion(
        q.id,
        (q.pseudonym or "Somebody") if q.nameless else site.name_of(q.asker),
        "" if private_from_me else q.text,
        q.topics,
        q.medical,
        q.private,
        now - q.asked_at,
        q.status.value,
        state_words(q, site, private=q.private),
        "" if q.private or q.place.platform != PLATFORM else path_of(q.place),
        fit and q.status is not Status.CLAIMED,
        me in (q.claimed_by, q.offered_to),
    )


def state_words(q: Question, site: Site, *, private: bool) -> str:
    if q.status is Status.CLAIMED:
        return "somebody has taken it" if private else f"{site.name_of(q.claimed_by)} has taken it"
    return {
        Status.OPEN: "waiting",
        Status.OFFERED: "a volunteer is being asked",
        Status.ESCALATED: "nobody found yet; the moderators know",
    }.get(q.status, q.status.value)
