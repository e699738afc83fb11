"""Forms around a question that go through winwin: asking in private or without a name, writing back, handing over."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, submitted
from adapters.web.pages.moderate import channel_key
from adapters.web.site import Site
from adapters.web.viewer import NotAllowed, Viewer, found
from bot.cards import Form
from bot.handing import those_to_name
from bot.question import Question
from bot.routing import Volunteer
from knowledge.text import clean


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/ask")
    async def ask_page(request: Request) -> Response:
        return await _ask_page(site, request, await site.viewer(request), "", "")

    @router.post("/ask")
    async def ask(request: Request) -> Response:
        viewer, fields = await site.form(request)
        text, how = fields.one("text"), fields.one("how")
        try:
            values = {"text": _words(text), "how": how, "channel": channel_key(fields.one("channel"))}
            if how not in ("private", "anonymous"):
                raise BadInput("Choose how you want to ask: in private, or in a channel without your name.")
            fact = submitted(fields.one("press"), Form.ASK, "", values, viewer.member, site.now)
        except BadInput as problem:
            return await _ask_page(site, request, viewer, text, str(problem))
        await site.services.receive([fact])
        return site.back(request, "/private", "Thank you. winwin brings the answers here.")

    @router.get("/write-back/{question_id}")
    async def write_back_page(request: Request, question_id: str) -> Response:
        viewer = await site.viewer(request)
        question = await _own(site, viewer, question_id)
        return await site.page(request, viewer, "write_back.html", question=question, typed="", error="")

    @router.post("/write-back/{question_id}")
    async def write_back(request: Request, question_id: str) -> Response:
        viewer, fields = await site.form(request)
        question, text = await _own(site, viewer, question_id), fields.one("text")
        try:
            values = {"text": _words(text)}
            fact = submitted(fields.one("press"), Form.WRITE_BACK, question_id, values, viewer.member, site.now)
        except BadInput as problem:
            return await site.page(
                request, viewer, "write_back.html", status=422, question=question, typed=text, error=str(problem)
            )
        await site.services.receive([fact])
        return site.back(request, "/private")

    @router.get("/hand-over/{question_id}")
    async def hand_over_page(request: Request, question_id: str) -> Response:
        viewer = await site.viewer(request)
        question, people = await _handed(site, viewer, question_id)
        return await site.page(request, viewer, "hand_over.html", question=question, people=people)

    @router.post("/hand-over/{question_id}")
    async def hand_over(request: Request, question_id: str) -> Response:
        viewer, fields = await site.form(request)
        values = {"to": fields.one("to")}
        fact = submitted(fields.one("press"), Form.HAND_OVER, question_id, values, viewer.member, site.now)
        await site.services.receive([fact])
        return site.back(request, "/private")

    return router


async def _ask_page(site: Site, request: Request, viewer: Viewer, typed: str, error: str) -> Response:
    rooms = await site.services.chat.channels()
    status = 422 if error else 200
    return await site.page(request, viewer, "ask.html", status=status, rooms=rooms, typed=typed, error=error)


def _words(typed: str) -> str:
    """What was typed. Raises BadInput when there is nothing."""
    text = clean(typed)
    if not text:
        raise BadInput("There is nothing in it yet. Write a few words, then send it.")
    return text


async def _own(site: Site, viewer: Viewer, question_id: str) -> Question:
    async with site.services.store.read() as tx:
        question = found(await tx.questions.get(question_id))
    if question.asker != viewer.member.key:
        raise NotAllowed("the one who asked")
    return question


async def _handed(site: Site, viewer: Viewer, question_id: str) -> tuple[Question, list[Volunteer]]:
    async with site.services.store.read() as tx:
        question = found(await tx.questions.get(question_id))
        named = await those_to_name(question, viewer.member.key, tx, site.now)
    if question.claimed_by != viewer.member.key:
        raise NotAllowed("the volunteer who has taken this question")
    return question, named
