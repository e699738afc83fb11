"""The open board: questions that nobody has answered yet, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import PLATFORM
from adapters.web.client import path_of
from adapters.web.site import Site
from bot.lookups import OnBoard
from bot.question import Question, Status


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
        found = await site.services.lookups.board(viewer.member.key, everything=True)
        rows = [open_question(one, site, site.now) for one in found if not topic or topic in one.question.topics]
        return await site.page(request, viewer, "board.html", rows=rows, topic=topic)

    return router


def open_question(one: OnBoard, site: Site, now: datetime) -> OpenQuestion:
    """In this community's words and addresses."""
    q = one.question
    return OpenQuestion(
        q.id,
        (q.pseudonym or "Somebody") if q.nameless else site.name_of(q.asker),
        q.text,
        q.topics,
        q.medical,
        q.private,
        now - q.asked_at,
        q.status.value,
        state_words(q, site, private=q.private),
        "" if q.private or q.place.platform != PLATFORM else path_of(q.place),
        one.may_take,
        one.mine,
    )


def state_words(q: Question, site: Site, *, private: bool) -> str:
    if q.status is Status.CLAIMED:
        return "somebody has taken it" if private else f"{site.name_of(q.claimed_by)} has taken it"
    return {
        Status.OPEN: "waiting",
        Status.OFFERED: "a volunteer is being asked",
        Status.ESCALATED: "nobody found yet; the moderators know",
    }.get(q.status, q.status.value)
