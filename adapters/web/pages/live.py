"""Live updates: one stream of events per open page (server-sent events), each saying which posts to put where.

A page says up to which change it was drawn; the stream tells everything since. So nothing is missed between drawing
and listening, and after a lost connection the browser goes on from the last change it had.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.chat import BOT, Post, Replies, private_channel, private_member
from adapters.web.codec import load_card
from adapters.web.outbound import plain_line
from adapters.web.posts import is_shown, post_view
from adapters.web.site import Site
from adapters.web.viewer import NotFound, Viewer

GATHER = 0.04  # seconds: changes that come close together are sent together
LOOK_AGAIN = 15.0  # seconds after which the clock and the marks are sent even when nothing has changed
JUST_NOW = timedelta(minutes=2)  # a private line this young is told to a page that was drawn after it


@dataclass(frozen=True, slots=True)
class Watched:
    """What an open page shows."""

    channel: str
    root: str
    since: int


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/live")
    async def live(request: Request, channel: str = "", root: str = "", since: int = 0) -> Response:
        viewer = await site.viewer(request)
        if private_member(channel) not in ("", viewer.person.id):
            raise NotFound
        last = request.headers.get("last-event-id", "")
        seen = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else since
        stream = events(site, viewer, Watched(channel, root, max(seen, 0)))
        return EventSourceResponse(stream, ping=30, headers={"X-Accel-Buffering": "no"})

    return router


async def events(site: Site, viewer: Viewer, watched: Watched) -> AsyncIterator[ServerSentEvent]:
    """Endless. Each event's id is the newest change it tells."""
    since, opened = watched.since, await missed(site, viewer, watched)
    with site.services.viewers.watching() as wake:
        while True:
            wake.clear()
            posts = await site.services.chat.changed(since, viewer.person.id)
            since = max([since, *(p.changed for p in posts)])
            update = await update_of(site, viewer, watched, posts)
            update["notice"], opened = update["notice"] or opened, ""
            yield ServerSentEvent(data=json.dumps(update, ensure_ascii=False), event="update", id=str(since))
            try:
                await asyncio.wait_for(wake.wait(), LOOK_AGAIN)
                await asyncio.sleep(GATHER)
            except TimeoutError:
                pass


async def missed(site: Site, viewer: Viewer, watched: Watched) -> str:
    """What the bot has just said in private while the visitor went from page to page: a reply in a crisis is not only
    a figure in the margin."""
    own, chat = private_channel(viewer.person.id), site.services.chat
    if watched.channel == own or not (await chat.unread(viewer.person.id)).get(own):
        return ""
    newest = await chat.stream(own, viewer.person.id, 1)
    return _notice(viewer, watched, [p for p in newest if site.now - p.at < JUST_NOW])


async def update_of(site: Site, viewer: Viewer, watched: Watched, posts: Sequence[Post]) -> dict[str, Any]:
    """What the page should change. `posts`: {list, id, html}; an empty html takes the post away."""
    here = [p for p in posts if p.channel == watched.channel]
    if here:
        await site.services.chat.mark_read(viewer.person.id, watched.channel)
    frame = await site.frame(viewer, watched.channel)
    unread = {room.id: room.unread for room in (*frame.rooms, frame.private)}
    return {
        "posts": await _pieces(site, viewer, watched, here),
        "unread": unread,
        "elsewhere": site.draw("_elsewhere.html", frame=frame, csrf=viewer.visit.csrf),
        "clock": frame.clock,
        "ready": frame.ready,
        "notice": _notice(viewer, watched, posts),
    }


async def _pieces(site: Site, viewer: Viewer, watched: Watched, posts: list[Post]) -> list[dict[str, str]]:
    chat, me = site.services.chat, viewer.person.id
    private = bool(private_member(watched.channel))
    roots = list(dict.fromkeys(p.thread for p in posts))
    replies = {} if private else await chat.replies(roots, me)
    pieces = []
    if not private:
        heads = [p for root in roots if (p := await chat.get(root)) is not None and p.only_for in ("", me)]
        pieces += [_piece(site, viewer, "posts", p, replies) for p in heads]
    listed = "posts" if private else "thread"
    shown = [p for p in posts if private or p.thread == watched.root]
    return pieces + [_piece(site, viewer, listed, p, replies) for p in shown]


def _piece(site: Site, viewer: Viewer, listed: str, post: Post, replies: Mapping[str, Replies]) -> dict[str, str]:
    html = ""
    if is_shown(post, replies):
        view = post_view(post, replies.get(post.id), site.eyes(viewer))
        html = site.draw("_one_post.html", post=view, listed=listed, viewer=viewer, csrf=viewer.visit.csrf, fresh=True)
    return {"list": listed, "id": element_id(listed, post), "html": html}


def element_id(listed: str, post: Post) -> str:
    """A thread's first post stands on the page twice: in the channel, and on top of the thread."""
    return f"root-{post.id}" if listed == "thread" and post.id == post.thread else f"post-{post.id}"


def _notice(viewer: Viewer, watched: Watched, posts: Sequence[Post]) -> str:
    """A private line of the bot, when another page is open: what it says, in short."""
    own = private_channel(viewer.person.id)
    if watched.channel == own:
        return ""
    lines = [plain_line(load_card(p.card)) for p in posts if p.channel == own and p.author == BOT and p.card]
    return lines[-1][:160] if lines else ""
