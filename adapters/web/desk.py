"""The way of a post: into the chat first, then to the desk, then marked as reported. A crash in between loses nothing:
`catch_up` finds what was not reported and says it again; the inbox ends repeats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from adapters.web.chat import ChatStore, Post
from adapters.web.inbound import facts_of
from adapters.web.live import Viewers
from bot.events import PlatformEvent

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]

BATCH = 200


async def hand_over(post: Post, chat: ChatStore, receive: Receive, viewers: Viewers) -> None:
    """Tell the desk about a post that has just been written, edited or deleted."""
    viewers.wake()
    await receive(facts_of(post))
    await chat.reported(post.id, post.changed)


async def catch_up(chat: ChatStore, receive: Receive) -> int:
    """Report what a crash left behind; for the start and for a slow tick. Returns how many posts."""
    posts = await chat.unreported(BATCH)
    if posts:
        await receive([fact for post in posts for fact in facts_of(post)])
        for post in posts:
            await chat.reported(post.id, post.changed)
    return len(posts)
