"""The open board (bot.showing.board) as a page."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.site import Site
from bot.question import Question
from bot.showing.board import Eyes, Looking, Row, board

SIZE = 25  # questions on a page


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    id: str
    row: Row
    href: str


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/board")
    async def open_board(request: Request, topic: str = "", page: int = 1) -> Response:
        viewer = await site.viewer(request)
        found = await site.services.lookups.board(viewer.member.key, everything=True)
        name = await site.names(key for one in found for key in (one.question.asker, one.question.claimed_by))
        eyes = Eyes(viewer.member.key, site.now, name, site.services.topics, "en", str)
        shown = board(found, Looking(topic, max(0, page - 1)), eyes, SIZE)
        rows = [OpenQuestion(row.one.question.id, row, href_of(row.one.question, site)) for row in shown.rows]
        return await site.page(
            request, viewer, "board.html", shown=shown, rows=rows, back=f"/board?{request.url.query}"
        )

    return router


def href_of(q: Question, site: Site) -> str:
    return "" if q.private or not q.place.message else site.address(q.place)
