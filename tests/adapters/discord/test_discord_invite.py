"""The permissions the bot asks for, and which of them a channel lacks: reckoned as discord.py does."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from adapters.discord.invite import (
    ASKED_IN,
    EMBEDS,
    FILES,
    HISTORY,
    IN_THREADS,
    NEEDED,
    PRIVATE_THREADS,
    PUBLIC_THREADS,
    SEND,
    TAGS,
    VIEW,
    allowed,
    invite_link,
    missing,
    standing,
)
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_payloads import ALICE, BEN, BOT, FORUM, GUILD, MODERATORS, TEXT

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HELPERS, STRANGERS = "400000000000000002", "400000000000000003"
EVERY = sum(p.bit for p in NEEDED)
ADMINISTRATOR = 8
TIMED_OUT = "2999-01-01T00:00:00+00:00"
MADE = {0: discord.TextChannel, 2: discord.VoiceChannel, 5: discord.TextChannel, 13: discord.StageChannel}


def over(whose: str, deny: int = 0, allow: int = 0, *, member: bool = False) -> dict:
    return {"id": whose, "type": int(member), "deny": str(deny), "allow": str(allow)}


def bits(*permissions) -> int:
    return sum(p.bit for p in permissions)


def here(everyone: int = EVERY, roles: dict[str, int] | None = None, *, owner: str = ALICE, until: str | None = None):
    """A server where the bot has these roles, and the bot in it."""
    made = [payloads.role(GUILD, "@everyone", str(everyone))]
    made += [payloads.role(own, "r", str(may)) for own, may in (roles or {}).items()]
    made.append(payloads.role(STRANGERS, "strangers", str(ADMINISTRATOR)))
    guild = payloads.guild_of(NOW.isoformat()) | {"roles": made, "owner_id": owner}
    member = payloads.member_of(payloads.user_of(BOT, "winwin", bot=True), list(roles or ()), NOW.isoformat())
    return guild, member | {"communication_disabled_until": until}


def channel(kind: int, overwrites: list[dict]) -> dict:
    return payloads.channel_of("200000000000000009", "c", kind, 1) | {"permission_overwrites": overwrites}


def theirs(guild: dict, member: dict, room: dict) -> discord.Permissions:
    """What discord.py makes of it."""
    state = MagicMock(self_id=int(BOT), member_cache_flags=discord.MemberCacheFlags.all())
    state.store_user = lambda data, **_: discord.User(state=state, data=data)
    state.shard_count = 1
    made = discord.Guild(data=guild, state=state)
    kind = MADE.get(room["type"], discord.ForumChannel)
    room = {"bitrate": 64000, "user_limit": 0, "rtc_region": None} | room
    return kind(state=state, guild=made, data=room).permissions_for(
        discord.Member(data=member, guild=made, state=state)
    )


CASES = {
    "nothing is forbidden": (here(), []),
    "the role gives what everybody has not": (here(0, {MODERATORS: EVERY}), []),
    "a stranger's role gives nothing": (here(0), [over(STRANGERS, 0, EVERY)]),
    "closed to everybody": (here(), [over(GUILD, VIEW.bit)]),
    "closed to everybody, open to its role": (
        here(EVERY, {MODERATORS: 0}),
        [over(GUILD, VIEW.bit), over(MODERATORS, 0, VIEW.bit)],
    ),
    "one role forbids, another allows": (
        here(EVERY, {MODERATORS: 0, HELPERS: 0}),
        [over(HELPERS, 0, SEND.bit), over(MODERATORS, SEND.bit)],
    ),
    "its roles allow, it is forbidden itself": (
        here(EVERY, {MODERATORS: 0}),
        [over(BOT, SEND.bit, member=True), over(MODERATORS, 0, SEND.bit)],
    ),
    "forbidden to all, allowed to itself": (here(), [over(GUILD, EVERY), over(BOT, 0, EVERY, member=True)]),
    "another's own": (here(), [over(BEN, EVERY, member=True)]),
    "may not send": (here(), [over(GUILD, SEND.bit)]),
    "an administrator": (here(0, {MODERATORS: ADMINISTRATOR}), [over(GUILD, EVERY), over(MODERATORS, EVERY)]),
    "an administrator by everybody's role": (here(ADMINISTRATOR), [over(BOT, EVERY, member=True)]),
    "administrator cannot be had in a channel": (here(0), [over(GUILD, 0, ADMINISTRATOR)]),
    "the owner": (here(0, owner=BOT), [over(GUILD, EVERY)]),
    "timed out": (here(until=TIMED_OUT), []),
    "timed out in the past": (here(until="2020-01-01T00:00:00+00:00"), []),
    "a timed out administrator": (here(ADMINISTRATOR, until=TIMED_OUT), []),
    "the overwrite of everybody stands last": (
        here(EVERY, {MODERATORS: 0}),
        [over(MODERATORS, 0, VIEW.bit), over(GUILD, VIEW.bit)],
    ),
}


@pytest.mark.parametrize("kind", sorted(ASKED_IN))
@pytest.mark.parametrize("case", CASES)
def test_it_is_reckoned_as_discord_py_does(case, kind):
    (guild, member), overwrites = CASES[case]
    room = channel(kind, overwrites)
    ours = allowed(standing(guild, member, NOW), overwrites)
    for permission in NEEDED:
        assert bool(ours & permission.bit) == bool(theirs(guild, member, room).value & permission.bit), permission.name


def test_it_is_reckoned_as_discord_py_does_whatever_the_overwrites():
    chance = random.Random(7)
    for _ in range(300):
        roles = {r: chance.getrandbits(40) & ~ADMINISTRATOR for r in (MODERATORS, HELPERS) if chance.random() < 0.7}
        guild, member = here(chance.getrandbits(40) & ~ADMINISTRATOR | VIEW.bit, roles)
        whose = [(GUILD, False), (MODERATORS, False), (HELPERS, False), (STRANGERS, False), (BOT, True), (BEN, True)]
        picked = chance.sample(whose, chance.randrange(len(whose)))
        overwrites = [over(w, chance.getrandbits(40), chance.getrandbits(40), member=m) for w, m in picked]
        ours = allowed(standing(guild, member, NOW), overwrites) & EVERY
        assert ours == theirs(guild, member, channel(TEXT, overwrites)).value & EVERY


# --- what is missing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", NEEDED, ids=lambda p: p.name)
def test_one_that_is_missing_is_named(lacking):
    guild, member = here(EVERY & ~lacking.bit)
    kind = TEXT if TEXT in lacking.kinds else FORUM
    found = missing(standing(guild, member, NOW), channel(kind, []))
    also = {VIEW: NEEDED[1:], SEND: (EMBEDS, FILES)}.get(lacking, ())
    assert found == tuple(p for p in NEEDED if (p == lacking or p in also) and kind in p.kinds)


@pytest.mark.parametrize(
    ("kind", "unneeded"),
    [
        (0, (TAGS,)),
        (5, (PRIVATE_THREADS, TAGS)),
        (FORUM, (PUBLIC_THREADS, PRIVATE_THREADS)),
        (2, (IN_THREADS, PUBLIC_THREADS, PRIVATE_THREADS, TAGS)),
    ],
)
def test_nothing_is_asked_for_where_it_cannot_be_used(kind, unneeded):
    guild, member = here(0)
    found = missing(standing(guild, member, NOW), channel(kind, []))
    assert found == tuple(p for p in NEEDED if p not in unneeded)


@pytest.mark.parametrize("odd", [None, "x", 5, [None, 3, {"id": []}, {"id": GUILD, "deny": None, "allow": {}}]])
def test_odd_overwrites_change_nothing(odd):
    guild, member = here()
    assert missing(standing(guild, member, NOW), channel(TEXT, []) | {"permission_overwrites": odd}) == ()


def test_a_standing_made_of_nothing_may_nothing():
    assert allowed(standing({}, {}, NOW), []) == 0
    odd = {"roles": 5, "communication_disabled_until": "soon"}
    assert allowed(standing({"id": GUILD, "roles": [None, {"id": GUILD, "permissions": "many"}]}, odd, NOW), []) == 0


def test_a_time_out_ends():
    guild, member = here(until=(NOW + timedelta(minutes=1)).isoformat())
    assert standing(guild, member, NOW).timed_out
    assert not standing(guild, member, NOW + timedelta(minutes=2)).timed_out


# --- the link -------------------------------------------------------------------------------------------------


def test_the_link_asks_for_what_is_needed_and_for_nothing_else():
    link = urlsplit(invite_link(BOT))
    asked = parse_qs(link.query)
    assert (link.scheme, link.netloc, link.path) == ("https", "discord.com", "/oauth2/authorize")
    assert asked == {"client_id": [BOT], "scope": ["bot applications.commands"], "permissions": [str(EVERY)]}
    given = {name for name, on in discord.Permissions(int(asked["permissions"][0])) if on}
    assert given == {
        *("view_channel", "read_messages", "send_messages", "send_messages_in_threads", "create_public_threads"),
        *("create_private_threads", "manage_threads", "embed_links", "attach_files", "read_message_history"),
    } & {name for name, _ in discord.Permissions.all()}


def test_no_two_permissions_are_the_same():
    assert all(a.bit & b.bit == 0 and a.name != b.name for a, b in itertools.combinations(NEEDED, 2))
    assert all(p.why and p.kinds for p in NEEDED)
    assert HISTORY in NEEDED
