"""Presses, forms, menus and commands: what they ask for, and that nothing forged gets through."""

import re
from datetime import UTC, datetime

import pytest
from discord_town import ANN, ANYTHING, BEN, BOT, DM, FORUM, GUILD, HELP, POST, THREAD, damaged, town
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.buttons import custom_id, stand_in
from adapters.discord.commands import ASK, SAVE, WHY, as_called, commands, fingerprint
from adapters.discord.inbound_interactions import interaction, with_resource
from adapters.discord.wanted import OpenPage
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted, Member, Place
from bot.surfaces.wanted import Explain, OpenSheet, Ordered, ReadResource

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ME = Member("discord", GUILD, ANN)


def body(kind: int, data: dict, **given) -> dict:
    """As Discord sends it (discord.types.interactions)."""
    return {
        "id": "700",
        "application_id": "2",
        "type": kind,
        "token": "t",
        "version": 1,
        "guild_id": GUILD,
        "channel_id": HELP,
        "channel": {"id": HELP, "type": 0, "name": "help"},
        "member": {"user": {"id": ANN, "username": "ann"}, "permissions": "1024", "roles": []},
        "locale": "es-ES",
        "data": data,
        **given,
    }


def in_private(kind: int, data: dict) -> dict:
    private = body(kind, data, channel_id=DM, channel={"id": DM, "type": 1}, user={"id": ANN})
    return {key: value for key, value in private.items() if key not in ("guild_id", "member")}


def press(its_id: object, **more):
    shown = {"id": "501", "flags": 0}
    return interaction(body(3, {"custom_id": its_id, "component_type": 2}, **{"message": shown, **more}), NOW, town())


def submit(its_id: str, *components: dict):
    rows = [{"type": 18, "id": n, "component": one} for n, one in enumerate(components)]
    return interaction(body(5, {"custom_id": its_id, "components": rows}), NOW, town())


def command(name: str, *options: dict, private: bool = False):
    data = {"id": "1", "type": 1, "name": name, "options": list(options)}
    return interaction(in_private(2, data) if private else body(2, data), NOW, town())


def winwin(part: str, private: bool = False, **typed: str):
    options = [{"type": 3, "name": k, "value": v} for k, v in typed.items()]
    return command("winwin", {"type": 1, "name": part, "options": options}, private=private)


def menu(name: str, author: str = BEN, **more):
    message = {
        "id": "502",
        "channel_id": HELP,
        "content": f"Ask <@{BOT}> the clinic",
        "author": {"id": author, "bot": author == BOT},
        "type": 0,
    }
    data = {"type": 3, "name": name, "target_id": "502", "resolved": {"messages": {"502": {**message, **more}}}}
    return interaction(body(2, data), NOW, town())


# --- who and where ----------------------------------------------------------------------------------------------


def test_it_is_known_who_and_where():
    whence = press("1|helped|q1").whence
    assert (whence.member, whence.guild, whence.channel, whence.thread) == (ME, GUILD, HELP, "")
    assert (whence.channel_name, whence.locale, whence.permissions) == ("help", "es-ES", 1024)
    assert (whence.interaction, whence.token, whence.message, whence.alone) == ("700", "t", "501", False)
    assert press("1|helped|q1", message={"id": "501", "flags": 64}).whence.alone is True


def test_a_thread_belongs_to_its_channel_also_where_only_the_press_says_so():
    known = press("1|helped|q1", channel_id=POST).whence
    assert (known.channel, known.thread, known.channel_name) == (FORUM, POST, "questions")
    new = press("1|helped|q1", channel_id="999", channel={"id": "999", "type": 11, "parent_id": HELP}).whence
    assert (new.channel, new.thread, new.channel_name) == (HELP, "999", "help")


def test_in_private_somebody_is_known_through_a_server():
    whence = interaction(in_private(3, {"custom_id": "1|helped|q1"}), NOW, town()).whence
    assert (whence.member, whence.guild, whence.channel) == (ME, "", DM)
    stranger = {**in_private(3, {"custom_id": "1|helped|q1"}), "user": {"id": "99"}}
    assert interaction(stranger, NOW, town()) is None


# --- buttons ----------------------------------------------------------------------------------------------------


def test_a_press_is_a_fact_with_what_it_is_about():
    assert press("1|helped|q1").facts == (ButtonPressed("501:700", Action.HELPED, "q1", ME, NOW),)
    assert press("1|set_mode|discord:9:1|hint").facts[0].subject == "discord:9:1|hint"


@pytest.mark.parametrize(
    "its_id",
    [
        None,
        "",
        7,
        "helped",
        "2|helped|q1",
        "1|destroy|q1",
        "1|helped|",
        "1|helped|" + "x" * 99,
        "1|sheet:no|q",
        "1|page:volunteer|m",
        "1|page:volunteer:x|m",
        "1|page:no:1|m",
        "1|page:volunteer:999|m",
    ],
)
def test_a_forged_id_is_nothing(its_id):
    assert press(its_id) is None


def test_some_presses_open_something():
    assert press("1|answer|q1").opens == OpenSheet(Form.ANSWER, "q1")
    assert press("1|merge|d1").opens == OpenSheet(Form.MERGE_DRAFT, "d1")
    assert press("1|reword|w1").opens == OpenSheet(Form.ADD_PHRASE, "w1")
    assert press("1|sheet:edit_draft|d1").opens == OpenSheet(Form.EDIT_DRAFT, "d1")
    assert press("1|page:volunteer:2|m").opens == OpenPage(OpenSheet(Form.VOLUNTEER, "m"), 2)
    read = press("1|open_resource|q1/r1")
    assert (read.opens, read.facts[0].subject) == (ReadResource("q1", "r1"), "q1/r1")


def test_a_shortened_resource_can_be_put_in_again():
    long = "r" * 120
    read = press(custom_id(Action.OPEN_RESOURCE, f"q1/{long}"))
    assert read.opens == ReadResource("q1", stand_in(long))
    whole = with_resource(read, "q1", long)
    assert (whole.opens, whole.facts[0].subject) == (ReadResource("q1", long), f"q1/{long}")


# --- forms ------------------------------------------------------------------------------------------------------


def test_a_form_is_a_fact_with_what_was_typed():
    found = submit(
        "1|save_resource|discord:9000:100:502",
        {"type": 4, "custom_id": f"title?author=discord:{GUILD}:{BEN}", "value": "T"},
        {"type": 4, "custom_id": "text~2", "value": "two\r\nthree"},
        {"type": 4, "custom_id": "text", "value": "one"},
        {"type": 3, "custom_id": "topics", "values": ["a", "b"]},
        {"type": 22, "custom_id": "medical", "values": []},
    )
    values = {
        "author": f"discord:{GUILD}:{BEN}",
        "title": "T",
        "text": "one\ntwo\nthree",
        "topics": "a,b",
        "medical": "",
    }
    assert found.facts == (FormSubmitted("700", Form.SAVE_RESOURCE, "discord:9000:100:502", values, ME, NOW),)
    assert found.page is None


def test_what_was_chosen_is_read_whatever_it_was_chosen_with():
    assert submit("1|hand_over|q1", {"type": 5, "custom_id": "to", "values": [BEN]}).facts[0].values == {
        "to": f"discord:{GUILD}:{BEN}"
    }
    assert submit("1|hand_over|q1", {"type": 5, "custom_id": "to", "values": []}).facts[0].values == {"to": ""}
    radio = {"type": 21, "custom_id": "how", "value": "anonymous"}
    assert submit("1|ask|", radio, {"type": 21, "custom_id": "channel", "value": None}).facts[0].values == {
        "how": "anonymous",
        "channel": "",
    }
    old = [{"type": 1, "components": [{"type": 4, "custom_id": "text", "value": "how?"}]}]
    found = interaction(body(5, {"custom_id": "1|ask|", "components": old}), NOW, town())
    assert found.facts[0].values == {"text": "how?"}


def test_quiet_hours_become_one_line_when_the_form_is_whole():
    typed = [
        {"type": 22, "custom_id": "quiet_days", "values": ["mon"]},
        {"type": 4, "custom_id": "quiet_from", "value": "22"},
        {"type": 4, "custom_id": "quiet_to", "value": "7h"},
    ]
    assert submit("1|volunteer|m", *typed).facts[0].values == {"quiet": "mon 22:00-07:00"}
    page = submit("1|volunteer:1|m", *typed)
    assert (page.page, page.facts[0].values["quiet_days"]) == (1, "mon")


@pytest.mark.parametrize("its_id", ["1|destroy|q", "2|ask|", "ask", "", "1|ask:x|", "1|ask|" + "x" * 99])
def test_a_forged_form_is_nothing(its_id):
    assert submit(its_id, {"type": 4, "custom_id": "text", "value": "x"}) is None


def test_a_field_of_another_make_is_passed_over():
    assert submit("1|ask|", {"type": 4, "custom_id": "<b>", "value": "x"}).facts[0].values == {}


# --- menus and commands -----------------------------------------------------------------------------------------


def test_a_message_can_be_saved_with_its_words_and_its_author():
    given = {"text": "Ask the clinic", "author": f"discord:{GUILD}:{BEN}", "thread_key": "discord:9000:100:501"}
    reference = {"message_reference": {"message_id": "501", "channel_id": HELP}}
    found = menu(SAVE, **reference)
    assert found.opens == OpenSheet(Form.SAVE_RESOURCE, "discord:9000:100:502", given)
    assert menu(SAVE, author=BOT).opens.given == {}


def test_other_menus():
    assert menu(WHY).opens == Explain(Place("discord", GUILD, HELP, "502", "502"))
    assert menu(ASK, author=ANN).opens.given == {"text": "Ask the clinic"}
    assert menu(ASK).opens.given == {}, "somebody else's words are not theirs to ask"
    assert menu("unknown") is None


def test_commands_open_what_they_name():
    typed = {"type": 3, "name": "question", "value": "how?"}
    asked = {"text": "how?", "channel": f"discord:{GUILD}:{HELP}", "channel_name": "help"}
    assert command("ask", typed).opens == OpenSheet(Form.ASK, "", asked)
    assert command("ask", private=True).opens == OpenSheet(Form.ASK, "", {"text": ""})
    about = {"type": 3, "name": "about", "value": "school"}
    assert command("resources", about).opens == Ordered("resources", "school")
    assert command("volunteer").opens == OpenSheet(Form.VOLUNTEER, ME.key)
    assert command("follow").opens == OpenSheet(Form.FOLLOW, "")
    topic = {"type": 3, "name": "topic", "value": "School"}
    assert command("follow", topic).facts[0].values == {"topic": "school", "on": "yes"}
    assert command("nothing") is None


def test_winwin_commands():
    assert winwin("opt-out").facts == (ButtonPressed("700", Action.OPT_OUT, ME.key, ME, NOW),)
    assert winwin("opt-in").facts[0].action == Action.OPT_IN
    assert winwin("link", code="AB-12").facts[0].values == {"code": "AB-12"}
    assert winwin("link").facts[0].values == {"code": ""}
    assert winwin("unlink").facts[0].form == Form.UNLINK
    assert winwin("block").opens == OpenSheet(Form.BLOCK, "")
    assert winwin("appoint").opens == OpenSheet(Form.APPOINT, "")
    assert winwin("unmask").opens == OpenSheet(Form.UNMASK, "")
    link = f"https://discord.com/channels/{GUILD}/{HELP}/502"
    given = {"thread_key": f"discord:{GUILD}:{HELP}:502"}
    assert winwin("unmask", link=link).opens == OpenSheet(Form.UNMASK, "", given)
    assert winwin("country").opens == OpenSheet(Form.COUNTRY, "")
    assert winwin("country", name="España").facts[0].values == {"country": "España"}
    assert winwin("channel").opens == OpenSheet(Form.CHANNEL, f"discord:{GUILD}:{HELP}")
    assert winwin("channel", private=True).opens == Ordered("help")
    assert winwin("roles").opens == OpenSheet(Form.ROLES, f"discord:{GUILD}")
    assert winwin("roles", private=True).opens == Ordered("help")
    assert [winwin(o).opens for o in ("home", "my-data", "forget-me", "sing")] == [
        Ordered("home"),
        Ordered("my-data"),
        Ordered("forget-me"),
        Ordered("help"),
    ]
    assert command("winwin").opens == Ordered("help")


def test_why_takes_a_link():
    start = "https://discord.com/channels"
    there = winwin("why", link=f"{start}/{GUILD}/{THREAD}/502")
    assert there.opens == Explain(Place("discord", GUILD, HELP, "502", THREAD))
    alone = winwin("why", private=True, link=f"{start}/@me/{DM}/802")
    assert alone.opens == Explain(Place("discord", GUILD, DM, "802", "802"))
    assert winwin("why", link=f"{start}/1234/{HELP}/502").opens == Explain(None), "another server's"
    assert winwin("why", link="is that").opens == Explain(None)


def test_discord_takes_every_command():
    """The rules of discord.types.command, and of Discord's documentation for names and lengths."""
    made = commands()
    named = [*made, *(o for c in made for o in c.get("options", ()))]
    named += [o for option in named for o in option.get("options", ())]
    for one in named:
        names = [one["name"], *one.get("name_localizations", {}).values()]
        menu_entry = one.get("type") == 3 and "options" not in one and "required" not in one
        assert all(len(n) <= 32 for n in names)
        assert menu_entry or all(re.fullmatch(r"[-_\w]{1,32}", n) and n == n.lower() for n in names)
        lines = [one.get("description", "x"), *one.get("description_localizations", {}).values()]
        assert all(0 < len(line) <= 100 for line in lines)
    assert len({(c["type"], c["name"]) for c in made}) == len(made)
    assert {c["name"] for c in made if c["type"] == 3} == {SAVE, WHY, ASK}


def test_commands_that_are_registered_are_understood():
    for one in commands():
        if one["type"] == 1:
            assert command(one["name"]) is not None, one["name"]
        else:
            assert menu(one["name"]) is not None, one["name"]
    [parts] = [c["options"] for c in commands() if c["name"] == "winwin"]
    assert [p["name"] for p in parts if p["name"] != "help" and winwin(p["name"]).opens == Ordered("help")] == []


def test_commands_are_registered_anew_only_when_they_change():
    made = commands()
    assert fingerprint(made) == fingerprint(commands())
    assert fingerprint(made) != fingerprint(made[1:])


def test_commands_are_called_what_the_reader_sees():
    assert as_called("/ask: preguntar, /winwin why", "es-419") == "/preguntar: preguntar, /winwin why"
    assert as_called("/ask: ask, /asks", "en-US") == "/ask: ask, /asks"


# --- bad shapes -------------------------------------------------------------------------------------------------

BODIES = [
    body(3, {"custom_id": "1|open_resource|q1/r1"}, message={"id": "501", "flags": 64}),
    body(
        5,
        {
            "custom_id": "1|ask|",
            "components": [{"type": 18, "component": {"type": 5, "custom_id": "to", "values": [BEN]}}],
        },
    ),
    body(2, {"type": 1, "name": "winwin", "options": [{"name": "why", "options": [{"name": "link", "value": "x"}]}]}),
    body(2, {"type": 3, "name": SAVE, "target_id": "502", "resolved": {"messages": {"502": {"author": {"id": BEN}}}}}),
    in_private(2, {"type": 1, "name": "ask", "options": [{"name": "question", "value": "how?"}]}),
]


@given(damaged(BODIES) | ANYTHING | st.builds(body, st.integers(1, 5), st.dictionaries(st.text(max_size=9), ANYTHING)))
def test_no_damaged_interaction_breaks(payload):
    interaction(payload, NOW, town())
