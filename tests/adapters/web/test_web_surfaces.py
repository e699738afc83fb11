"""What the core offers every surface, on this community's pages: searching, one's data, following, linking, merging,
the team's channel, a picture."""

from __future__ import annotations

from dataclasses import replace

import httpx
from prometheus_client import CollectorRegistry
from web_town import LETTER, NOON, Town

from adapters.web.client import WebMessenger
from adapters.web.pages.report import named_loads
from adapters.web.people import member_of
from adapters.web.server import create_app
from bot.cards import Action, Button, Card, Direct, InThread, ResourceShown, Text
from bot.community import Channel, MemberRecord
from bot.curation import Draft, DraftState
from bot.events import ButtonPressed, FormSubmitted, MessagePosted, Place
from bot.measures import Records, build
from bot.policy import Mode
from bot.report import Load, Report

DANA, SOL = member_of("dana"), member_of("sol")
TEAM = InThread(Place("web", "local", "school", "", ""))
PNG = b"\x89PNG\r\n picture"


def submitted(town: Town) -> tuple[str, str, dict[str, str]]:
    (fact,) = town.desk.heard
    assert isinstance(fact, FormSubmitted)
    return fact.form, fact.subject, fact.values


async def test_a_search_that_nothing_fits_says_so_and_names_a_way_to_a_person(town: Town) -> None:
    fitting = (await town.be("dana").get("/resources?q=letter for school")).text
    nothing = (await town.be("dana").get("/resources?q=zzzqqq")).text
    assert "Nothing fits" not in fitting
    assert "Nothing fits" in nothing


async def test_a_search_is_counted_and_a_crisis_is_not_searched_but_handed_on(town: Town) -> None:
    page = (await town.be("dana").get("/resources?q=letter for school")).text
    assert LETTER.title in page
    answer = await town.be("dana").get("/resources?q=I want to die, school")
    assert answer.status_code == 422
    assert "I have written to you in private" in answer.text
    assert LETTER.title not in answer.text
    (fact,) = town.desk.heard
    assert isinstance(fact, MessagePosted)
    assert (fact.author, fact.direct, fact.text) == (DANA, True, "I want to die, school")
    async with town.store.read() as tx:
        assert [(e.behaviour, e.member) for e in await tx.engagement.all()] == [("searched:library", DANA.key)]


async def test_ones_data_comes_as_a_file(town: Town) -> None:
    answer = await town.be("dana").get("/me/data.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.json()["member"]["name"] == "Dana P."
    assert "/me/data.json" in (await town.be("dana").get("/me")).text


async def test_one_thing_is_counted_as_one_thing(town: Town) -> None:
    await town.be("dana").get("/resources?q=school")
    page = (await town.be("dana").get("/me")).text
    assert "<b>1</b> thing you did that was counted" in page
    assert "<b>0</b> questions<" in page


async def test_a_topic_is_followed_and_left_on_the_page_of_a_resource(town: Town) -> None:
    page = await town.be("dana").get("/resources/letter")
    assert "Follow School" in page.text
    await town.be("dana").post("/follow", {"topic": "school", "on": "yes"})
    assert submitted(town) == ("follow", "", {"topic": "school", "on": "yes"})
    async with town.store.begin() as tx:
        await tx.follows.follow(DANA.key, "school", NOON)
    assert "Stop following School" in (await town.be("dana").get("/resources/letter")).text


async def test_accounts_are_linked_and_parted_on_ones_own_page(town: Town) -> None:
    await town.be("dana").post("/me/link", {"code": "ABCD-EFGH"})
    assert submitted(town) == ("link", "", {"code": "ABCD-EFGH"})
    town.desk.heard.clear()
    await town.be("dana").post("/me/link", {"unlink": "yes"})
    assert submitted(town)[0] == "unlink"


async def test_whom_one_does_not_want_to_be_asked_is_chosen_and_taken_back_on_ones_own_page(town: Town) -> None:
    page = (await town.be("dana").get("/me")).text
    assert f'value="{SOL.key}"' in page
    assert f'value="{DANA.key}"' not in page
    await town.be("dana").post("/me/block", {"other": SOL.key})
    assert submitted(town) == ("block", "", {"other": SOL.key, "on": "yes"})
    async with town.store.begin() as tx:
        await tx.members.block(DANA.key, SOL.key, NOON)
    page = (await town.be("dana").get("/me")).text
    assert "<b>Sol V.</b> <button" in page
    town.desk.heard.clear()
    await town.be("dana").post("/me/block", {"other": SOL.key, "on": "no"})
    assert submitted(town) == ("block", "", {"other": SOL.key, "on": "no"})


async def test_how_much_is_asked_of_a_volunteer_stands_above_their_settings(town: Town) -> None:
    page = (await town.be("tess").get("/volunteer")).text
    assert "Asked 0 of at most 5 times this week. You have no question now." in page
    assert "at most 5 times" not in (await town.be("dana").get("/volunteer")).text


def test_the_report_names_volunteers_by_name_and_ranks_nobody() -> None:
    members = [MemberRecord(name, f"p-{name}", name.title()) for name in ("tess", "kofi")]
    loads = (Load("p-tess", 9, 9, 9), Load("p-gone2", 2, 0, 0), Load("p-gone1", 1, 0, 0), Load("p-kofi", 1, 0, 0))
    assert [(name, load.asked) for name, load in named_loads(loads, members)] == [
        ("Kofi", 1),
        ("Tess", 9),
        ("somebody who has left", 1),
        ("somebody who has left", 2),
    ]


async def test_the_report_shows_shares_of_what_was_asked(town: Town) -> None:
    found = build(Records(), NOON, NOON)
    load = (Load("web:local:tess", 3, 1, 0), Load("web:local:dana", 1, 1, 1))

    async def report() -> Report:
        return replace(found, volunteers=load)

    services = replace(town.services, report=report, metrics=CollectorRegistry())
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
        page = (await replace(town, visitor=visitor).be("sol").get("/report")).text
    assert page.index("Dana P.</th><td>1</td>") < page.index("Tess W.</th><td>3</td>")
    assert "75 %" in page
    assert ">Accepted<" not in page


async def similar(town: Town, **changes: object) -> None:
    values: dict[str, object] = {
        "id": "d1", "place": Place("web", "local", "school", "1", "1"), "question": "", "author": DANA.key,
        "saved_by": SOL.key, "title": "A letter for school", "text": "The clinic wrote a letter.", "topics": (),
        "medical": False, "language": "en", "state": DraftState.IN_REVIEW, "created_at": NOON,
    }  # fmt: skip
    async with town.store.begin() as tx:
        await tx.drafts.save(Draft(**(values | changes)))  # type: ignore[arg-type]  # put together from parts


async def test_a_similar_draft_is_merged_on_a_page_of_its_own(town: Town) -> None:
    await similar(town, text="The clinic wrote a letter. <script>alert(1)</script>")
    assert "/merge/d1" in (await town.be("sol").get("/review")).text
    page = (await town.be("sol").get("/merge/d1")).text
    assert LETTER.text in page
    assert "The clinic wrote a letter. &lt;script&gt;" in page
    await town.be("sol").post("/merge/d1", {"into": "letter"})
    assert submitted(town) == ("merge_draft", "d1", {"into": "letter"})
    assert (await town.be("dana").get("/merge/d1")).status_code == 403
    await similar(town, title="Swimming", text="Waterproof plasters.")
    assert (await town.be("sol").get("/merge/d1")).status_code == 404


async def test_the_merge_button_of_a_card_opens_the_page(town: Town) -> None:
    card = Card((Text("Read it"),), (Button(Action.MERGE, "d1", "Add to that one"),))
    await town.messenger.send(Direct(SOL), card, "w1")
    assert 'href="/merge/d1"' in (await town.be("sol").get("/private")).text


async def test_the_teams_channel_is_chosen_beside_the_mode(town: Town) -> None:
    await town.be("sol").post("/channels/school", {"mode": "hint", "digest": "yes"})
    assert submitted(town) == ("channel", "web:local:school", {"mode": "hint", "digest": "yes"})
    async with town.store.begin() as tx:
        await tx.channels.save(Channel("web:local:school", "School", Mode.HINT, digest=True))
    page = (await town.be("sol").get("/channels")).text
    assert page.count('value="yes" checked') == 1


async def test_a_picture_stands_under_its_card_with_words_for_those_who_cannot_see_it(town: Town) -> None:
    messenger: WebMessenger = town.messenger
    card = Card((Text("Our week"),))
    posted = await messenger.send_picture(TEAM, card, PNG, 'Growth & "more"', "w1")
    assert await messenger.send_picture(TEAM, card, b"other", "other", "w1") == posted
    page = (await town.be("dana").get("/c/school")).text
    assert f'src="/pictures/{posted.message}" alt="Growth &amp; &#34;more&#34;"' in page
    answer = await town.be("dana").get(f"/pictures/{posted.message}")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")


async def test_a_picture_for_somebody_else_or_of_no_post_is_not_shown(town: Town) -> None:
    posted = await town.messenger.send_picture(Direct(DANA), Card((Text("Hi"),)), PNG, "Growth", "w1")
    plain = await town.messenger.send(Direct(DANA), Card((Text("Hi"),)), "w2")
    assert (await town.be("dana").get(f"/pictures/{posted.message}")).status_code == 200
    for person, post in (("tess", posted.message), ("dana", plain.message), ("dana", "99"), ("dana", "x")):
        assert (await town.be(person).get(f"/pictures/{post}")).status_code == 404, (person, post)


async def test_a_resource_in_news_of_a_topic_opens_though_it_belongs_to_no_question(town: Town) -> None:
    await town.messenger.send(Direct(DANA), Card((ResourceShown("", "letter", "A letter", "", ""),)), "w1")
    assert 'name="subject" value="/letter"' in (await town.be("dana").get("/private")).text
    answer = await town.be("dana").post("/open", {"subject": "/letter"})
    assert answer.headers["location"] == "/resources/letter"
    (fact,) = town.desk.heard
    assert isinstance(fact, ButtonPressed)
    assert (fact.action, fact.subject) == ("open_resource", "/letter")


async def test_an_answer_is_saved_with_what_was_asked_as_its_title(town: Town) -> None:
    from test_web_pages import question

    await town.chat.add(channel="school", author="dana", at=NOON, text="Hi! What do we tell the school?")
    await town.chat.add(channel="school", author="tess", at=NOON, text="Dana, ring 0151 2345678.", thread="1")
    async with town.store.begin() as tx:
        await tx.questions.add(question(text="Hi! What do we tell the school?"))
    page = (await town.be("sol").get("/save/2")).text
    assert 'value="What do we tell the school?"' in page
    assert "[name], ring [phone number]." in page
