"""How Slack's Web API refuses and pages, as backlot (PyPI) has measured it on the real one."""

from collections.abc import Iterator

import backlot
import pytest

from adapters.slack.client import SlackApi, SlackRefusal

pytestmark = pytest.mark.process

MESSAGES = [
    {
        "source_type": "slack",
        "doc_id": f"m{n}",
        "channel": "general",
        "author_email": "alice@example.org",
        "content": f"message {n}",
        "created": f"2026-01-01T10:0{n}:00Z",
        "visibility": "public",
    }
    for n in range(5)
]


@pytest.fixture(scope="module")
def server() -> Iterator[backlot.server.Server]:
    with backlot.serve(MESSAGES, telemetry=False) as running:
        yield running


@pytest.fixture
async def api(server):
    api = SlackApi(f"{server.base_url}/slack/api/")
    yield api
    await api.close()


async def general(api: SlackApi, token: str) -> str:
    found = await api.ask("conversations.list", token)
    return next(c["id"] for c in found["channels"] if c["name"] == "general")


@pytest.mark.parametrize(
    ("method", "asked", "code"),
    [
        ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ("conversations.history", {"channel": "C0NONE"}, "channel_not_found"),
        ("users.info", {"user": "U0NONE"}, "user_not_found"),
    ],
)
async def test_what_is_not_there_is_refused_for_good(api, server, method, asked, code):
    with pytest.raises(SlackRefusal) as refused:
        await api.ask(method, server.token, **asked)
    assert (refused.value.code, refused.value.permanent) == (code, True)


async def test_a_cursor_that_is_none_is_refused(api, server):
    channel = await general(api, server.token)
    with pytest.raises(SlackRefusal, match="invalid_cursor"):
        await api.ask("conversations.history", server.token, channel=channel, cursor="nonsense")


async def test_a_strange_token_can_be_mended(api):
    with pytest.raises(SlackRefusal) as refused:
        await api.ask("auth.test", "xoxb-strange")
    assert (refused.value.code, refused.value.permanent) == ("invalid_auth", False)


async def test_history_after_a_moment_pages_forward(api, server):
    """What backfill builds on: with `oldest` alone the pages walk on from it, each newest first."""
    channel = await general(api, server.token)
    everything = await api.ask("conversations.history", server.token, channel=channel)
    oldest = everything["messages"][-1]["ts"]
    first = await api.ask("conversations.history", server.token, channel=channel, oldest=oldest, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await api.ask(
        "conversations.history", server.token, channel=channel, oldest=oldest, limit=2, cursor=cursor
    )
    assert [m["text"] for m in first["messages"]] == ["message 2", "message 1"]
    assert [m["text"] for m in second["messages"]] == ["message 4", "message 3"]
