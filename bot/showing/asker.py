"""What the one who asked gets to see: suggestions, news of the search, the question whether it helped."""

from __future__ import annotations

import re
from typing import assert_never

from bot import effects as do
from bot.cards import Action, Block, Button, Card, Link, ResourceShown, Style, Text
from bot.community import Suggestion
from bot.news import News
from bot.question import Question, Status
from bot.showing.addresses import for_asker_alone, news_for_asker, only_for_asker, suggestions_for
from bot.showing.letters import write_back_button
from bot.showing.scene import Change, Scene, Shown, Unsaid
from bot.wording import Say, clock_time, month_name, say_in
from knowledge.resources import Resource

SUMMARY = 280  # characters of a resource shown in a card

_NOBODY_HAS_IT = (Status.OPEN, Status.OFFERED, Status.ESCALATED)
_UNSETTLED = tuple(s for s in Status if s is not Status.CLOSED)

AskerWish = do.ShowSuggestions | do.CloseSuggestions | do.TellAsker | do.AskWhetherHelped


def to_asker(effect: AskerWish, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    say = say_in(q.language)
    match effect:
        case do.ShowSuggestions():
            return _suggestions(q, scene, say)
        case do.CloseSuggestions():
            if scene.posted is None or scene.gone:
                return Unsaid("no suggestion was shown, or it can't be reached")
            return Change(scene.posted, _suggestion_card(q, scene, say, settled=True))
        case do.TellAsker():
            if _outdated(effect.news, q):
                return Unsaid("the question has moved on")
            return news_for_asker(q, scene, _news_card(effect, q, scene, say))
        case do.AskWhetherHelped():
            if q.status is not Status.ANSWERED:
                return Unsaid("the question has moved on")
            return only_for_asker(q, scene, _helped_card(q, say))
        case _:
            assert_never(effect)


def _news_card(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> Card:
    text = Text(_news(effect, q, scene, say))
    if effect.news is News.POSTED:
        link = Link(say("See your question"), q.place)
        buttons = (write_back_button(q, say), Button(Action.WITHDRAW, q.id, say("Take it back")))
        return Card((text, link), buttons, question=q.id)
    if effect.news is News.HELD_BACK:
        ask = Button(Action.ASK_PERSON, q.id, say("Ask somebody in private"), Style.PRIMARY)
        return Card((text,), (ask,), question=q.id)
    if effect.news is News.CLAIMED and q.nameless:
        return Card((text,), (write_back_button(q, say),), question=q.id)
    return Card((text,), question=q.id)


def _outdated(news: News, q: Question) -> bool:
    """Whether saying this now would no longer be the truth."""
    true_in = {
        News.ASKING: (Status.OFFERED,),
        News.ASLEEP: (Status.OPEN,),
        News.CLAIMED: (Status.CLAIMED,),
        News.ESCALATED: (Status.ESCALATED,),
        News.UNATTENDED: (Status.ESCALATED,),
        News.STILL_LOOKING: (Status.OPEN, Status.OFFERED),
        News.HANDED_ON: (Status.OPEN, Status.OFFERED),
        News.CLOSED: (Status.CLOSED,),
        News.POSTED: _UNSETTLED,
        News.NOT_POSTED: _UNSETTLED,
        News.CHANNEL_LOST: _UNSETTLED,
        News.HELD_BACK: (Status.CLOSED,),
        News.TAKEN_DOWN: (Status.CLOSED,),
    }
    return news in true_in and q.status not in true_in[news]


def _suggestions(q: Question, scene: Scene, say: Say) -> Shown:
    card = _suggestion_card(q, scene, say, settled=q.status not in _NOBODY_HAS_IT)
    shown = bool(_shown(q, scene))
    if scene.posted is not None:
        return Unsaid("the channel is gone") if scene.gone else Change(scene.posted, card)
    if q.status not in _NOBODY_HAS_IT or q.unposted:
        return Unsaid("the question has moved on")
    if not shown:
        return Unsaid("the resource is no longer there")
    return suggestions_for(q, scene, card)


def _shown(q: Question, scene: Scene) -> list[tuple[Suggestion, Resource]]:
    """What is still in the library; where everybody reads it, only what is sure: its channel may have changed, and a
    card stays where it stands."""
    there = [(s, scene.resources[s.resource]) for s in scene.suggestions if s.resource in scene.resources]
    posted = scene.posted
    alone = for_asker_alone(q, scene)
    if posted is not None and not q.private:
        alone = posted.alone or posted.channel != q.place.channel
    return there if alone else [(s, r) for s, r in there if s.confidence >= scene.sure_from]


def _suggestion_card(q: Question, scene: Scene, say: Say, *, settled: bool) -> Card:
    found = _shown(q, scene)
    if not found:
        return Card((Text(say("This suggestion has been taken back.")),), quiet=True, question=q.id)
    lead = say("This is from our community's library. It may help.")
    if len(found) > 1:
        lead = say("These are from our community's library. One of them may help.")
    if all(s.confidence < scene.sure_from for s, _ in found):
        lead = say("I am not sure, but this from our community's library is perhaps related.")
    blocks: list[Block] = [Text(lead)]
    blocks += [_resource(q, s, r, say) for s, r in found]
    if settled:
        return Card(tuple(blocks), quiet=True, question=q.id)
    helped = Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY)
    if q.status is not Status.OPEN:  # found when more was said: people are asked already
        blocks.append(Text(say("I look for a person all the same. If this is all you need, tell me with a button.")))
        return Card(tuple(blocks), (helped,), question=q.id)
    blocks.append(Text(say("If it is not what you need, press a button and I will ask a person.")))
    buttons = (
        helped,
        Button(Action.NOT_HELPED, q.id, say("Not what I need")),
        Button(Action.ASK_PERSON, q.id, say("Ask a person")),
    )
    return Card(tuple(blocks), buttons, question=q.id)


def _helped_card(q: Question, say: Say) -> Card:
    text = say("Somebody has answered your question. Did it help? If not, I can ask somebody else.")
    buttons = (
        Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY),
        Button(Action.ASK_PERSON, q.id, say("Not yet: ask somebody else")),
    )
    link = (Link(say("Go to your question"), q.place),) if q.place.message else ()
    return Card((Text(text), *link), buttons, question=q.id)


def _resource(q: Question, suggestion: Suggestion, resource: Resource, say: Say) -> ResourceShown:
    """Title, the beginning, and one line of facts: why it matches, who reviewed it and when. Under a question about
    medicines no sentence with a number in it is shown: nobody should take a dose from a card."""
    facts = []
    if suggestion.why:
        facts.append(say("Matches: {words}").format(words=", ".join(suggestion.why)))
    if resource.reviewed_by and resource.reviewed_at:
        when = month_name(resource.reviewed_at.date(), q.language)
        facts.append(say("Reviewed by {name}, {date}").format(name=resource.reviewed_by, date=when))
    elif resource.reviewed_by:
        facts.append(say("Reviewed by {name}").format(name=resource.reviewed_by))
    summary = summary_of(resource, numbers=not q.medical)
    return ResourceShown(q.id, resource.id, resource.title, summary, " · ".join(facts), resource.url, say("Read it"))


def summary_of(resource: Resource, *, numbers: bool) -> str:
    """The beginning of its text. Without `numbers`, sentences with a figure in them are left out."""
    text = text_of(resource, numbers=numbers)
    return text if len(text) <= SUMMARY else text[:SUMMARY].rsplit(" ", 1)[0] + " …"


def text_of(resource: Resource, *, numbers: bool) -> str:
    """All of its text, to be read under a question; `numbers` as above."""
    return resource.text if numbers else _without_numbers(resource.text)


def _without_numbers(text: str) -> str:
    sentences = re.split(r"(?<=[.!?\n])\s+", text)
    return " ".join(s for s in sentences if not any(letter.isnumeric() for letter in s))


def _news(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    match effect.news:
        case News.ASKING:
            return say("I am asking one of our volunteers now. If they can't, I will ask the next one.")
        case News.ASLEEP:
            return _asleep(effect, q, scene, say)
        case News.CLAIMED:
            text = say("{name} has taken your question and wants to answer it here.")
            return text.format(name=scene.name(effect.about or q.claimed_by, say))
        case News.STILL_LOOKING:
            text = say("{name} could not get to it this time. I am looking for somebody else.")
            return text.format(name=scene.name(effect.about, say))
        case News.ESCALATED:
            return _escalated(effect, q, scene, say)
        case News.HANDED_ON:
            text = say("{name} thinks that somebody else may know better. I am looking for them now.")
            return text.format(name=scene.name(effect.about, say))
        case News.UNATTENDED if q.medical:
            return f"{_nobody(effect, q, scene, say)} {_ask_your_team(say)}"
        case News.UNATTENDED:
            open_ = say("I keep your question open and will go on looking.")
            return f"{_nobody(effect, q, scene, say)} {open_}"
        case News.CLOSED:
            return say("I am glad it helped.")
        case News.POSTED:
            text = say(
                "Your question is in the channel now, as {name}. It does not say who asked. I bring you every reply, "
                "and what you write back goes there under the same name."
            )
            return text.format(name=q.pseudonym)
        case News.NOT_POSTED:
            return say(
                "I could not post your question in that channel, so I am asking in private now. Your name stays hidden."
            )
        case News.HELD_BACK:
            return say(
                "I posted others for you not long ago, so I keep this one safe: shall I ask somebody in private?"
            )
        case News.TAKEN_DOWN:
            return say(
                "Your question is no longer in the channel: somebody who looks after it has taken it out. You can "
                "always ask me in private."
            )
        case News.CHANNEL_LOST:
            return say("I am no longer in the channel where you asked, so I bring you the answer here.")
        case _:
            assert_never(effect.news)


def _ask_your_team(say: Say) -> str:
    return say(
        "Other parents and the moderators can't answer it, so please don't wait for us: your care team or a "
        "pharmacist can. I keep your question open."
    )


def _escalated(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    """That nobody was found, who knows, and what they can do meanwhile."""
    known = say("The moderators know about your question now.")
    if q.private:
        known = say("The moderators know now that somebody is waiting.")
    if effect.until is not None:
        when = clock_time(effect.until, scene.now, scene.time_zone(q.asker), say)
        known = say("The moderators are asleep or off too: I tell them {when}, your time.").format(when=when)
    rest = "" if q.private else say("Everybody here can still answer it.")
    if q.medical:
        rest = _ask_your_team(say)
    return " ".join(filter(None, (_nobody(effect, q, scene, say), known, rest)))


def _nobody(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    if effect.about:
        text = say("{name} could not get to it after all, and I have not found anybody else yet.")
        return text.format(name=scene.name(effect.about, say))
    if q.answered_by:
        return say("I have not found anybody else to answer yet.")
    if q.medical:
        return say("This is about medicines, and I have found no clinician here who can answer it now.")
    return say("I have not found anybody to answer yet.")


def _asleep(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    if effect.until is None:
        return say("The people who could answer are asleep or off just now. I will ask as soon as one of them is back.")
    when = clock_time(effect.until, scene.now, scene.time_zone(q.asker), say)
    if effect.count == 1:
        who = say("The one person who could answer is asleep or off just now, and is back {when}, your time.")
    elif effect.count:
        who = say(
            "The {count} people who could answer are asleep or off just now. The first one is back {when}, your time."
        )
    else:
        who = say("The people who could answer are asleep or off just now. The first one is back {when}, your time.")
    care = say(
        "I will ask then. If you are worried about how your child is right now, please call your care team or your "
        "emergency number."
    )
    return f"{who.format(when=when, count=effect.count)} {care}"
