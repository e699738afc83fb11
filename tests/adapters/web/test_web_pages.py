"""The pages: what is written arrives once, what may not be seen is not, mistakes are answered kindly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from web_town import NOON, Town

from adapters.web.desk import catch_up
from adapters.web.people import member_of
from bot.cards import Action, Button, Card, Direct, InThread, OnlyFor, ResourceShown, Text
from bot.community import Role, Trust
from bot.curation import Draft, DraftState
from bot.events import ButtonPressed, FormSubmitted, MessageDeleted, MessageEdited, MessagePosted, Place
from bot.question import Question, Status

PROBE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}‮"
PLACE = Place("web", "local", "school", "1", "1")
EVERY_PAGE = (
    "/c/school",
    "/c/school/t/1",
    "/private",
    "/people",
    "/resources",
    "/resources?q=school",
    "/resources/letter",
    "/resources/letter/edit",
    "/resources/new",
    "/board",
    "/report",
    "/volunteer",
    "/review",
    "/review/d1",
    "/channels",
    "/alerts",
    "/me",
    "/save/1",
    "/why/2",
    "/nowhere",
)


def question(**changes: object) -> Question:
    values: dict[str, object] = {
        "id": "q1",
        "community": "local",
        "place": PLACE,
        "asker": member_of("dana").key,
        "asker_person": "p",
        "text": PROBE,
        "language": "en",
        "topics": ("school",),
        "medical": False,
        "urgent": False,
        "private": False,
        "asked_at": NOON - timedelta(hours=2),
        "status": Status.OPEN,
    }
    return Question(**(values | changes))  # type: ignore[arg-type]  # put together from parts


async def full_house(town: Town) -> None:
    """Every page has something on it, and all of it tries to be more than text."""
    post = await town.chat.add(channel="school", author="dana", at=NOON, text=PROBE)
    card = Card(
        (Text(PROBE), ResourceShown("q1", "letter", PROBE, PROBE, PROBE, "javascript:alert(1)")),
        (Button(Action.HELPED, PROBE, PROBE),),
        question="q1",
    )
    await town.messenger.send(InThread(PLACE), card, "w1")
    await town.messenger.send(Direct(member_of("sol")), card, "w2")
    async with town.store.begin() as tx:
        await tx.questions.add(question())
        draft = Draft(
            id="d1",
            place=PLACE,
            question="q1",
            author=member_of("dana").key,
            saved_by=member_of("sol").key,
            title=PROBE,
            text=PROBE,
            topics=("school",),
            medical=False,
            language="en",
            state=DraftState.IN_REVIEW,
            created_at=NOON,
            asked_as=(PROBE,),
        )
        await tx.drafts.save(draft)
    assert post.id == "1"


# --- saying things --------------------------------------------------------------------------------------


async def test_a_message_is_posted_and_reported_once_however_often_it_is_sent(town: Town) -> None:
    dana = town.be("dana")
    first = await dana.say("Any tips?", press="press-abcdef-1")
    again = await dana.say("Any tips?", press="press-abcdef-1")
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"] == "/c/school/t/1#post-1"
    place = Place("web", "local", "school", "1", "1")
    assert town.desk.heard == [MessagePosted(place, member_of("dana"), "Any tips?", NOON)]
    assert await town.chat.unreported(10) == []


async def test_a_reply_stands_in_its_thread(town: Town) -> None:
    await town.be("dana").say("Any tips?")
    await town.be("tess").say("Yes, many.", thread="1")
    page = await town.be("dana").get("/c/school/t/1")
    assert "Yes, many." in page.text
    heard = town.desk.heard[-1]
    assert isinstance(heard, MessagePosted)
    assert heard.place == Place("web", "local", "school", "2", "1")


async def test_when_the_desk_is_down_the_message_is_kept_and_reported_later(town: Town) -> None:
    town.desk.failing = True
    answer = await town.be("dana").say("Any tips?")
    assert answer.status_code == 500
    assert "safe" in answer.text
    town.desk.failing = False
    assert await catch_up(town.chat, town.desk.receive) == 1
    assert [type(e) for e in town.desk.heard] == [MessagePosted]
    assert await catch_up(town.chat, town.desk.receive) == 0


async def test_an_empty_message_comes_back_with_a_line_and_a_long_one_keeps_what_was_typed(town: Town) -> None:
    dana = town.be("dana")
    empty = await dana.say("   ")
    assert empty.status_code == 422
    assert "nothing in the message" in empty.text
    long = await dana.say("canary " + "é" * 100_001)
    assert long.status_code == 422
    assert "canary" in long.text
    assert town.desk.heard == []


async def test_a_hundred_kilobytes_of_emoji_go_through(town: Town) -> None:
    text = "🌻" * 25_000
    assert (await town.be("dana").say(text)).status_code == 303
    assert text in (await town.be("dana").get("/c/school/t/1")).text


async def test_a_body_beyond_all_bounds_is_refused(town: Town) -> None:
    answer = await town.visitor.post("/say", content=b"text=" + b"x" * 2_100_000)
    assert answer.status_code == 413


async def test_only_the_author_edits_and_deletes(town: Town) -> None:
    await town.be("dana").say("Any tips?")
    assert (await town.be("tess").post("/posts/1/edit", {"text": "mine now"})).status_code == 403
    assert (await town.be("tess").post("/posts/1/delete")).status_code == 403
    town.clock.advance(timedelta(minutes=1))
    assert (await town.be("dana").post("/posts/1/edit", {"text": "Any more tips?"})).status_code == 303
    assert (await town.be("dana").post("/posts/1/delete")).status_code == 303
    assert [type(e) for e in town.desk.heard] == [MessagePosted, MessageEdited, MessageDeleted]
    assert "tips" not in (await town.be("tess").get("/c/school")).text


# --- who sees what --------------------------------------------------------------------------------------


async def test_a_whisper_and_a_private_conversation_are_for_one_person(town: Town) -> None:
    await town.be("dana").say("Any tips?")
    await town.messenger.send(OnlyFor(PLACE, member_of("dana")), Card((Text("psst canary"),)), "w1")
    await town.messenger.send(Direct(member_of("dana")), Card((Text("dear canary"),)), "w2")
    assert "Only you see this" in (await town.be("dana").get("/c/school/t/1")).text
    assert "dear canary" in (await town.be("dana").get("/private")).text
    for path in ("/c/school/t/1", "/private", "/c/dm-dana", "/c/dm-dana/t/3", "/why/2", "/why/3"):
        assert "canary" not in (await town.be("tess").get(path)).text, path
    assert (await town.be("tess").get("/live?channel=dm-dana")).status_code == 404
    refused = await town.be("tess").say("hello", channel="dm-dana")
    assert refused.status_code == 404


@pytest.mark.parametrize(
    "path", ["/review", "/review/d1", "/channels", "/alerts", "/save/1", "/resources/new", "/resources/letter/edit"]
)
async def test_a_parent_is_told_kindly_who_a_page_is_for(town: Town, path: str) -> None:
    await full_house(town)
    answer = await town.be("dana").get(path)
    assert answer.status_code == 403
    assert "This is for a moderator" in answer.text


async def test_moderators_see_which_roles_of_other_platforms_count(town: Town) -> None:
    await full_house(town)
    assert "Roles of other platforms" not in (await town.be("sol").get("/channels")).text
    async with town.store.begin() as tx:
        await tx.trusts.put(Trust("discord:1:2", Role.MODERATOR, "Team <Mods>"))
    page = (await town.be("sol").get("/channels")).text
    assert "<b>Team &lt;Mods&gt;</b> (discord): moderator" in page


async def test_what_needs_a_moderator_is_checked_again_when_it_is_sent(town: Town) -> None:
    await full_house(town)
    for path in ("/save/1", "/channels/school", "/resources/letter/retire", "/resources/letter/edit", "/resources/new"):
        answer = await town.be("dana").post(path, {"title": "t", "text": "t", "mode": "off"})
        assert answer.status_code == 403, path
    assert town.desk.heard == []


async def test_the_words_of_a_private_question_stay_off_the_board(town: Town) -> None:
    async with town.store.begin() as tx:
        await tx.questions.add(question(id="q2", text="canary", private=True))
    assert "canary" not in (await town.be("sol").get("/board")).text
    assert "A private question" in (await town.be("tess").get("/board")).text
    assert "canary" in (await town.be("dana").get("/board")).text
    assert "canary" not in (await town.visitor.get("/api/v1/questions")).text


# --- buttons and forms ----------------------------------------------------------------------------------


async def test_two_quick_presses_are_one(town: Town) -> None:
    values = {"action": "accept", "subject": "q1", "back": "/private"}
    first = await town.be("tess").post("/press", values)
    await town.be("tess").post("/press", values)
    assert first.headers["location"] == "/private"
    assert town.desk.heard == [ButtonPressed("press-0000-0001", "accept", "q1", member_of("tess"), NOON)]


async def test_opening_a_resource_is_reported_and_shows_it(town: Town) -> None:
    answer = await town.be("dana").post("/open", {"subject": "q1/letter"})
    assert answer.headers["location"] == "/resources/letter"
    (fact,) = town.desk.heard
    assert isinstance(fact, ButtonPressed)
    assert (fact.action, fact.subject) == ("open_resource", "q1/letter")
    page = await town.be("dana").get("/resources/letter")
    assert "Reviewed by A nurse" in page.text


async def test_saving_an_answer_is_prefilled_without_names_and_numbers(town: Town) -> None:
    await town.be("dana").say("Any tips?")
    await town.be("tess").say("Tess W. here, call 555 201 4433: write to the office.", thread="1")
    page = await town.be("sol").get("/save/2")
    assert "[name] here, call [phone number]: write to the office." in page.text
    assert "<mark>555 201 4433</mark>" in page.text
    values = {"title": "Write to the office", "text": "Write.", "topics": "school", "publish_at_once": "yes"}
    assert (await town.be("sol").post("/save/2", values)).status_code == 303
    fact = town.desk.heard[-1]
    assert fact == FormSubmitted(
        "press-0000-0001",
        "save_resource",
        "web:local:school:2",
        {
            "title": "Write to the office",
            "text": "Write.",
            "topics": "school",
            "medical": "",
            "asked_as": "",
            "publish_at_once": "yes",
            "author": "web:local:tess",
        },
        member_of("sol"),
        NOON,
    )


async def test_what_was_taken_out_of_an_answer_can_be_left_in(town: Town) -> None:
    await town.be("dana").say("Any tips?")
    await town.be("tess").say("Call 555 201 4433.", thread="1")
    kept = {"title": "Whom to call", "text": "Call [phone number].", "keep": "[phone number]555 201 4433"}
    again = await town.be("sol").post("/save/2", {**kept, "title": ""})
    assert again.status_code == 422
    assert 'value="[phone number]555 201 4433" checked' in again.text
    await town.be("sol").post("/save/2", kept)
    assert town.desk.heard[-1].values["keep"] == kept["keep"]


async def test_a_form_with_a_mistake_keeps_what_was_typed(town: Town) -> None:
    answer = await town.be("sol").post("/resources/new", {"title": "", "text": "canary text"})
    assert answer.status_code == 422
    assert "Give it a title" in answer.text
    assert "canary text" in answer.text
    assert town.desk.heard == []


async def test_a_volunteers_settings_are_sent_as_the_core_reads_them(town: Town) -> None:
    values = {
        "topics": "diet",
        "languages": "en",
        "time_zone": "Europe/Madrid",
        "weekly_cap": "3",
        "mon_from": "22:00",
        "mon_to": "07:00",
        "paused": "yes",
        "away_from": "2026-12-20",
        "away_to": "2027-01-03",
        "learns": "yes",
    }
    assert (await town.be("tess").post("/volunteer", values)).status_code == 303
    (fact,) = town.desk.heard
    assert isinstance(fact, FormSubmitted)
    assert fact.values == {
        "topics": "diet",
        "languages": "en",
        "time_zone": "Europe/Madrid",
        "quiet": "mon 22:00-07:00",
        "weekly_cap": "3",
        "paused": "yes",
        "away": "2026-12-20 2027-01-03",
        "learns": "yes",
        "thanks": "no",
        "kind": "parent",
    }


@pytest.mark.parametrize(
    ("field", "typed", "line"),
    [
        ("time_zone", "Mars/Base", "time zone is not known"),
        ("weekly_cap", "0", "from 1 to 50"),
        ("weekly_cap", "²", "from 1 to 50"),
        ("languages", "tlh", "languages is not known"),
        ("topics", "bees", "topics is not known"),
        ("mon_from", "25:00", "Quiet hours on Monday"),
        ("away_to", "soon", "Days away: choose the first and the last day"),
    ],
)
async def test_a_volunteers_mistake_is_named(town: Town, field: str, typed: str, line: str) -> None:
    values = {"languages": "en", "time_zone": "UTC", "weekly_cap": "5", field: typed}
    answer = await town.be("tess").post("/volunteer", values)
    assert answer.status_code == 422
    assert line in answer.text
    assert town.desk.heard == []


# --- keeping pages to themselves --------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_no_page_runs_what_somebody_typed(town: Town, path: str) -> None:
    await full_house(town)
    page = await town.be("sol").get(path)
    assert page.status_code == (404 if path == "/nowhere" else 200)
    tree = LexborHTMLParser(page.text)
    assert [s.attributes.get("src", "")[:15] for s in tree.css("script")] == ["/static/app.js?"]
    assert tree.css("img, style, iframe, object, [style], [onerror], [onclick]") == []
    assert [a.attributes["href"] for a in tree.css("a[href]") if "javascript" in (a.attributes["href"] or "")] == []


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_field_has_a_label_and_every_page_its_landmarks(town: Town, path: str) -> None:
    await full_house(town)
    tree = LexborHTMLParser((await town.be("sol").get(path)).text)
    assert len(tree.css("main#main")) == len(tree.css("a.skip[href='#main']")) == len(tree.css("html[lang]")) == 1
    assert len(tree.css("h1")) == 1
    labelled = {label.attributes.get("for") for label in tree.css("label[for]")}
    for field in tree.css("input:not([type=hidden]), textarea, select"):
        inside = field.parent is not None and field.parent.tag == "label"
        assert inside or field.attributes.get("id") in labelled or field.attributes.get("aria-label"), field.html
    for button in tree.css("button"):
        assert button.text(strip=True) or button.attributes.get("aria-label"), button.html
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/say", "/press", "/open", "/become", "/clock", "/me", "/volunteer", "/welcome/away"])
async def test_a_form_without_this_visitors_token_changes_nothing(town: Town, path: str) -> None:
    values = {"csrf": "0" * 64, "text": "hi", "channel": "school", "action": "accept", "subject": "q1", "by": "1h"}
    await town.visitor.get("/people")
    answer = await town.visitor.post(path, data=values)
    assert answer.status_code == 403
    assert "load" in answer.text.lower()
    assert town.desk.heard == []
    assert town.clock.now() == NOON


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::2]"])
async def test_another_host_name_gets_nothing(town: Town, host: str) -> None:
    assert (await town.visitor.get("/people", headers={"host": host})).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
async def test_this_machine_is_served_under_its_own_names(town: Town, host: str) -> None:
    assert (await town.visitor.get("/healthz", headers={"host": host})).status_code == 200


async def test_every_answer_carries_the_headers_that_keep_it_to_itself(town: Town) -> None:
    for path in ("/people", "/nowhere", "/static/style.css", "/api/v1/report"):
        headers = (await town.visitor.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    town.visitor.cookies.clear()
    cookie = (await town.visitor.get("/people")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
async def test_no_redirect_leads_away(town: Town, to: str) -> None:
    answer = await town.be("dana").post("/welcome/away", {"back": to})
    assert answer.headers["location"] == "/"


# --- for machines -----------------------------------------------------------------------------------------


async def test_the_api_gives_resources_questions_and_the_report(town: Town) -> None:
    await full_house(town)
    (found,) = (await town.visitor.get("/api/v1/resources", params={"q": "school"})).json()
    assert (found["id"], found["confidence"] > 0.5) == ("letter", True)
    (asked,) = (await town.visitor.get("/api/v1/questions")).json()
    assert (asked["id"], asked["status"]) == ("q1", "open")
    assert "text" not in asked
    assert set((await town.visitor.get("/api/v1/report")).json()["tiers"]) == {"aware", "using", "producing"}
    paths = (await town.visitor.get("/api/v1/openapi.json")).json()["paths"]
    assert set(paths) == {"/api/v1/resources", "/api/v1/questions", "/api/v1/report"}


async def test_a_wrong_call_of_the_api_is_one_line(town: Town) -> None:
    answer = await town.visitor.get("/api/v1/resources")
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]


async def test_metrics_count_what_waits(town: Town) -> None:
    text = (await town.visitor.get("/metrics")).text
    assert "winwin_inbox_waiting 0.0" in text
    assert "winwin_ready 1.0" in text
    assert (await town.visitor.get("/readyz")).status_code == 200


async def test_who_goes_away_while_a_form_is_sent_breaks_nothing(town: Town) -> None:
    """A page closed in the middle of a POST: nobody is left to be answered, and the log stays quiet."""

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/say", "raw_path": b"/say"}
    scope |= {"headers": headers, "query_string": b"", "scheme": "http", "server": ("test", 80), "root_path": ""}
    await town.visitor._transport.app(scope, gone, send)  # type: ignore[attr-defined]
    assert sent[0]["status"] == 400
