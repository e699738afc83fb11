"""Channels, threads, the private conversation with the bot, and writing in them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from adapters.web.chat import BOT, Post, private_channel, private_member
from adapters.web.client import page_of
from adapters.web.desk import hand_over
from adapters.web.inbound import BadInput, message_text, press_id
from adapters.web.posts import PostView, post_views
from adapters.web.session import Fields, new_press
from adapters.web.site import Site
from adapters.web.viewer import NotAllowed, NotFound, Viewer, found

SHOWN = 60  # posts on a page; older ones by "Earlier"


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    room = Rooms(site)

    @router.get("/")
    async def home() -> Response:
        rooms = await site.services.chat.channels()
        return RedirectResponse(f"/c/{rooms[0].id}" if rooms else "/private", 303)

    @router.get("/c/{channel}")
    async def channel_page(request: Request, channel: str, before: str = "", ask: str = "") -> Response:
        viewer = await site.viewer(request)
        return await room.show(request, viewer, channel, before=before, typed=ask[:500])

    @router.get("/c/{channel}/t/{root}")
    async def thread_page(request: Request, channel: str, root: str) -> Response:
        return await room.show(request, await site.viewer(request), channel, root=root)

    @router.get("/private")
    async def private_page(request: Request) -> Response:
        viewer = await site.viewer(request)
        return await room.show(request, viewer, private_channel(viewer.person.id))

    @router.post("/say")
    async def say(request: Request) -> Response:
        viewer, fields = await site.form(request)
        return await room.say(request, viewer, fields)

    @router.get("/pictures/{post_id}")
    async def picture(request: Request, post_id: str) -> Response:
        png = await room.picture(await site.viewer(request), post_id)
        return Response(png, media_type="image/png")

    @router.get("/posts/{post_id}/edit")
    async def edit_page(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await room.own_post(viewer, post_id)
        return await site.page(request, viewer, "edit.html", here=post.channel, post=post, typed=post.text, error="")

    @router.post("/posts/{post_id}/edit")
    async def edit(request: Request, post_id: str) -> Response:
        viewer, fields = await site.form(request)
        return await room.edit(request, viewer, post_id, fields.one("text"))

    @router.get("/posts/{post_id}/delete")
    async def delete_page(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await room.own_post(viewer, post_id)
        return await site.page(request, viewer, "delete.html", here=post.channel, post=post)

    @router.post("/posts/{post_id}/delete")
    async def delete(request: Request, post_id: str) -> Response:
        viewer, _ = await site.form(request)
        post = await room.own_post(viewer, post_id)
        gone = await site.services.chat.delete(post.id, site.now)
        if gone is not None:
            await room.hand_over(gone)
        to = f"/c/{post.channel}" if post.id == post.thread else page_of(post.channel, post.thread)
        return site.back(request, to, "Your message is gone, and winwin has forgotten its words.")

    return router


class Rooms:
    """A channel or private conversation on a page, and what is written in it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._chat = site.services.chat

    async def show(
        self,
        request: Request,
        viewer: Viewer,
        channel: str,
        *,
        root: str = "",
        before: str = "",
        typed: str = "",
        error: str = "",
    ) -> Response:
        since = await self._chat.latest()  # before the posts are read: what comes in between is sent live
        private = bool(private_member(channel))
        name, purpose = await self._title(channel, viewer)
        posts = await self._posts(channel, viewer, before)
        await self._chat.mark_read(viewer.person.id, channel)
        return await self._site.page(
            request,
            viewer,
            "community.html",
            here=channel,
            status=422 if error else 200,
            channel=channel,
            private=private,
            channel_name=name,
            purpose=purpose,
            posts=posts,
            older=posts[0].id if len(posts) >= SHOWN and not private else "",
            thread=await self._thread(root, channel, viewer),
            root=root,
            since=since,
            typed=typed,
            error=error,
            samples=() if viewer.visit.welcomed else self._site.services.sample_questions,
        )

    async def _title(self, channel: str, viewer: Viewer) -> tuple[str, str]:
        owner = private_member(channel)
        if owner:
            if owner != viewer.person.id:
                raise NotFound
            return "winwin", "Between you and winwin, which is a program. Nobody else sees this."
        room = found(next((r for r in await self._chat.channels() if r.id == channel), None))
        return room.name, room.purpose

    async def _posts(self, channel: str, viewer: Viewer, before: str) -> list[PostView]:
        me, eyes = viewer.person.id, self._site.eyes(viewer)
        if private_member(channel):
            return post_views(await self._chat.stream(channel, me, SHOWN), {}, eyes)
        posts = await self._chat.roots(channel, me, SHOWN, before)
        return post_views(posts, await self._chat.replies([p.id for p in posts], me), eyes)

    async def _thread(self, root: str, channel: str, viewer: Viewer) -> Sequence[PostView]:
        if not root:
            return ()
        posts = await self._chat.thread(root, viewer.person.id)
        if not posts or posts[0].channel != channel:
            raise NotFound
        replies = await self._chat.replies([root], viewer.person.id)
        return post_views(posts, replies, self._site.eyes(viewer))

    async def say(self, request: Request, viewer: Viewer, fields: Fields) -> Response:
        channel, root = fields.one("channel"), fields.one("thread")
        await self._title(channel, viewer)
        if root:
            await self._open_thread(root, channel, viewer)
        live = request.headers.get("x-live") == "1"
        try:
            text = message_text(fields.one("text"))
            key = f"{viewer.person.id}:{press_id(fields.one('press'))}"
        except BadInput as problem:
            if live:
                return JSONResponse({"error": str(problem)}, 422)
            return await self.show(
                request, viewer, channel, root=root, typed=fields.one("text")[:200_000], error=str(problem)
            )
        post = await self._chat.add(
            channel=channel, author=viewer.person.id, at=self._site.now, text=text, thread=root, key=key
        )
        await self.hand_over(post)
        to = page_of(channel, post.thread, post.id)
        if live:
            stays = bool(root or private_member(channel))
            return JSONResponse({"go": "" if stays else page_of(channel, post.thread), "press": new_press()})
        return self._site.back(request, to)

    async def picture(self, viewer: Viewer, post_id: str) -> bytes:
        """The picture under a post that the viewer can see."""
        post = found(await self._chat.get(post_id))
        owner = private_member(post.channel) or post.only_for
        if post.deleted_at is not None or owner not in ("", viewer.person.id):
            raise NotFound
        return found(await self._chat.picture(post_id) or None)

    async def _open_thread(self, root: str, channel: str, viewer: Viewer) -> None:
        post = await self._chat.get(root)
        if post is None or post.channel != channel or post.thread != post.id or private_member(channel):
            raise NotFound
        if post.only_for not in ("", viewer.person.id):
            raise NotFound

    async def edit(self, request: Request, viewer: Viewer, post_id: str, typed: str) -> Response:
        post = await self.own_post(viewer, post_id)
        try:
            text = message_text(typed)
        except BadInput as problem:
            return await self._site.page(
                request, viewer, "edit.html", here=post.channel, status=422, post=post, typed=typed, error=str(problem)
            )
        edited = await self._chat.edit(post.id, text, self._site.now) if text != post.text else None
        if edited is not None:
            await self.hand_over(edited)
        return self._site.back(request, page_of(post.channel, post.thread, post.id))

    async def own_post(self, viewer: Viewer, post_id: str) -> Post:
        post = found(await self._chat.get(post_id))
        if post.deleted_at is not None or post.author == BOT:
            raise NotFound
        if post.author != viewer.person.id:
            raise NotAllowed("the one who wrote the message")
        return post

    async def hand_over(self, post: Post) -> None:
        services = self._site.services
        await hand_over(post, self._chat, services.receive, services.viewers)
