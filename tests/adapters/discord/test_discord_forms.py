"""Forms as Discord shows them: five fields a window, every limit kept, and what was typed is found again."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from discord_rules import calls_nobody, message_is_good, modal_is_good
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.fields import clock, form_id, joined, kept_in, text_parts, with_kept
from adapters.discord.outbound_forms import completed, filled, modal, pages, panel
from bot.cards import Form
from bot.community import Channel, Role, Topic, Trust, VolunteerSettings
from bot.events import FormSubmitted, Member
from bot.policy import Mode
from bot.routing import Kind, Quiet
from bot.showing.community_sheets import channel_sheet, roles_sheet
from bot.showing.library_sheets import merge_sheet, phrase_sheet, resource_sheet
from bot.showing.member_sheets import (
    answer_sheet,
    ask_sheet,
    block_sheet,
    follow_sheet,
    hand_over_sheet,
    write_back_sheet,
)
from bot.showing.sheet import Field, Input, Sheet
from bot.showing.volunteer_sheets import volunteer_sheet
from bot.wording import say_in

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ANN = Member("discord", "9000", "7")
TOPICS = [Topic(f"topic-{n}", f"Topic {n}") for n in range(30)]
SETTINGS = VolunteerSettings(
    ANN.key, Kind.PARENT, frozenset({"topic-1", "topic-28"}), frozenset({"en"}), "Europe/Madrid", weekly_cap=3
)


def shown(sheet: Sheet, page: int | None = None) -> dict:
    answer = modal(sheet, page)
    assert answer["type"] == 9
    modal_is_good(answer["data"])
    return answer["data"]


def controls(sheet: Sheet, page: int | None = None) -> dict:
    return {c["component"]["custom_id"]: c["component"] for c in shown(sheet, page)["components"] if c["type"] == 18}


@pytest.mark.parametrize("language", ["en", "es"])
def test_discord_takes_every_form_in_each_language(language):
    say = say_in(language)
    made = [
        answer_sheet("q1", "How? @everyone", say),
        ask_sheet("how?", "discord:9000:100", [("discord:9000:100", "#help")], say),
        ask_sheet("", "", [], say),
        write_back_sheet("q1", say),
        hand_over_sheet("q1", say),
        channel_sheet(Channel("discord:9000:100", "help", Mode.HINT), say),
        channel_sheet(Channel("discord:9000:100", "help", Mode.HINT), say, replies=True),
        roles_sheet("discord:9000", [Trust(f"discord:9000:{n}", Role.MODERATOR, "x") for n in range(30)], say),
        phrase_sheet("w1", "How? " * 60, [("r1", "One"), ("r2", "Two " * 75)], say),
        phrase_sheet("w1", "How?", [("r1", "Long " * 60)], say),
        merge_sheet("d1", "Bag", [("r1", "One"), ("r2", "Two")], say),
        follow_sheet(TOPICS, ["topic-1"], language, say),
        follow_sheet([], [], language, say),
        block_sheet([], say),
        block_sheet(["Ben"], say),
        resource_sheet(Form.SAVE_RESOURCE, "discord:9000:100:500", {"text": "x"}, TOPICS[:3], language, say),
        resource_sheet(Form.EDIT_DRAFT, "d1", {"text": "word " * 4_000}, TOPICS, language, say),
        volunteer_sheet(SETTINGS, TOPICS, language, say, clinician=True),
    ]
    for sheet in made:
        for n in range(len(pages(sheet))):
            shown(sheet, n)
        whole = panel(sheet)
        message_is_good(whole.content, whole.embeds, whole.components)


def test_a_form_says_what_it_is_about_and_what_stands_in_it():
    sheet = channel_sheet(Channel("discord:9000:100", "help", Mode.HINT), say_in("en"))
    made = shown(sheet)
    assert (made["custom_id"], made["title"]) == ("1|channel|discord:9000:100", "This channel")
    assert made["components"][0] == {"type": 10, "content": "Channel: #help"}
    assert {o["value"] for o in controls(sheet)["mode"]["options"] if o.get("default")} == {"hint"}
    assert controls(sheet)["mode"]["type"] == 21


def test_each_input_is_of_its_kind():
    fields = (
        Field("a", Input.LINE, "A", "one", limit=10),
        Field("b", Input.TIME, "B", "22:00", optional=True),
        Field("c", Input.MEMBER, "C", "discord:9000:8"),
        Field("d", Input.ONE_OF, "D", "x", options=(("x", "X"),)),
        Field("e", Input.SOME_OF, "E", "x,z", options=(("x", "X"), ("y", "Y"), ("z", "Z")), optional=True),
    )
    made = controls(Sheet(Form.ASK, "", "Ask", "Ask", fields))
    assert {name: c["type"] for name, c in made.items()} == {"a": 4, "b": 4, "c": 5, "d": 3, "e": 22}
    assert (made["a"]["value"], made["a"]["max_length"], made["a"]["required"]) == ("one", 10, True)
    assert (made["b"]["value"], made["b"]["required"]) == ("22:00", False)
    assert made["c"]["default_values"] == [{"id": "8", "type": "user"}]
    assert [o.get("default", False) for o in made["e"]["options"]] == [True, False, True]


def test_what_nobody_types_stands_behind_the_names():
    given = {"author": "discord:9000:8", "language": "es", "text": "x"}
    sheet = resource_sheet(Form.SAVE_RESOURCE, "discord:9000:100:500", given, TOPICS[:3], "en", say_in("en"))
    names = list(controls(sheet))
    assert names[:2] == ["title?author=discord:9000:8", "text?language=es"]
    assert kept_in(names[0]) == ("title", {"author": "discord:9000:8"})
    assert kept_in("topics+2") == ("topics+2", {})
    assert kept_in("<script>") == ("", {})
    assert with_kept("title", "author", "x" * 200) == "title", "what does not fit is left out, and not cut"


def test_an_introduction_without_room_is_a_hint():
    sheet = resource_sheet(Form.SAVE_RESOURCE, "", {"text": "x"}, TOPICS[:3], "en", say_in("en"))
    assert shown(sheet)["components"][0]["description"].startswith("Names, phone numbers and addresses are taken out.")


def test_a_label_that_is_too_long_is_whole_below():
    words = "What should the next family read about it, word for word?"
    [field] = shown(Sheet(Form.ASK, "", "Ask", "Ask", (Field("text", Input.LINES, words),)))["components"]
    assert (field["label"], field["description"]) == ("What should the next family read about it, …", words)


def test_a_long_sheet_comes_in_pages():
    sheet = volunteer_sheet(SETTINGS, TOPICS, "en", say_in("en"), clinician=False)
    groups = [[control.name for control in group] for group in pages(sheet)]
    assert groups == [
        ["kind", "topics", "topics+2", "languages", "weekly_cap"],
        ["time_zone", "quiet_days", "quiet_from", "quiet_to", "quiet"],
        ["paused", "away", "learns", "thanks"],
    ]
    assert shown(sheet, 1)["custom_id"] == f"1|volunteer:1|{ANN.key}"
    assert [b["custom_id"] for row in panel(sheet).components for b in row["components"]] == [
        f"1|page:volunteer:{n}|{ANN.key}" for n in range(3)
    ]
    assert "Topics: Topic 1, Topic 28" in panel(sheet).content


def test_a_page_that_is_sent_leaves_the_others_as_they_are():
    quiet = tuple(Quiet(day, time(22), time(7)) for day in (0, 1))
    sheet = volunteer_sheet(replace(SETTINGS, quiet=quiet), TOPICS, "en", say_in("en"), clinician=False)
    typed = {"topics": "topic-2", "weekly_cap": "5"}
    whole = completed(sheet, FormSubmitted("1", Form.VOLUNTEER, ANN.key, typed, ANN, NOW))
    assert whole.values == {
        "kind": "parent",
        "topics": "topic-2,topic-28",
        "languages": "en",
        "weekly_cap": "5",
        "time_zone": "Europe/Madrid",
        "quiet": "mon 22:00-07:00;tue 22:00-07:00",
        "paused": "",
        "away": "",
        "learns": "",
        "thanks": "yes",
    }


def test_more_choices_than_a_list_takes_are_several_lists():
    made = controls(follow_sheet(TOPICS, [], "en", say_in("en")))
    assert [(name, len(c["options"])) for name, c in made.items()] == [("topic", 25), ("topic+2", 5), ("on", 2)]
    options = tuple((f"v{n}", f"V{n}") for n in range(40))
    chosen = Field("channel", Input.ONE_OF, "Channel", "v33", options=options)
    listed = controls(Sheet(Form.ASK, "", "Ask", "Ask", (chosen,)))["channel"]["options"]
    assert (len(listed), listed[0]) == (25, {"label": "V33", "value": "v33", "default": True})


def test_a_long_text_is_put_together_again():
    text = "\n".join(f"line {n} " + "x" * 50 for n in range(300))
    parts = text_parts(text)
    assert all(len(part) <= 4_000 for part in parts)
    typed = {f"text~{n + 1}" if n else "text": part for n, part in enumerate(parts)}
    assert joined(dict(reversed(typed.items()))) == {"text": text}
    assert joined({"topics": "a", "topics+2": "b,c", "topics+3": ""}) == {"topics": "a,b,c"}


def test_what_was_typed_stands_there_again():
    sheet = filled(write_back_sheet("q1", say_in("en")), {"text": "almost"})
    assert controls(sheet)["text"]["value"] == "almost"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("7", "07:00"), ("7h", "07:00"), ("7.30", "07:30"), ("22:00", "22:00"), ("22h30", "22:30"), ("noon", "noon")],
)
def test_times_are_read_as_people_write_them(typed, read):
    assert clock(typed) == read


def test_an_id_names_the_page():
    assert form_id(Form.ASK, "") == "1|ask|"
    assert form_id(Form.VOLUNTEER, "m", 2) == "1|volunteer:2|m"


TEXTS = st.text(max_size=60) | st.text("<>@#[]()*\n\u202e🫂 ", max_size=110)
VALUES = st.text("abc🫂", max_size=60) | st.just("v" * 101)
OPTIONS = st.builds(  # few of them drawn, and said again: drawing each would be most of the test
    lambda some, n: tuple((some * 30)[:n]), st.lists(st.tuples(VALUES, TEXTS), max_size=3), st.integers(0, 30)
)
FIELDS = st.builds(
    Field,
    st.text("abcdefgh_", min_size=1, max_size=12),
    st.sampled_from(Input),
    TEXTS,
    TEXTS | VALUES | st.just("word " * 850),
    TEXTS,
    OPTIONS,
    st.booleans(),
    st.integers(0, 20_000),
)
SHEETS = st.builds(
    Sheet,
    st.sampled_from(Form),
    TEXTS,
    TEXTS,
    st.just("Send"),
    st.lists(FIELDS, min_size=1, max_size=6, unique_by=lambda f: f.name).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(st.tuples(st.sampled_from(["author", "language"]), VALUES), max_size=2).map(tuple),
)


@given(SHEETS)
def test_discord_takes_any_form_and_no_word_of_it_calls_anybody(sheet):
    for n in range(len(pages(sheet))):
        for part in shown(sheet, n)["components"]:
            for text in (part.get("content", ""), part.get("label", ""), part.get("description", "")):
                calls_nobody(text)
    whole = panel(sheet)
    message_is_good(whole.content, whole.embeds, whole.components)


def test_a_button_of_a_long_form_names_whole_fields():
    labels = [f"Field number {n} of the whole form" for n in range(7)]
    sheet = Sheet(Form.VOLUNTEER, "", "Volunteering", "Save", tuple(Field(one, Input.LINE, one) for one in labels))
    names = [b["label"] for row in panel(sheet).components for b in row["components"]]
    assert names == [
        " · ".join((*labels[:2], "…")),
        " · ".join(labels[5:]),
    ]
