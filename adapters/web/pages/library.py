"""The library: finding, reading, writing, editing and retiring resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, submitted
from adapters.web.outbound import web_address
from adapters.web.session import Fields
from adapters.web.site import Site
from adapters.web.viewer import NotFound, Viewer, found, may
from bot.cards import Form
from bot.community import Topic
from bot.question import Refused
from bot.showing.short_lines import notice_text
from bot.stand_ins import Taken
from knowledge.resources import MAX_TITLE, Resource, ReviewState
from knowledge.text import MAX_TEXT, clean

MODERATORS = "a moderator"
EDITORS = "a moderator or a clinician"
FEW_WORDS = 1 / 3  # of the usual confidence: somebody who searches writes two words, and sees for themselves what fits


@dataclass(frozen=True, slots=True)
class Sheet:
    """A resource form as it stands on the page."""

    title: str = ""
    text: str = ""
    topics: frozenset[str] = frozenset()
    medical: bool = False
    asked_as: str = ""
    publish_at_once: bool = False
    taken: tuple[Taken, ...] = ()  # what was taken out of an answer
    keep: frozenset[str] = frozenset()  # and what of it is left in: choices of `taken`


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    library = Shelves(site)

    @router.get("/resources")
    async def shelves(request: Request, q: str = "", topic: str = "") -> Response:
        return await library.show(request, await site.viewer(request), clean(q)[:2000], topic)

    @router.get("/resources/new")
    async def new_page(request: Request, topic: str = "", title: str = "") -> Response:
        viewer = await site.viewer(request)
        may(viewer.can(Form.EDIT_RESOURCE), EDITORS)
        sheet = Sheet(clean(title)[:MAX_TITLE], topics=frozenset({topic} & {t.id for t in site.services.topics}))
        return await library.form(request, viewer, sheet, None, "")

    @router.post("/resources/new")
    async def new(request: Request) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.EDIT_RESOURCE), EDITORS)
        return await library.save(request, viewer, fields, None)

    @router.get("/resources/{resource_id}")
    async def resource_page(request: Request, resource_id: str) -> Response:
        viewer = await site.viewer(request)
        try:
            resource = await site.services.lookups.resource(resource_id, viewer.member.key)
        except Refused:
            raise NotFound from None
        follows = await site.services.lookups.follows(viewer.member.key)
        return await site.page(
            request, viewer, "resource.html", resource=resource, address=web_address(resource.url), follows=follows
        )

    @router.post("/follow")
    async def follow(request: Request) -> Response:
        viewer, fields = await site.form(request)
        values = {"topic": fields.one("topic"), "on": "yes" if fields.one("on") == "yes" else "no"}
        fact = submitted(fields.one("press"), Form.FOLLOW, "", values, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, fields.one("back") or "/resources", "Done. winwin has written to you in private.")

    @router.get("/resources/{resource_id}/edit")
    async def edit_page(request: Request, resource_id: str) -> Response:
        viewer = await site.viewer(request)
        may(viewer.can(Form.EDIT_RESOURCE), EDITORS)
        resource = await library.get(resource_id)
        return await library.form(request, viewer, _sheet_of(resource), resource, "")

    @router.post("/resources/{resource_id}/edit")
    async def edit(request: Request, resource_id: str) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.EDIT_RESOURCE), EDITORS)
        return await library.save(request, viewer, fields, await library.get(resource_id))

    @router.post("/resources/{resource_id}/retire")
    async def retire(request: Request, resource_id: str) -> Response:
        viewer, fields = await site.form(request)
        may(viewer.can(Form.RETIRE_RESOURCE), MODERATORS)
        resource = await library.get(resource_id)
        fact = submitted(fields.one("press"), Form.RETIRE_RESOURCE, resource.id, {}, viewer.member, site.now)
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/resources", f"“{resource.title}” is retired: winwin will not show it any more.")

    return router


class Shelves:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def get(self, resource_id: str) -> Resource:
        async with self._site.services.store.read() as tx:
            resources = await tx.resources.get([resource_id])
        return found(resources.get(resource_id))

    async def show(self, request: Request, viewer: Viewer, words: str, topic: str) -> Response:
        if words:
            try:
                hits = await self._site.services.lookups.search(viewer.member.key, words)
            except Refused as refused:
                raise BadInput(notice_text(refused.notice, "", str)) from None
            kept = [(r, m.confidence) for r, m in hits if not topic or topic in r.topics]
            listed = [r for r, _ in kept]
            fitting = any(sure >= self._site.services.lookups.shown_from * FEW_WORDS for _, sure in kept)
        else:
            async with self._site.services.store.read() as tx:
                stored = await tx.resources.all()
            shown = [r for r in stored if r.state is ReviewState.PUBLISHED and (not topic or topic in r.topics)]
            listed, fitting = sorted(shown, key=lambda r: r.title.casefold()), True
        return await self._site.page(
            request,
            viewer,
            "resources.html",
            listed=listed[:200],
            count=len(listed),
            fitting=fitting,
            words=words,
            topic=topic,
        )

    async def form(
        self, request: Request, viewer: Viewer, sheet: Sheet, resource: Resource | None, error: str
    ) -> Response:
        return await self._site.page(
            request,
            viewer,
            "resource_edit.html",
            status=422 if error else 200,
            sheet=sheet,
            resource=resource,
            error=error,
        )

    async def save(self, request: Request, viewer: Viewer, fields: Fields, resource: Resource | None) -> Response:
        """A new one goes the way of a saved answer, without a message behind it."""
        sheet = sheet_typed(fields)
        form, subject = (Form.EDIT_RESOURCE, resource.id) if resource else (Form.SAVE_RESOURCE, "")
        try:
            values = sheet_values(sheet, self._site.services.topics)
            fact = submitted(fields.one("press"), form, subject, values, viewer.member, self._site.now)
        except BadInput as problem:
            return await self.form(request, viewer, sheet, resource, str(problem))
        await self._site.services.receive([fact])
        await self._site.services.settle()
        if resource:
            return self._site.back(request, f"/resources/{resource.id}", "Saved. The next one who asks will find it.")
        return self._site.back(request, "/review", "Saved. winwin has written to you about what comes next.")


def sheet_typed(fields: Fields) -> Sheet:
    return Sheet(
        clean(fields.one("title")),
        clean(fields.one("text").replace("\r\n", "\n")),
        frozenset(fields.many("topics")),
        fields.one("medical") == "yes",
        clean(fields.one("asked_as").replace("\r\n", "\n")),
        fields.one("publish_at_once") == "yes",
        keep=frozenset(fields.many("keep")),
    )


def _sheet_of(resource: Resource) -> Sheet:
    return Sheet(
        resource.title, resource.text, frozenset(resource.topics), resource.medical, "\n".join(resource.asked_as)
    )


def sheet_values(sheet: Sheet, topics: Sequence[Topic]) -> dict[str, str]:
    """The values of a resource form as the core reads them. Raises BadInput."""
    if not sheet.title:
        raise BadInput("Give it a title: what would a tired parent look for?")
    if len(sheet.title) > MAX_TITLE:
        raise BadInput(f"The title has {len(sheet.title)} letters; {MAX_TITLE} is the most. Please shorten it.")
    if not sheet.text:
        raise BadInput("The text is empty. Write what the next family should know.")
    if len(sheet.text) > MAX_TEXT:
        raise BadInput(f"The text has {len(sheet.text):,} letters; {MAX_TEXT:,} is the most. Please shorten it.")
    if sheet.topics - {t.id for t in topics}:
        raise BadInput("One of the topics is not known here. Choose from the list.")
    return {
        "title": " ".join(sheet.title.split()),
        "text": sheet.text,
        "topics": ",".join(sorted(sheet.topics)),
        "medical": "yes" if sheet.medical else "",
        "asked_as": "\n".join(line.strip() for line in sheet.asked_as.splitlines() if line.strip()),
        "publish_at_once": "yes" if sheet.publish_at_once else "",
        **({"keep": ",".join(sorted(sheet.keep))} if sheet.keep else {}),
    }
