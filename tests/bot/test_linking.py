"""Two accounts, one person: by a one-time code, counted once, and parted again."""

import re

from bot.cards import Action, Form
from bot.community import QuestionFilter, Role
from bot.engagement import Tier
from bot.linking import hashed
from bot.reporting import make_report
from tests.fakes.community import INFUSION, Community
from tests.fakes.values import DAY, MINUTE, key

UNKNOWN = "I don't know this code. It works once and for 15 minutes. You can get a new one."


async def code_for(community: Community, name: str) -> str:
    await community.submit(name, Form.LINK, "", {"code": ""})
    found = re.search(r"Your code is ([A-Z2-9]{4}-[A-Z2-9]{4})\.", community.last(name))
    assert found
    return found[1]


async def redeem(community: Community, name: str, code: str) -> str:
    await community.submit(name, Form.LINK, "", {"code": code})
    return community.last(name)


async def record(community: Community, name: str):
    async with community.store.read() as tx:
        return (await tx.members.get([key(name)]))[key(name)]


async def test_who_is_forgotten_is_forgotten_with_all_their_accounts_and_stays_one_person(anywhere: Community):
    await redeem(anywhere, "tess", await code_for(anywhere, "dana"))
    for name, text in (("dana", "How do you keep the cool bag cold?"), ("tess", "What do you pack for a long stay?")):
        await anywhere.say(name, text)
    await anywhere.force("tess", Action.FORGET_ME, "x")
    dana, tess = await record(anywhere, "dana"), await record(anywhere, "tess")
    assert (dana.name, tess.name, dana.person) == ("", "", tess.person)
    async with anywhere.store.read() as tx:
        assert {q.text for q in await tx.questions.find(QuestionFilter())} == {""}


async def test_two_accounts_become_one_person_and_roles_stay_with_the_account(anywhere: Community):
    code = await code_for(anywhere, "moda")
    said = await redeem(anywhere, "dana", f" {code.lower().replace('-', ' ')} ")
    assert (
        said
        == anywhere.last("moda")
        == ("Done: your two accounts are one person now. What each may do stays as it was.")
    )
    dana, moda = await record(anywhere, "dana"), await record(anywhere, "moda")
    assert dana.person == moda.person == "p-moda"
    assert (dana.roles, moda.roles) == (frozenset(), frozenset({Role.MODERATOR}))
    await anywhere.submit("dana", Form.RETIRE_RESOURCE, "r1", {})
    assert anywhere.last("dana") == "This is not open to everybody here. A moderator can help you."
    async with anywhere.store.read() as tx:
        log = [(a.actor, a.action, a.subject) for a in await tx.audit.all() if a.action == "link"]
    assert log == [(key("dana"), "link", key("moda"))]


async def test_a_code_works_once_and_only_its_hash_is_stored(anywhere: Community):
    code = await code_for(anywhere, "moda")
    async with anywhere.store.read() as tx:
        assert code not in repr([row.wish for row in await tx.outbox.to(key("moda"))])
        assert await tx.links.maker(hashed(code), anywhere.clock.now()) == key("moda")
    await redeem(anywhere, "dana", code)
    assert await redeem(anywhere, "ben", code) == UNKNOWN
    assert (await record(anywhere, "ben")).person == "p-ben"


async def test_a_code_is_of_no_use_after_a_quarter_of_an_hour(anywhere: Community):
    code = await code_for(anywhere, "moda")
    anywhere.clock.move(15 * MINUTE)
    assert await redeem(anywhere, "dana", code) == UNKNOWN


async def test_after_five_tries_there_is_a_pause_of_an_hour(home: Community):
    code = await code_for(home, "moda")
    for _ in range(5):
        assert await redeem(home, "dana", "AAAA-BBBB") == UNKNOWN
    assert await redeem(home, "dana", code) == "That was a lot of codes. Please try again in an hour."
    assert (await record(home, "dana")).person == "p-dana"
    home.clock.move(60 * MINUTE)
    fresh = await code_for(home, "moda")
    assert (await redeem(home, "dana", fresh)).startswith("Done")


async def test_ones_own_code_changes_nothing(home: Community):
    code = await code_for(home, "dana")
    assert await redeem(home, "dana", code) == "This is settled already. Thank you."


async def test_that_a_person_opted_out_is_true_of_both_accounts_and_later_changes_too(anywhere: Community):
    await anywhere.enter("dana", opted_out=True)
    await redeem(anywhere, "dana", await code_for(anywhere, "ben"))
    assert [(await record(anywhere, name)).opted_out for name in ("dana", "ben")] == [True, True]
    await anywhere.force("ben", Action.OPT_IN, "x")
    assert [(await record(anywhere, name)).opted_out for name in ("dana", "ben")] == [False, False]


async def test_three_accounts_are_one_person_whichever_way_they_are_linked(home: Community):
    await redeem(home, "dana", await code_for(home, "ben"))
    await redeem(home, "dana", await code_for(home, "kofi"))
    assert {(await record(home, name)).person for name in ("dana", "ben", "kofi")} == {"p-kofi"}


async def test_unlinked_they_are_two_again_and_who_is_alone_can_not_be_parted(anywhere: Community):
    await redeem(anywhere, "dana", await code_for(anywhere, "ben"))
    await anywhere.submit("dana", Form.UNLINK, "", {})
    assert anywhere.last("dana") == "Done: this account stands for itself again."
    dana, ben = await record(anywhere, "dana"), await record(anywhere, "ben")
    assert ben.person == "p-ben"
    assert dana.person not in ("p-ben", "p-dana")
    await anywhere.submit("ben", Form.UNLINK, "", {})
    assert anywhere.last("ben") == "This is settled already. Thank you."
    async with anywhere.store.read() as tx:
        assert [a.action for a in await tx.audit.all() if a.actor == key("dana")] == ["link", "unlink"]


async def test_nobody_is_sent_their_own_question_from_before_they_linked(home: Community):
    asked = await home.say("dana", "Where do you park at the hospital?")
    await redeem(home, "dana", await code_for(home, "kofi"))
    question = await home.question(asked)
    assert question.asker_person == "p-kofi"
    await home.force("kofi", Action.TAKE, question.id)
    assert (await home.question(asked)).claimed_by != key("kofi")


async def test_the_two_are_counted_once(home: Community):
    await home.say("dana", "Where do you park at the hospital?")
    await home.say("ben", f"{INFUSION[0]}?")
    before = await using(home)
    await redeem(home, "dana", await code_for(home, "ben"))
    assert (before, await using(home)) == (2, 1)
    await home.submit("ben", Form.UNLINK, "", {})
    assert await using(home) == 2


async def using(community: Community) -> int | None:
    now = community.clock.now()
    report = await make_report(community.store, community.model, now, now - DAY, community.policy, show_all=True)
    return next(line.cumulative for line in report.tiers if line.tier is Tier.USING)


async def test_a_member_the_bot_has_never_met_can_link_and_opt_out_and_be_forgotten(anywhere: Community):
    code = await code_for(anywhere, "stranger")
    assert (await redeem(anywhere, "newcomer", code)).startswith("Done")
    await anywhere.force("silent", Action.OPT_OUT, "x")
    assert anywhere.last("silent") == "I will leave your messages alone from now on."
    assert (await record(anywhere, "silent")).opted_out
    await anywhere.force("quiet", Action.OPT_IN, "x")
    assert not (await record(anywhere, "quiet")).opted_out
    await anywhere.force("ghost", Action.FORGET_ME, "x")
    assert anywhere.last("ghost") == "I have erased your words and your name here."
