"""The sample community is complete, consistent, and free of what the bot must never say."""

import json
import re
from collections import Counter
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

SAMPLES = Path(__file__).parents[2] / "samples"
ROLES = {"parent", "teen", "volunteer", "clinician", "moderator", "organiser", "owner"}
MODES = {"off", "mention", "hint", "thread"}
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
AUDIENCES = {"parents", "teens", "siblings", "grandparents", "young-adults"}
RESOURCE_FIELDS = {
    "id", "title", "text", "url", "topics", "audience", "language", "medical", "source", "reviewed_by",
    "reviewed_at", "asked_as",
}  # fmt: skip
CLINICIANS = ("nurse", "dietitian", "gastroenterologist", "psychologist")

AMOUNT = r"(?:\d+(?:[.,/]\d+)?|half|one|two|three|four|five|six|un[ao]?|dos|tres|cuatro|media)"
UNIT = (
    r"(?:mg|mcg|µg|μg|g|grams?|milligrams?|micrograms?|ml|cc|millilit(?:er|re)s?|iu|units?|doses?|tablets?|pills?"
    r"|capsules?|drops?|puffs?|teaspoons?|tablespoons?|scoops?|miligramos?|gramos?|mililitros?|unidades|dosis"
    r"|pastillas?|comprimidos?|cápsulas?|gotas?|cucharad(?:it)?as?)"
)
DOSING = re.compile(
    rf"\b{AMOUNT}\s*-?\s*{UNIT}\b"
    r"|\b(?:once|twice|\w+ times|\w+ veces|una vez)\s+(?:a|per|al|por)\s+(?:day|week|día|dia|semana)\b"
    r"|\b\w+/(?:kg|day|día)\b|\b(?:double|halve)\s+(?:the|your|his|her|their)\b",
    re.IGNORECASE,
)
CURE = re.compile(r"\b(?:in)?cur(?:e[sd]?|ing|able|as?|ar|an|ación)\b", re.IGNORECASE)
CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\d{3}[\s.-]\d{3,4}[\s.-]?\d{0,4}")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


def listed(name: str) -> list[dict[str, Any]]:
    content = yaml.safe_load((SAMPLES / name).read_text(encoding="utf-8"))
    assert isinstance(content, list)
    return content


RESOURCES = rows("resources.jsonl")
CONVERSATION = rows("conversation.jsonl")
EXPECTED = rows("expected.jsonl")
TOPICS = {topic["id"] for topic in listed("topics.yaml")}
PEOPLE = {person["id"]: person for person in listed("people.yaml")}
CHANNELS = {channel["id"]: channel for channel in listed("channels.yaml")}
ASKABLE = [person for person in PEOPLE.values() if person["role"] in {"volunteer", "clinician"}]


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def repeated(values: list[str]) -> list[str]:
    return [value for value, number in Counter(values).items() if number > 1]


@pytest.fixture(params=RESOURCES, ids=lambda resource: resource["id"])
def resource(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture(params=PEOPLE.values(), ids=lambda person: person["id"])
def person(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture(params=ASKABLE, ids=lambda person: person["id"])
def volunteer(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


def test_there_is_enough_of_everything():
    assert len(RESOURCES) >= 60
    assert sum(resource["language"] == "es" for resource in RESOURCES) >= 8
    assert 60 <= len(CONVERSATION) <= 90
    assert len(EXPECTED) >= 60
    assert sum(not row["relevant"] for row in EXPECTED) >= 12
    assert len(CHANNELS) == 4
    assert len(PEOPLE) >= 12


@pytest.mark.parametrize(
    ("name", "field"),
    [("resources.jsonl", "id"), ("conversation.jsonl", "key"), ("expected.jsonl", "id")],
)
def test_ids_in_jsonl_are_unique(name: str, field: str):
    assert repeated([row[field] for row in rows(name)]) == []


@pytest.mark.parametrize("name", ["topics.yaml", "people.yaml", "channels.yaml"])
def test_ids_in_yaml_are_unique_slugs(name: str):
    ids = [entry["id"] for entry in listed(name)]
    assert repeated(ids) == []
    assert [bad for bad in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", bad)] == []


def test_no_two_resources_have_the_same_title_or_way_of_asking():
    assert repeated([plain(resource["title"]) for resource in RESOURCES]) == []
    assert repeated([plain(asked) for resource in RESOURCES for asked in resource["asked_as"]]) == []


def test_resource_has_the_agreed_shape(resource: dict[str, Any]):
    assert set(resource) == RESOURCE_FIELDS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", resource["id"])
    assert isinstance(resource["medical"], bool)
    assert resource["language"] in {"en", "es"}
    assert resource["title"].strip()
    assert 90 <= len(resource["text"].split()) <= 180
    assert 2 <= len(resource["asked_as"]) <= 4
    assert resource["topics"]
    assert resource["audience"]
    assert set(resource["audience"]) <= AUDIENCES
    assert resource["url"] == "" or resource["url"].startswith("https://example.org/")


def test_resource_uses_known_topics_once(resource: dict[str, Any]):
    assert set(resource["topics"]) <= TOPICS
    assert repeated(resource["topics"]) == []


def test_resource_says_that_it_is_a_sample_and_by_whom_it_should_be_reviewed(resource: dict[str, Any]):
    assert resource["source"] == "winwin sample"
    assert re.fullmatch(r"Sample reviewer \([a-z ]+\)", resource["reviewed_by"])
    assert date.fromisoformat(resource["reviewed_at"])
    if resource["medical"]:
        assert any(clinician in resource["reviewed_by"] for clinician in CLINICIANS)


def test_resource_names_no_amounts_of_medicine_and_promises_no_cure(resource: dict[str, Any]):
    words = " ".join([resource["title"], resource["text"], *resource["asked_as"]])
    assert DOSING.findall(words) == []
    assert CURE.findall(words) == []
    assert CONTACT.findall(words) == []


@pytest.mark.parametrize(
    "text",
    [
        "take 40 mg at night",
        "5ml of it",
        "two tablets",
        "dos pastillas",
        "give it twice a day",
        "tres veces al día",
        "1.5 mg/kg",
        "double the amount",
        "half a tablet is 2,5 mg",
    ],
)
def test_the_dosing_pattern_catches(text: str):
    assert DOSING.search(text)


@pytest.mark.parametrize("text", ["a cure", "it cured him", "no hay cura", "incurable", "curing"])
def test_the_cure_pattern_catches(text: str):
    assert CURE.search(text)


@pytest.mark.parametrize("text", ["airport security", "secure lid", "an obscure rule", "procure", "seguro"])
def test_the_cure_pattern_leaves_alone(text: str):
    assert not CURE.search(text)


def test_every_topic_is_used_and_has_both_labels():
    assert {topic for resource in RESOURCES for topic in resource["topics"]} == TOPICS
    assert [topic["id"] for topic in listed("topics.yaml") if not (topic.get("en") and topic.get("es"))] == []


def test_every_topic_has_two_volunteers_who_are_not_paused():
    able = Counter(topic for person in ASKABLE if not person["paused"] for topic in person["topics"])
    assert [topic for topic in TOPICS if able[topic] < 2] == []


def test_person_has_the_agreed_shape(person: dict[str, Any]):
    assert re.fullmatch(r"\w+ [A-Z]\.", person["name"])
    assert person["role"] in ROLES
    assert set(person["languages"]) <= {"en", "es"}
    assert person["languages"]
    assert person["about"].strip()
    assert ZoneInfo(person["time_zone"]).key == person["time_zone"]
    assert "/" in person["time_zone"]
    assert ("kind" in person) == (person["role"] in {"volunteer", "clinician"})


def test_volunteer_says_what_when_and_how_much(volunteer: dict[str, Any]):
    assert volunteer["kind"] == ("clinician" if volunteer["role"] == "clinician" else "parent")
    assert volunteer["topics"]
    assert set(volunteer["topics"]) <= TOPICS
    assert repeated(volunteer["topics"]) == []
    assert volunteer["weekly_cap"] >= 1
    assert isinstance(volunteer["paused"], bool)


def test_volunteer_has_quiet_hours_for_each_weekday(volunteer: dict[str, Any]):
    assert set(volunteer["quiet_hours"]) == WEEKDAYS
    for hours in volunteer["quiet_hours"].values():
        begin, end = (time.fromisoformat(clock) for clock in hours.split("-"))
        assert begin != end


def quiet_minutes(hours: str) -> int:
    begin, end = (time.fromisoformat(clock) for clock in hours.split("-"))
    return ((end.hour - begin.hour) * 60 + end.minute - begin.minute) % (24 * 60)


def test_the_cast_lets_a_visitor_see_each_situation():
    roles = Counter(person["role"] for person in PEOPLE.values())
    assert roles["parent"] >= 4
    assert [role for role in ROLES if not roles[role]] == []
    assert [person["id"] for person in ASKABLE if person["paused"]] == ["maeve"]
    asleep = [p["id"] for p in ASKABLE if min(map(quiet_minutes, p["quiet_hours"].values())) > 18 * 60]
    assert asleep == ["ravi"]
    assert {language for person in ASKABLE for language in person["languages"]} == {"en", "es"}


def test_channels_have_the_agreed_shape():
    for channel in CHANNELS.values():
        assert set(channel) == {"id", "name", "purpose", "mode"}
        assert channel["mode"] in MODES
        assert channel["name"].strip()
        assert channel["purpose"].strip()


def test_messages_come_from_known_people_in_known_channels():
    assert {message["author"] for message in CONVERSATION} <= set(PEOPLE)
    assert {message["channel"] for message in CONVERSATION} == set(CHANNELS)
    assert [message["key"] for message in CONVERSATION if not message["text"].strip()] == []
    assert {frozenset(message) for message in CONVERSATION} == {
        frozenset({"at", "channel", "author", "thread", "key", "text"})
    }


def test_messages_are_in_the_order_of_the_day():
    clocks = [time.fromisoformat(message["at"]) for message in CONVERSATION]
    assert clocks == sorted(clocks)
    assert [message["at"] for message in CONVERSATION if not re.fullmatch(r"\d\d:\d\d", message["at"])] == []


def test_replies_follow_a_root_message_of_their_channel():
    roots: dict[str, str] = {}
    for message in CONVERSATION:
        if message["thread"] is None:
            roots[message["key"]] = message["channel"]
        else:
            assert roots.get(message["thread"]) == message["channel"], message["key"]


def test_conversation_names_no_amounts_no_cure_and_no_contact_details():
    for message in CONVERSATION:
        assert not DOSING.search(message["text"]), message["key"]
        assert not CURE.search(message["text"]), message["key"]
        assert not CONTACT.search(message["text"]), message["key"]


def test_expected_begins_with_the_two_that_everybody_tries_first():
    assert EXPECTED[:2] == [
        {
            "id": "e01",
            "text": "my son's school marks infusion days as unexcused",
            "relevant": ["school-infusion-absences"],
        },
        {"id": "e02", "text": "anyone up for pizza on friday?", "relevant": []},
    ]


def test_expected_points_to_resources_that_exist():
    known = {resource["id"] for resource in RESOURCES}
    assert {target for row in EXPECTED for target in row["relevant"]} <= known
    assert repeated([plain(row["text"]) for row in EXPECTED]) == []


def test_expected_is_held_out_from_the_words_of_the_resources():
    seen = {plain(asked) for resource in RESOURCES for asked in resource["asked_as"]}
    seen |= {plain(resource["title"]) for resource in RESOURCES}
    seen |= {plain(message["text"]) for message in CONVERSATION}
    assert [row["id"] for row in EXPECTED if plain(row["text"]) in seen] == []
