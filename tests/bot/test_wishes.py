"""A wish on its way out: for whom, about what, and what it must not overtake."""

from bot import effects as do
from bot.news import News, Notice, OfferEnd
from bot.post import Wish
from bot.wishes import wishes
from tests.fakes.values import DANA, MODA, TESS, member, place


def test_a_step_done_again_has_the_same_keys_and_each_wish_its_own():
    effects = (do.CloseSuggestions("q1"), do.OfferQuestion("q1", TESS, 1), do.TellAsker("q1", News.ASKING))
    first = wishes(effects, "q1:3:OfferPassed", place())
    assert first == wishes(effects, "q1:3:OfferPassed", place())
    assert [w.key for w in first] == ["q1:3:OfferPassed:0", "q1:3:OfferPassed:1", "q1:3:OfferPassed:2"]


def test_the_askers_news_share_a_lane_and_every_volunteer_has_their_own():
    effects = (
        do.ShowSuggestions("q1"),
        do.TellAsker("q1", News.ASKING),
        do.RelayAnswer("q1", "x"),
        do.OfferQuestion("q1", TESS, 1),
        do.CloseOffer("q1", TESS, 1, OfferEnd.PASSED),
        do.AlertModerator("q1", MODA, 0),
        do.ShowSuggestions("q2"),
        do.PostQuestion("q1"),
        do.PassOn("q1", "letter-1"),
        do.PassOn("q1", "letter-2", TESS),
    )
    lanes = [w.lane for w in wishes(effects, "s", place())]
    of_letters = ["about:q1", "about:q1", f"{TESS}:q1"]
    assert lanes == ["about:q1"] * 3 + [f"{TESS}:q1"] * 2 + [f"{MODA}:q1", "about:q2", *of_letters]


def test_a_notice_waits_for_nothing():
    one, two = wishes((do.Notify(DANA, Notice.NOTED),) * 2, "s", None)
    assert one.lane != two.lane


def test_a_wish_goes_out_on_the_platform_of_its_reader_or_of_the_place():
    slack = "slack:T1:U1"
    offer = do.OfferQuestion("q1", slack, 1)
    assert wishes((offer,), "s", place()) == [Wish("s:0", f"{slack}:q1", "slack", "q1", slack, offer)]
    news = do.TellAsker("q1", News.ASKING)
    assert wishes((news,), "s", place()) == [Wish("s:0", "about:q1", "web", "q1", "", news)]
    nudge = do.NudgePrivacy(place(), member("dana"))
    assert wishes((nudge,), "s", place())[0].to == DANA
