"""Ids, limits and words of Discord's: what goes in reads as people see it, what comes out is nothing but words."""

import re
from datetime import UTC, datetime

import pytest
from discord_rules import calls_nobody
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import limits
from adapters.discord.identity import channel_key, id_of, made_at, member_of, part, parts, place_of, word
from adapters.discord.limits import cut, fitting, size
from adapters.discord.markup import escaped, flat, linked, mentions, plain, quiet
from adapters.discord.town import Kind, Site, site_of, sites_in
from bot.events import Member, Place

G, C, T, M = "9000", "100", "300", "500"
SIGNS = st.text("<>@#:&!*_~`|[]()\\\n 1-+.\u202e🫂ahttpseveryone/", max_size=80)


class Nowhere:
    """A town in which nothing is known yet."""

    bot = "1"

    def site(self, channel):
        return None

    def home(self, user):
        return ""


@pytest.mark.parametrize(
    ("value", "read"),
    [("12", "12"), (12, "12"), ("", ""), (None, ""), (True, ""), (-1, ""), ("1x", ""), ("٣", ""), ("1" * 21, "")],
)
def test_an_id_is_a_number_and_nothing_else(value, read):
    assert id_of(value) == read


def test_an_id_says_when_it_was_made():
    assert made_at("175928847299117063") == datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)
    assert made_at("soon") is None


def test_people_and_places_belong_to_a_server():
    assert member_of("7", G) == Member("discord", G, "7")
    assert place_of(G, C, M) == Place("discord", G, C, M, M)
    assert place_of(G, C, M, T).thread_key == "discord:9000:100:300"
    assert channel_key(G, C) == "discord:9000:100"


def test_what_is_of_another_kind_is_as_good_as_missing():
    assert (word(7), part([]), parts({}), parts([1, {"a": 1}])) == ("", {}, [], [{"a": 1}])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@7> said <@!8> left", "@ann said @somebody left"),
        ("<@1>  how <@!1> now?", "how now?"),
        ("<@&4> look at <#100> and <#5>", "@role look at #school and #channel"),
        ("nice <:party:12> <a:dance:13>", "nice :party: :dance:"),
        ("at <t:1700000000:R> or <t:soon>", "at 2023-11-14 22:13 UTC or"),
        ("try </ask:99> and <id:browse>", "try /ask and"),
        ("a < b > c <3 **bold**", "a < b > c <3 **bold**"),
        ("\x00 tab\there", "tab\there"),
    ],
)
def test_markup_reads_as_people_see_it(written, read):
    assert plain(written, "1", {"7": "ann", "100": "school"}) == read


def test_only_the_bot_is_the_bot():
    assert mentions("hi <@1>", "1")
    assert mentions("hi <@!1>", "1")
    assert not mentions("hi <@11>", "1")
    assert not mentions("hi <@1>", "")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("@everyone @HERE", "@\u2060everyone @\u2060HERE"),
        ("<@7> <#100> <@&4> </ask:1>", "<\u2060@7> <\u2060#100> <\u2060@&4> <\u2060/ask:1>"),
        ("**b** _i_ ~~s~~ `c` ||x||", r"\*\*b\*\* \_i\_ \~\~s\~\~ \`c\` \|\|x\|\|"),
        ("# big\n> said\n- one\n1. two", "\\# big\n\\> said\n\\- one\n1\\. two"),
        ("[your bank](https://evil.example)", r"\[your bank\](<https://evil.example>)"),
        ("see https://a.example/b_c?d=1.", "see <https://a.example/b_c?d=1>."),
        ("https://a.example/@everyone", "<https://a.example/%40everyone>"),
        ("http://(x", "http\u2060://(x"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_words_stay_words(words, shown):
    assert escaped(words) == shown


def test_links_are_of_the_web_and_show_no_preview():
    assert linked("https://a.example/?x=<1>", "a|b [c]") == r"[a\|b \[c\]](<https://a.example/?x=%3C1%3E>)"
    assert linked("https://a.example", "see https://b.example") == "[see …](<https://a.example>)"
    assert linked("https://a.example", " ") == "<https://a.example>"


@given(SIGNS | st.text())
def test_any_words_call_nobody(text):
    for shown in (escaped(text), flat(text), quiet(text), linked("https://a.example", text)):
        calls_nobody(shown)
    assert "\n" not in flat(text)


@given(SIGNS)
def test_no_other_words_stand_for_an_address(text):
    assert not re.search(r"(?<!\\)\]\(", escaped(text))


@given(st.text(max_size=60) | st.text("🫂a ", max_size=60), st.integers(3, 40))
def test_what_is_cut_fits(text, limit):
    assert size(cut(text, limit)) <= limit
    assert size(text[: fitting(text, limit)]) <= limit
    assert size(text) > limit or cut(text, limit) == text


def test_channels_are_what_discord_says_of_them():
    assert site_of({"id": C, "type": 0, "name": " the  school"}, G) == Site(C, G, Kind.TEXT, "", "the school")
    assert site_of({"id": C, "type": 15, "guild_id": G}, "") == Site(C, G, Kind.FORUM)
    assert site_of({"id": C, "type": 4, "guild_id": G}, "").kind is Kind.OTHER
    assert site_of({"id": C, "type": 1}, "") == Site(C, "", Kind.DIRECT)
    assert site_of({"id": T, "type": 11, "guild_id": G, "parent_id": C}, "") == Site(T, G, Kind.THREAD, C)
    for wrong in ({}, {"id": C}, {"id": C, "type": True}, {"id": "x", "type": 0}, {"id": T, "type": 11}):
        assert site_of(wrong, G) is None


def test_a_server_is_read_with_the_posts_of_its_forums():
    channels = [{"id": C, "type": 0}, {"id": "200", "type": 15}, 7]
    threads = [{"id": T, "type": 11, "parent_id": C}, {"id": "400", "type": 11, "parent_id": "200"}]
    found = sites_in("GUILD_CREATE", {"id": G, "channels": channels, "threads": threads}, Nowhere())
    assert [(s.id, s.kind, s.channel) for s in found] == [
        (C, Kind.TEXT, C),
        ("200", Kind.FORUM, "200"),
        (T, Kind.THREAD, C),
        ("400", Kind.POST, "200"),
    ]
    assert sites_in("MESSAGE_CREATE", {"id": C, "type": 0}, Nowhere()) == ()
    assert limits.THREAD_NAME == 100
