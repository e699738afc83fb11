"""From an answer to a resource: the save form, the review queue, the edit of a draft, and of a question that could lead
to a resource."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, Post, private_member
from adapters.web.client import page_of
from adapters.web.inbound import BadInput, place_of, submitted
from adapters.web.pages.library import Sheet, sheet_typed, sheet_values
from adapters.web.people import member_of
from adapters.web.session import Fields
from adapters.web.site import Site
from adapters.web.viewer import NotFound, Viewer, found, may
from bot.cards import Form
from bot.curation import Draft, DraftState
from bot.news import Notice
from bot.question import Refused
from knowledge.resources import MAX_TITLE, Resource
from knowledge.text import clean

REVIEWERS = "a moderator or a clinician"
SHOWN = 50  # settled drafts listed below the queue


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    desk = Curating(site)

    @router.get("/save/{post_id}")
    async def save_page(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await desk.answer(viewer, post_id)
        return await desk.form(request, viewer, post, await desk.prefilled(viewer, post), "")

    @router.post("/save/{post_id}")
    async def save(request: Request, post_id: str) -> Response:
        viewer, fields = await site.form(request)
        return await desk.save(request, viewer, fields, await desk.answer(viewer, post_id))

    @router.get("/review")
    async def queue(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.reviews, REVIEWERS)
        queue = await site.services.lookups.review_queue(viewer.member.key)
        async with site.services.store.read() as tx:
            drafts = await tx.drafts.all()
        waiting = [one for one in queue if one.draft.state is DraftState.IN_REVIEW and not one.asks_for]
        questions = [one for one in queue if one.asks_for]
        asked = [one.draft for one in queue if one.draft.state is DraftState.AWAITING_CONSENT]
        open_ = {one.draft.id for one in queue}
        done = [d for d in drafts if d.id not in open_ and not d.asks_for][:SHOWN]
        return await site.page(
            request, viewer, "review.html", waiting=waiting, questions=questions, asked=asked, done=done
        )

    @router.get("/merge/{draft_id}")
    async def merge_page(request: Request, draft_id: str) -> Response:
        viewer = await site.viewer(request)
        draft, similar = await desk.similar(viewer, draft_id)
        return await site.page(request, viewer, "merge.html", draft=draft, similar=similar)

    @router.post("/merge/{draft_id}")
    async def merge(request: Request, draft_id: str) -> Response:
        viewer, fields = await site.form(request)
        draft = await desk.draft(viewer, draft_id)
        values = {"into": fields.one("into")}
        fact = submitted(fields.one("press"), Form.MERGE_DRAFT, draft.id, values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/review", "Done. winwin has written to you in private.")

    @router.get("/review/{draft_id}")
    async def draft_page(request: Request, draft_id: str) -> Response:
        viewer = await site.viewer(request)
        draft = await desk.draft(viewer, draft_id)
        if draft.asks_for:
            return await desk.question(request, viewer, draft, "")
        sheet = Sheet(draft.title, draft.text, frozenset(draft.topics), draft.medical, "\n".join(draft.asked_as))
        return await site.page(request, viewer, "draft_edit.html", draft=draft, sheet=sheet, error="")

    @router.post("/review/{draft_id}")
    async def edit(request: Request, draft_id: str) -> Response:
        viewer, fields = await site.form(request)
        draft = await desk.draft(viewer, draft_id)
        if draft.asks_for:
            return await desk.add_question(request, viewer, fields, draft)
        return await desk.edit(request, viewer, fields, draft)

    return router


class Curating:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def answer(self, viewer: Viewer, post_id: str) -> Post:
        may(viewer.saves, REVIEWERS)
        post = found(await self._site.services.chat.get(post_id))
        if post.deleted_at is not None or post.author == BOT or private_member(post.channel) or post.only_for:
            raise NotFound
        return post

    async def draft(self, viewer: Viewer, draft_id: str) -> Draft:
        may(viewer.reviews, REVIEWERS)
        try:
            draft = await self._site.services.lookups.draft(draft_id, viewer.member.key)
        except Refused:
            raise NotFound from None
        if draft.state is not DraftState.IN_REVIEW:
            raise NotFound
        return draft

    async def similar(self, viewer: Viewer, draft_id: str) -> tuple[Draft, Resource]:
        """A draft with the resource it could be added to."""
        may(viewer.reviews, REVIEWERS)
        queue = await self._site.services.lookups.review_queue(viewer.member.key)
        one = found(next((one for one in queue if one.draft.id == draft_id and one.similar), None))
        assert one.similar is not None
        return one.draft, one.similar[0]

    async def question(self, request: Request, viewer: Viewer, draft: Draft, error: str, typed: str = "") -> Response:
        """One more way to ask for a resource, to be put in other words."""
        try:
            proposed = await self._site.services.lookups.phrase(draft.id, viewer.member.key)
        except Refused as refused:
            may(refused.notice is not Notice.NOT_ALLOWED, "a clinician")
            raise NotFound from None
        return await self._site.page(
            request,
            viewer,
            "question_edit.html",
            status=422 if error else 200,
            draft=draft,
            words=typed or proposed.words,
            shown=proposed.shown,
            error=error,
            most=MAX_TITLE,
        )

    async def add_question(self, request: Request, viewer: Viewer, fields: Fields, draft: Draft) -> Response:
        words = " ".join(clean(fields.one("asked_as")).split())
        if not words or len(words) > MAX_TITLE:
            error = f"Write one question, in {MAX_TITLE} letters at most."
            return await self.question(request, viewer, draft, error, words)
        values = {"asked_as": words, "into": clean(fields.one("into"))}
        fact = submitted(fields.one("press"), Form.ADD_PHRASE, draft.id, values, viewer.member, self._site.now)
        await self._site.services.receive([fact])
        await self._site.services.settle()
        return self._site.back(request, "/review", "Done. winwin has written to you in private.")

    async def prefilled(self, viewer: Viewer, post: Post) -> Sheet:
        """The answer without names and numbers; how it was asked, and the topics of the question."""
        place = place_of(post)
        begun = await self._site.services.lookups.answer_to_save(
            place.key,
            viewer.member.key,
            text=post.text,
            author=member_of(post.author).key,
            thread_key=place.thread_key,
        )
        return Sheet(begun.title, begun.text, frozenset(begun.topics), begun.medical, begun.asked_as, taken=begun.taken)

    async def form(self, request: Request, viewer: Viewer, post: Post, sheet: Sheet, error: str) -> Response:
        return await self._site.page(
            request,
            viewer,
            "save.html",
            here=post.channel,
            status=422 if error else 200,
            post=post,
            sheet=sheet,
            error=error,
        )

    async def save(self, request: Request, viewer: Viewer, fields: Fields, post: Post) -> Response:
        sheet = sheet_typed(fields)
        try:
            values = sheet_values(sheet, self._site.services.topics)
            values["author"] = member_of(post.author).key
            subject = place_of(post).key
            fact = submitted(fields.one("press"), Form.SAVE_RESOURCE, subject, values, viewer.member, self._site.now)
        except BadInput as problem:
            marked = replace(sheet, taken=(await self.prefilled(viewer, post)).taken)
            return await self.form(request, viewer, post, marked, str(problem))
        await self._site.services.receive([fact])
        await self._site.services.settle()
        to = page_of(post.channel, post.thread, post.id)
        return self._site.back(request, to, "Saved. The author is asked whether it may be kept.")

    async def edit(self, request: Request, viewer: Viewer, fields: Fields, draft: Draft) -> Response:
        sheet = sheet_typed(fields)
        try:
            values = sheet_values(sheet, self._site.services.topics)
            fact = submitted(fields.one("press"), Form.EDIT_DRAFT, draft.id, values, viewer.member, self._site.now)
        except BadInput as problem:
            return await self._site.page(
                request, viewer, "draft_edit.html", status=422, draft=draft, sheet=sheet, error=str(problem)
            )
        await self._site.services.receive([fact])
        await self._site.services.settle()
        return self._site.back(request, "/review", "Saved. It still waits to be published.")
