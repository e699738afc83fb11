"""What a surface may read: the right values for the right eyes, and a line for everybody else's."""

import json
from dataclasses import replace
from datetime import time

import pytest

from bot.cards import Action, Form
from bot.community import Channel, Role, VolunteerSettings
from bot.curation import DraftState
from bot.lookups import CrisisFound, Prefilled
from bot.news import Notice
from bot.policy import Mode
from bot.private_details import Kind as Detail
from bot.question import Refused, Status
from bot.routing import Kind, Quiet
from bot.safety.helplines import load_helplines
from bot.stand_ins import Taken
from knowledge.resources import Resource, ReviewState
from tests.fakes.community import INFUSION, Community, volunteering
from tests.fakes.mind import CANARY
from tests.fakes.values import CLEO, DANA, KOFI, MINUTE, MODA, TESS, key, member

PARKING = "Where do you park at the hospital?"
STRANGER = "web:home:stranger"


async def refused(looked) -> Notice:
    with pytest.raises(Refused) as found:
        await looked
    return found.value.notice


# --- the library ----------------------------------------------------------------------------------------


async def test_a_search_gives_the_best_first_and_is_counted_once_a_search(anywhere: Community):
    await anywhere.shelve(Resource("r2", "Swimming", "Waterproof plasters."))
    found = await anywhere.lookups.search(STRANGER, "infusion days school", 2)
    assert [r.id for r, _ in found] == ["r1", "r2"]
    assert found[0][1].confidence > found[1][1].confidence
    assert len(await anywhere.lookups.search(STRANGER, "infusion", 1)) == 1
    anywhere.clock.move(MINUTE)
    await anywhere.lookups.search(STRANGER, "infusion", 1)
    assert await anywhere.behaviours() == [("searched:library", "stranger")] * 2


async def test_no_words_are_no_search(home: Community):
    assert await home.lookups.search(DANA, "  ", 5) == ()
    assert await home.behaviours() == []


async def test_a_crisis_is_not_searched_but_answered_in_private_and_paged(anywhere: Community):
    text = f"I want to die {CANARY} infusion"
    assert await refused(anywhere.lookups.search(DANA, text, 5)) is Notice.WRITTEN_IN_PRIVATE
    await anywhere.desk.settle()
    assert "You matter" in anywhere.last("dana")
    assert "Safety alert C1. Please look now." in anywhere.last("mara")
    assert "Dana wrote it to me in private." in anywhere.last("mara")
    async with anywhere.store.read() as tx:
        (alert,) = await tx.alerts.open()
        assert (alert.author, alert.private) == (DANA, True)
        assert CANARY not in repr([await tx.alerts.open(), await tx.inbox.by(DANA)])
    assert "searched:library" not in [b for b, _ in await anywhere.behaviours()]


async def test_a_crisis_without_a_member_is_not_searched_and_raises_nothing(home: Community):
    assert await refused(home.lookups.search("", "I want to die", 5)) is Notice.WRITTEN_IN_PRIVATE
    await home.desk.settle()
    assert home.messenger.shown == []


async def test_whoever_is_refused_for_a_crisis_is_given_people_to_call(home: Community):
    home.helplines = load_helplines()
    await home.restart()
    await home.enter("dana", country="ES", language="es")
    with pytest.raises(CrisisFound) as unknown:
        await home.lookups.search("", "I want to die", 5)
    assert "You matter" in unknown.value.help
    assert "findahelpline.com" in unknown.value.help
    assert "024" not in unknown.value.help
    with pytest.raises(CrisisFound) as known:
        await home.lookups.search(DANA, "I want to die", 5)
    assert "024" in known.value.help
    assert "Me alegra que lo hayas dicho" in known.value.help


async def test_words_that_ask_for_a_dose_find_only_what_a_clinician_has_read(home: Community):
    await home.shelve(Resource("m1", "The dose on infusion days", "Ask.", medical=True, clinician=CLEO))
    await home.shelve(Resource("m2", "Infusion dose", "Unread.", medical=True, reviewed_by="Cleo"))
    found = await home.lookups.search(DANA, "infusion: double the dose", 5)
    assert [r.id for r, _ in found] == ["m1"]


async def test_what_is_not_published_is_there_for_moderators_only(home: Community):
    assert (await home.lookups.resource("r1")).title == INFUSION[0]
    await home.submit("moda", Form.RETIRE_RESOURCE, "r1", {})
    assert await refused(home.lookups.resource("r1")) is Notice.GONE
    assert await refused(home.lookups.resource("r1", DANA)) is Notice.GONE
    assert (await home.lookups.resource("r1", MODA)).state is ReviewState.RETIRED
    assert await refused(home.lookups.resource("nothing", MODA)) is Notice.GONE


# --- oneself --------------------------------------------------------------------------------------------


async def test_my_data_holds_everything_of_mine_and_nothing_of_others(anywhere: Community):
    await anywhere.enter("dana", volunteer=volunteering("dana", topics=frozenset({"school"})), language="es")
    asked = await anywhere.say("dana", PARKING)
    await anywhere.say("tess", "Behind the church there is always room.", asked.place.thread)
    other = await anywhere.say("ben", "Who knows a good pool?")
    await anywhere.say("dana", "The one in the old town is warm.", other.place.thread)
    await anywhere.submit("dana", Form.FOLLOW, "", {"topic": "school", "on": "yes"})
    await anywhere.submit("moda", Form.SAVE_RESOURCE, other.place.key, {"title": "x", "text": "y"})
    values = {"title": "Pools", "text": "Warm.", "author": DANA}
    await anywhere.submit("moda", Form.SAVE_RESOURCE, "", values)
    await anywhere.enter("dana2", person="p-dana")
    await anywhere.say("dana", "I want to die")
    data = await anywhere.lookups.my_data(DANA)
    assert data["member"]["name"] == "Dana"
    assert data["linked_accounts"] == [key("dana2")]
    assert (data["volunteer"]["topics"], data["follows"]) == (["school"], ["school"])
    (question,) = data["questions"]
    assert (question["text"], question["status"]) == (PARKING, "answered")
    assert question["steps"][0]["event"] == "Asked"
    assert [a["text"] for a in data["answers"]] == ["The one in the old town is warm."]
    assert [(d["title"], d["state"]) for d in data["drafts"]] == [("Pools", "awaiting_consent")]
    assert [a["code"] for a in data["alerts"]] == ["C1"]
    assert {"asked:question", "answered:question", "followed:topic"} <= {e["behaviour"] for e in data["engagement"]}
    assert "Notify" in [m["kind"] for m in data["messages_to_me"]]
    file = (await anywhere.lookups.my_data_file(DANA)).decode()
    assert json.loads(file) == {"made_at": anywhere.clock.now().isoformat(), **data}
    for strange in ("church", "Tess", "tess", "ben", "moda", "pool?", "want to die"):
        assert strange not in file, strange


async def test_what_waits_in_the_inbox_is_in_my_data_too(home: Community):
    await home.desk.close()
    await home.desk.receive([home.posted("dana", "Not handled yet?")])
    data = await home.lookups.my_data(DANA)
    assert data["not_handled_yet"] == [{"kind": "MessagePosted", "text": "Not handled yet?"}]


async def test_a_stranger_has_no_data_but_a_file_that_says_so(anywhere: Community):
    data = await anywhere.lookups.my_data(STRANGER)
    assert data.pop("member") == {"key": STRANGER}
    assert not any(data.values())
    assert json.loads(await anywhere.lookups.my_data_file(STRANGER))["questions"] == []


async def test_after_forget_me_the_file_has_no_words(anywhere: Community):
    await anywhere.say("dana", f"{PARKING} {CANARY}")
    assert CANARY in (await anywhere.lookups.my_data_file(DANA)).decode()
    await anywhere.force("dana", Action.FORGET_ME, "x")
    file = (await anywhere.lookups.my_data_file(DANA)).decode()
    assert CANARY not in file
    assert "Dana" not in file


async def test_my_questions_are_those_i_hold_and_those_i_asked(anywhere: Community):
    first = await anywhere.say("dana", PARKING)
    anywhere.clock.move(MINUTE)
    second = await anywhere.say("dana", "Who knows a good pool?")
    asked = (await anywhere.lookups.my_questions(DANA)).asked
    assert [q.place for q in asked] == [second.place, first.place]
    held = {m: [q.id for q in (await anywhere.lookups.my_questions(m)).held] for m in (TESS, KOFI, CLEO)}
    offered = sorted(q.id for q in asked if q.status is Status.OFFERED)
    assert offered
    assert sorted(held[TESS] + held[KOFI] + held[CLEO]) == offered
    assert await anywhere.lookups.my_questions(STRANGER) == replace(
        await anywhere.lookups.my_questions(STRANGER), held=(), asked=()
    )


async def test_settings_are_those_stored_or_what_a_form_begins_with(home: Community):
    quiet = (Quiet(0, time(22), time(7)),)
    stored = volunteering("kofi", kind=Kind.CLINICIAN, quiet=quiet, weekly_cap=2)
    await home.enter("kofi", volunteer=stored)
    await home.enter("lucia", language="es", time_zone="Europe/Madrid")
    assert await home.lookups.volunteer_settings(KOFI) == stored
    assert await home.lookups.volunteer_settings(key("lucia")) == VolunteerSettings(
        key("lucia"), languages=frozenset({"es"}), time_zone="Europe/Madrid"
    )
    assert await home.lookups.volunteer_settings(STRANGER) == VolunteerSettings(STRANGER)
    await home.submit("lucia", Form.FOLLOW, "", {"topic": "school"})
    assert await home.lookups.follows(key("lucia")) == ("school",)


async def test_a_channel_is_as_it_was_set_or_as_it_is_until_then(home: Community):
    assert await home.lookups.channel_settings("web:home:talk") == Channel("web:home:talk", "talk", Mode.THREAD)
    await home.submit("moda", Form.CHANNEL, "web:home:talk", {"mode": "hint", "digest": "yes"})
    assert await home.lookups.channel_settings("web:home:talk") == Channel(
        "web:home:talk", "talk", Mode.HINT, digest=True
    )


# --- the board ------------------------------------------------------------------------------------------


async def test_the_board_has_what_one_may_take_the_oldest_first(anywhere: Community):
    first = await anywhere.question(await anywhere.say("dana", PARKING))
    anywhere.clock.move(MINUTE)
    second = await anywhere.question(await anywhere.say("ben", "Who knows a good pool?"))
    rows = {m: [(o.question.id, o.may_take) for o in await anywhere.lookups.board(m)] for m in (MODA, DANA, STRANGER)}
    assert rows == {MODA: [(first.id, True), (second.id, True)], DANA: [], STRANGER: []}
    everything = await anywhere.lookups.board(DANA, everything=True)
    assert [(o.question.id, o.may_take) for o in everything] == [(first.id, False), (second.id, False)]
    await anywhere.force("moda", Action.TAKE, first.id)
    (mine, other) = await anywhere.lookups.board(MODA)
    assert [(mine.may_take, mine.mine), (other.may_take, other.mine)] == [(False, True), (True, False)]
    assert first.id not in [o.question.id for o in await anywhere.lookups.board(key("mara"))]


async def test_ones_own_question_from_another_account_is_not_to_be_taken(home: Community):
    await home.enter("tess2", [Role.MODERATOR], person="p-dana")
    await home.say("dana", PARKING)
    assert await home.lookups.board(key("tess2")) == ()


async def test_a_medical_question_is_for_clinicians_and_the_words_of_a_private_one_for_nobody(home: Community):
    medical = await home.question(await home.say("dana", "May I double the dose?"))
    private = await home.question(await home.say("dana", f"{PARKING} {CANARY}", direct=True))
    board = {m: {o.question.id: o for o in await home.lookups.board(m, everything=True)} for m in (MODA, CLEO, DANA)}
    assert [board[m][medical.id].may_take for m in (MODA, CLEO, DANA)] == [False, True, False]
    seen = board[MODA][private.id].question
    assert (seen.text, seen.asker, seen.asker_person) == ("", "", "")
    assert CANARY in board[DANA][private.id].question.text
    assert private.id not in [o.question.id for o in await home.lookups.board(STRANGER, everything=True)]


async def test_whoever_has_a_private_question_reads_it_but_not_who_asked(home: Community):
    asked = await home.say("dana", f"{PARKING} {CANARY}", direct=True)
    holder = (await home.question(asked)).offered_to
    (row,) = await home.lookups.board(holder)
    assert CANARY in row.question.text
    assert (row.mine, row.question.asker) == (True, "")


# --- curating -------------------------------------------------------------------------------------------


async def saved(community: Community, author: str, **values: str) -> str:
    filled = {"title": "Parking", "text": "Behind the church.", "author": key(author), **values}
    event = await community.submit("moda", Form.SAVE_RESOURCE, "", filled)
    async with community.store.read() as tx:
        return next(d.id for d in await tx.drafts.all() if d.created_at == event.at and d.title == filled["title"])


async def test_the_review_queue_says_what_is_similar_and_who_may_publish(anywhere: Community):
    await anywhere.enter("tess", shares_answers=True)
    asking = await saved(anywhere, "dana", title="Asking")
    anywhere.clock.move(MINUTE)
    like = await saved(anywhere, "tess", title=INFUSION[0], text=INFUSION[1])
    anywhere.clock.move(MINUTE)
    medical = await saved(anywhere, "tess", title="Doses", medical="yes")
    queue = await anywhere.lookups.review_queue(MODA)
    assert [(one.draft.id, one.may_publish) for one in queue] == [(like, True), (medical, False), (asking, False)]
    assert [one.similar[0].id if one.similar else None for one in queue] == ["r1", None, None]
    assert [one.may_publish for one in await anywhere.lookups.review_queue(CLEO)] == [True, True, False]
    for nobody in (DANA, STRANGER, ""):
        assert await refused(anywhere.lookups.review_queue(nobody)) is Notice.NOT_ALLOWED
    await anywhere.force("moda", Action.PUBLISH, like)
    assert like not in [one.draft.id for one in await anywhere.lookups.review_queue(MODA)]


async def test_a_draft_is_for_its_author_and_for_reviewers(home: Community):
    draft = await saved(home, "dana")
    for reader in (DANA, MODA, CLEO):
        assert (await home.lookups.draft(draft, reader)).state is DraftState.AWAITING_CONSENT
    for nobody in (TESS, STRANGER, ""):
        assert await refused(home.lookups.draft(draft, nobody)) is Notice.NOT_ALLOWED
    assert await refused(home.lookups.draft("nothing", MODA)) is Notice.GONE


async def test_the_form_for_an_answer_is_filled_in_without_names_and_numbers(anywhere: Community):
    async with anywhere.store.begin() as tx:
        await tx.members.seen([(member("dana"), "Dana Petersen")], anywhere.clock.now())
    asked = await anywhere.say("dana", "Hi, I am Dana. Where do you park at the hospital?")
    answer = await anywhere.say("tess", "Dana, behind the church; ring 0151 2345678 before.", asked.place.thread)
    topics = (await anywhere.question(asked)).topics
    assert await anywhere.lookups.answer_to_save(answer.place.key, MODA) == Prefilled(
        title=PARKING,
        text="[name], behind the church; ring [phone number] before.",
        topics=topics,
        asked_as=f"Hi, I am [name]. {PARKING}",
        medical=False,
        author=TESS,
        taken=(Taken("[name]", Detail.NAME, "Dana"),),
    )
    seen = await anywhere.lookups.answer_to_save(answer.place.key, MODA, text="Ring 0151 2345678, says Dana.")
    assert [(t.stand_in, t.words) for t in seen.taken] == [("[name]", "Dana"), ("[phone number]", "0151 2345678")]
    assert await refused(anywhere.lookups.answer_to_save(answer.place.key, DANA)) is Notice.NOT_ALLOWED
    assert await refused(anywhere.lookups.answer_to_save("web:home:general:99", MODA)) is Notice.GONE


async def test_what_the_bot_took_for_no_answer_is_filled_in_from_what_the_surface_sees(home: Community):
    asked = await home.say("dana", PARKING)
    short = await home.say("tess", "Church!", asked.place.thread)
    where = {"author": TESS, "thread_key": short.place.thread_key}
    filled = await home.lookups.answer_to_save(short.place.key, MODA, text="Church, says Kofi!", **where)
    assert (filled.title, filled.text, filled.author) == (PARKING, "Church, says [name]!", TESS)
    alone = await home.lookups.answer_to_save("web:home:general:77", MODA, text="Nice.", author=TESS)
    assert (alone.title, alone.text, alone.topics, alone.asked_as) == ("", "Nice.", (), "")


async def test_a_private_question_gives_no_word_to_the_form(home: Community):
    asked = await home.say("dana", f"{PARKING} {CANARY}", direct=True)
    filled = await home.lookups.answer_to_save(
        "web:home:general:77", MODA, text="Nice.", thread_key=asked.place.thread_key
    )
    assert (filled.title, filled.asked_as) == ("", "")


async def test_a_long_question_makes_a_short_title(home: Community):
    asked = await home.say("dana", f"Tell me, {'very ' * 30}please: where do you park?")
    answer = await home.say("tess", "Always behind the old church there.", asked.place.thread)
    title = (await home.lookups.answer_to_save(answer.place.key, MODA)).title
    assert len(title) <= 82
    assert title.endswith(" …")
