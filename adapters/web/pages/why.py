"""Why the bot said something, or what it made of a message: the words and figures it was decided by."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, Post, private_member
from adapters.web.client import page_of
from adapters.web.inbound import place_of
from adapters.web.posts import post_view
from adapters.web.site import Site
from adapters.web.viewer import NotFound, Viewer, found
from bot.question import Refused


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/why/{post_id}")
    async def why(request: Request, post_id: str) -> Response:
        viewer = await site.viewer(request)
        post = await _visible(site, viewer, post_id)
        try:
            reasons = await site.services.lookups.explain(place_of(post), viewer.member.key)
        except Refused:
            raise NotFound from None
        eyes = site.eyes(viewer)
        return await site.page(
            request,
            viewer,
            "why.html",
            here=post.channel,
            post=post_view(post, None, eyes),
            back=page_of(post.channel, post.thread, post.id),
            sent_at=eyes.clock(post.at),
            reasons=reasons,
            clock=eyes.clock,
        )

    return router


async def _visible(site: Site, viewer: Viewer, post_id: str) -> Post:
    """A message that this viewer may see; one of the bot for somebody else's eyes also when they moderate."""
    post = found(await site.services.chat.get(post_id))
    owner = private_member(post.channel) or post.only_for
    others = owner not in ("", viewer.person.id)
    if post.deleted_at is not None or (others and not (viewer.moderates and post.author == BOT)):
        raise NotFound
    return post
