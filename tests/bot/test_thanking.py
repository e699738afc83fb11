"""What a volunteer hears once a month: what their answers led to, in their own hours, unless they don't want to."""

from datetime import time, timedelta

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.quiet import Quiet
from tests.fakes.community import Community, volunteering
from tests.fakes.values import key

POOLS = "Does anybody know a good swimming club?"
ANSWER = "Yes, the one at the old harbour is kind."
HEAD = "What your answers led to in the last 30 days"
NIGHT = tuple(Quiet(day, time(9), time(17)) for day in range(7))


async def tick(community: Community) -> None:
    while await community.thanking.thank_one():
        pass
    await community.desk.settle()


def told(community: Community, name: str = "tess") -> list[list[str]]:
    cards = [words.splitlines() for words in community.private(name) if words.startswith(HEAD)]
    return [[line for line in lines[1:-2] if line] for lines in cards]


async def answered(community: Community, *, helped: bool = False, by: str = "tess", asker: str = "dana") -> None:
    """A question in a channel, answered there."""
    asked = await community.say(asker, POOLS)
    await community.force(by, Action.TAKE, (await community.question(asked)).id)
    await community.say(by, ANSWER, asked.place.message)
    if helped:
        await community.force(asker, Action.HELPED, (await community.question(asked)).id)


async def published(community: Community, title: str = "Plasters for swimming", by: str = "tess") -> str:
    """Something of theirs in the library; returns its id."""
    await community.enter(by, shares_answers=True)
    values = {"title": title, "text": f"About {title}.", "topics": "school", "author": key(by)}
    await community.submit("moda", Form.SAVE_RESOURCE, "", {**values, "publish_at_once": "yes"})
    async with community.store.read() as tx:
        return next(d.resource for d in await tx.drafts.all() if d.title == title)


async def opened(community: Community, resource: str, *names: str) -> None:
    for name in names:
        await community.force(name, Action.OPEN_RESOURCE, f"q9/{resource}")


async def test_a_volunteer_hears_what_their_answers_led_to_and_then_nothing_for_a_month(anywhere: Community):
    await answered(anywhere, helped=True)
    await answered(anywhere)
    resource = await published(anywhere)
    await opened(anywhere, resource, "dana", "ben", "ben", "mara", "tess")
    anywhere.clock.move(timedelta(hours=1))
    await tick(anywhere)
    lines = [
        "You answered 2 questions.",
        "One of those who asked said that it helped.",
        "3 families used answers of yours that are in the library now.",
    ]
    assert told(anywhere) == [lines]
    await tick(anywhere)
    anywhere.clock.move(timedelta(days=29))
    await tick(anywhere)
    assert len(told(anywhere)) == 1
    await opened(anywhere, resource, "ben")
    anywhere.clock.move(timedelta(days=1))
    await anywhere.restart()
    await tick(anywhere)
    assert told(anywhere)[1:] == [["One family used an answer of yours that is in the library now."]]


async def test_one_is_said_as_one(home: Community):
    await answered(home, helped=True)
    await tick(home)
    assert told(home) == [["You answered one question.", "The one who asked said that it helped."]]


async def test_who_has_nothing_to_hear_is_told_nothing_and_looked_at_again_a_month_later(anywhere: Community):
    await tick(anywhere)
    await answered(anywhere)
    await tick(anywhere)
    assert told(anywhere) == []
    anywhere.clock.move(timedelta(days=30))
    await tick(anywhere)
    assert told(anywhere) == [["You answered one question."]]


async def test_nobody_is_told_in_their_quiet_hours(home: Community):
    await home.enter("tess", volunteer=volunteering("tess", quiet=NIGHT))
    await answered(home)
    await tick(home)
    assert told(home) == []
    await home.wait(hours=5)
    await tick(home)
    assert told(home) == [["You answered one question."]]


@pytest.mark.parametrize("how", ["no thanks", "opted out", "forgotten", "switched off"])
async def test_who_does_not_want_to_hear_it_or_is_gone_hears_nothing(anywhere: Community, how):
    await answered(anywhere)
    match how:
        case "no thanks":
            await anywhere.submit("tess", Form.VOLUNTEER, "", {"thanks": "no"})
        case "opted out":
            await anywhere.force("tess", Action.OPT_OUT, "me")
        case "forgotten":
            await anywhere.force("tess", Action.FORGET_ME, "me")
        case _:
            await anywhere.change("tess", deactivated=True)
    await tick(anywhere)
    assert told(anywhere) == []


async def test_who_says_so_while_it_is_on_its_way_does_not_get_it(home: Community):
    await answered(home)
    assert await home.thanking.thank_one()
    async with home.store.begin() as tx:
        await tx.volunteers.save(volunteering("tess", thanks=False))
    await home.desk.settle()
    assert told(home) == []


async def test_saving_ones_settings_is_no_reason_to_be_told_again(anywhere: Community):
    await answered(anywhere)
    await tick(anywhere)
    await anywhere.submit("tess", Form.VOLUNTEER, "", {"weekly_cap": "3"})
    await answered(anywhere)
    await tick(anywhere)
    assert len(told(anywhere)) == 1


async def test_persons_are_counted_and_neither_oneself_nor_staff(home: Community):
    await home.enter("ben", person="p-dana")
    await home.enter("tess2", person="p-tess")
    await home.enter("mara", [Role.MODERATOR], staff=True)
    resource = await published(home)
    await opened(home, resource, "dana", "ben", "tess2", "mara")
    await tick(home)
    assert told(home) == [["One family used an answer of yours that is in the library now."]]


async def test_one_person_with_two_accounts_is_told_once(home: Community):
    await home.enter("tess2", person="p-tess", volunteer=volunteering("tess2"))
    await answered(home)
    await answered(home, by="tess2")
    await tick(home)
    await tick(home)
    assert [told(home, name) for name in ("tess", "tess2")] == [[["You answered 2 questions."]], []]


async def test_a_resource_that_helped_by_itself_was_used_and_one_beside_a_persons_answer_is_unknown(home: Community):
    title = "Plasters for swimming"
    await published(home, title)
    for asker, by_a_person in (("dana", False), ("ben", True)):
        asked = await home.say(asker, f"{title}, anybody?")
        q = await home.question(asked)
        assert q.suggested
        if by_a_person:
            await home.force(asker, Action.ASK_PERSON, q.id)
            await home.force("kofi", Action.TAKE, q.id)
            await home.say("kofi", ANSWER, asked.place.message)
        await home.force(asker, Action.HELPED, q.id)
    await tick(home)
    assert told(home) == [["One family used an answer of yours that is in the library now."]]
    assert told(home, "kofi") == [["You answered one question.", "The one who asked said that it helped."]]
    home.clock.move(timedelta(days=31))
    await tick(home)
    assert len(told(home)) == 1, "what was told is not told again a month later"


async def test_it_is_said_in_their_language(home: Community):
    await home.enter("tess", language="es")
    await answered(home)
    await tick(home)
    assert any("Respondiste una pregunta." in words for words in home.private("tess"))


async def test_what_happened_is_read_once_for_all_of_them(home: Community, monkeypatch):
    for n in range(8):
        await home.enter(f"v{n}", volunteer=volunteering(f"v{n}"))
    await answered(home)
    reads: list[str] = []
    async with home.store.read() as tx:
        log = type(tx.engagement)
    since = log.since

    async def counted(self, *asked_for):
        reads.append("since")
        return await since(self, *asked_for)

    monkeypatch.setattr(log, "since", counted)
    await tick(home)
    assert reads == ["since"]
