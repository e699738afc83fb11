"""From an answer to a resource: the save form, the review queue, the edit of a draft."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, Post, private_member
from adapters.web.client import page_of
from adapters.web.inbound import BadInput, place_of, submitted
from adapters.web.pages.library import Sheet, sheet_typed, sheet_values
from adapters.web.people import member_of
from adapters.web.session import Fields
from adapters.web.site import NotFound, Site, Viewer, found, may
from bot.cards import Form
from bot.curation import Draft, DraftState, without_private_details

REVIEWERS = "a moderator or a clinician"
EDIT_DRAFT = "edit_draft"  # subject: draft id; the fields of SAVE_RESOURCE
SHOWN = 50  # settled drafts listed below the queue


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    desk = Curating(site)

    @router.get("/save/{post_id}")
    async def save_page(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await desk.answer(viewer, post_id)
        return await desk.form(request, viewer, post, await desk.prefilled(post), "")

    @router.post("/save/{post_id}")
    async def save(request: Request, post_id: str) -> Response:
        viewer, fields = await site.form(request)
        return await desk.save(request, viewer, fields, await desk.answer(viewer, post_id))

    @router.get("/review")
    async def queue(request: Request) -> Response:
        viewer = await site.viewer(request)
        may(viewer.reviews, REVIEWERS)
        async with site.services.store.read() as tx:
            drafts = await tx.drafts.all()
        waiting = [d for d in drafts if d.state is DraftState.IN_REVIEW]
        asked = [d for d in drafts if d.state is DraftState.AWAITING_CONSENT]
        done = [d for d in drafts if d not in waiting and d not in asked][:SHOWN]
        return await site.page(request, viewer, "review.html", waiting=waiting, asked=asked, done=done)

    @router.get("/review/{draft_id}")
    async def draft_page(request: Request, draft_id: str) -> Response:
        viewer = await site.viewer(request)
        draft = await desk.draft(viewer, draft_id)
        sheet = Sheet(draft.title, draft.text, frozenset(draft.topics), draft.medical, "\n".join(draft.asked_as))
        return await site.page(request, viewer, "draft_edit.html", draft=draft, sheet=sheet, error="")

    @router.post("/review/{draft_id}")
    async def edit(request: Request, draft_id: str) -> Response:
        viewer, fields = await site.form(request)
        return await desk.edit(request, viewer, fields, await desk.draft(viewer, draft_id))

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
        async with self._site.services.store.read() as tx:
            draft = found(await tx.drafts.get(draft_id))
        if draft.state is not DraftState.IN_REVIEW:
            raise NotFound
        return draft

    async def prefilled(self, post: Post) -> Sheet:
        """The answer without names and numbers; how it was asked, and the topics of the question."""
        names = [p.name for p in self._site.services.people]
        names += [n.split()[0] for n in names if n.split()]
        async with self._site.services.store.read() as tx:
            questions = await tx.questions.in_threads([place_of(post).thread_key])
        question = questions.get(place_of(post).thread_key)
        asked_as = without_private_details(question.text, names)[:300] if question else ""
        return Sheet(
            text=without_private_details(post.text, names),
            topics=frozenset(question.topics) if question else frozenset(),
            medical=bool(question and question.medical),
            asked_as=" ".join(asked_as.split()),
        )

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
            return await self.form(request, viewer, post, sheet, str(problem))
        await self._site.services.receive([fact])
        await self._site.services.settle()
        to = page_of(post.channel, post.thread, post.id)
        return self._site.back(request, to, "Saved. The author is asked whether it may be kept.")

    async def edit(self, request: Request, viewer: Viewer, fields: Fields, draft: Draft) -> Response:
        sheet = sheet_typed(fields)
        try:
            values = sheet_values(sheet, self._site.services.topics)
            fact = submitted(fields.one("press"), EDIT_DRAFT, draft.id, values, viewer.member, self._site.now)
        except BadInput as problem:
            return await self._site.page(
                request, viewer, "draft_edit.html", status=422, draft=draft, sheet=sheet, error=str(problem)
            )
        await self._site.services.receive([fact])
        await self._site.services.settle()
        return self._site.back(request, "/review", "Saved. It still waits to be published.")
