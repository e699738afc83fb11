"""Nobody's words are kept longer than needed: a draft that led to nothing is let go by itself."""

from datetime import timedelta

from bot.cards import Action
from bot.curation import DraftState
from bot.signing_in import SIGNED_IN, make_link, spend
from tests.bot.test_lookups import saved
from tests.fakes.community import Community
from tests.fakes.values import key

DAY = timedelta(days=1)
WORDS = "Behind the church"


async def states(community: Community) -> dict[str, tuple[DraftState, str]]:
    async with community.store.read() as tx:
        return {d.id: (d.state, d.text) for d in await tx.drafts.all()}


async def test_a_draft_to_which_nobody_said_yes_is_let_go(anywhere: Community):
    draft = await saved(anywhere, "dana")
    anywhere.clock.move(29 * DAY)
    assert not await anywhere.desk.retain()
    assert WORDS in (await states(anywhere))[draft][1]
    anywhere.clock.move(2 * DAY)
    assert await anywhere.desk.retain()
    assert (await states(anywhere))[draft] == (DraftState.LAPSED, "")
    await anywhere.desk.settle()
    assert anywhere.last("dana") == "Some time has passed, so I have let this one go. Nothing of it is kept."
    assert not await anywhere.desk.retain()


async def test_what_was_sent_back_is_let_go_and_what_waits_for_a_reader_is_not(anywhere: Community):
    await anywhere.enter("dana", shares_answers=True)
    back, waits = await saved(anywhere, "dana"), await saved(anywhere, "dana", title="Waits")
    await anywhere.force("moda", Action.SEND_BACK, back)
    anywhere.clock.move(31 * DAY)
    await anywhere.desk.retain()
    found = await states(anywhere)
    assert found[back] == (DraftState.LAPSED, "")
    assert found[waits][0] is DraftState.IN_REVIEW
    assert WORDS in found[waits][1]


async def test_where_somebody_was_signed_in_is_not_kept_when_it_is_over(anywhere: Community):
    now = anywhere.clock.now()
    await spend(anywhere.store, await make_link(anywhere.store, key("dana"), now), now)
    anywhere.clock.move(SIGNED_IN)
    await anywhere.desk.retain()
    async with anywhere.store.read() as tx:
        assert [one.since for one in await tx.sign_ins.of(key("dana"))] == [now]
    anywhere.clock.move(timedelta(hours=1))
    await anywhere.desk.retain()
    async with anywhere.store.read() as tx:
        assert await tx.sign_ins.of(key("dana")) == ()
        assert await tx.sign_ins.offered(key("dana"), now - DAY) == 0
