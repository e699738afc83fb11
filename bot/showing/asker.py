"""What the one who asked gets to see: suggestions, news of the search, the question whether it helped."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Action, Address, Block, Button, Card, Direct, InThread, Link, OnlyFor, ResourceShown, Style, Text
from bot.community import Suggestion
from bot.effects import News
from bot.events import Member
from bot.policy import Mode
from bot.question import Question, Status
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, clock_time, say_in
from knowledge.resources import Resource

SUMMARY = 280  # characters of a resource shown in a card

AskerWish = do.ShowSuggestions | do.CloseSuggestions | do.TellAsker | do.AskWhetherHelped


def _asker_address(q: Question, mode: Mode) -> Address:
    asker = Member.from_key(q.asker)
    if q.private:
        return Direct(asker)
    return OnlyFor(q.place, asker) if mode is Mode.HINT else InThread(q.place)


def to_asker(effect: AskerWish, scene: Scene) -> Shown:
    q = scene.question
    if q is None:
        return Unsaid("the question is gone")
    say = say_in(q.language)
    match effect:
        case do.ShowSuggestions():
            return _suggestions(q, scene, say)
        case do.CloseSuggestions():
            if scene.posted is None:
                return Unsaid("no suggestion was shown")
            return Change(scene.posted, _suggestion_card(q, scene, say, settled=True))
        case do.TellAsker():
            if _outdated(effect.news, q):
                return Unsaid("the question has moved on")
            text = Text(_news(effect, q, scene, say))
            return Saying(_asker_address(q, scene.mode), Card((text,), question=q.id))
        case do.AskWhetherHelped():
            if q.status is not Status.ANSWERED:
                return Unsaid("the question has moved on")
            to = Direct(Member.from_key(q.asker)) if q.private else OnlyFor(q.place, Member.from_key(q.asker))
            return Saying(to, _helped_card(q, say))
        case _:
            assert_never(effect)


def _outdated(news: News, q: Question) -> bool:
    """Whether saying this now would no longer be the truth."""
    true_in = {
        News.ASKING: (Status.OFFERED,),
        News.ASLEEP: (Status.OPEN,),
        News.CLAIMED: (Status.CLAIMED,),
        News.ESCALATED: (Status.ESCALATED,),
        News.STILL_LOOKING: (Status.OPEN, Status.OFFERED),
        News.CLOSED: (Status.CLOSED,),
    }
    return news in true_in and q.status not in true_in[news]


def _suggestions(q: Question, scene: Scene, say: Say) -> Shown:
    card = _suggestion_card(q, scene, say, settled=q.status is not Status.OPEN)
    shown = any(s.resource in scene.resources for s in scene.suggestions)
    if scene.posted is not None:
        return Change(scene.posted, card)
    if q.status is not Status.OPEN:
        return Unsaid("the question has moved on")
    if not shown:
        return Unsaid("the resource is no longer there")
    return Saying(_asker_address(q, scene.mode), card)


def _suggestion_card(q: Question, scene: Scene, say: Say, *, settled: bool) -> Card:
    found = [(s, scene.resources[s.resource]) for s in scene.suggestions if s.resource in scene.resources]
    if not found:
        return Card((Text(say("This suggestion has been taken back.")),), quiet=True, question=q.id)
    lead = say("This may help. People in this community wrote it.")
    if len(found) > 1:
        lead = say("One of these may help. People in this community wrote them.")
    blocks: list[Block] = [Text(lead)]
    blocks += [_resource(q.id, s, r, say) for s, r in found]
    if settled:
        return Card(tuple(blocks), quiet=True, question=q.id)
    blocks.append(Text(say("If it does not, press a button and I will ask a person.")))
    buttons = (
        Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY),
        Button(Action.NOT_HELPED, q.id, say("Not what I need")),
        Button(Action.ASK_PERSON, q.id, say("Ask a person")),
    )
    return Card(tuple(blocks), buttons, question=q.id)


def _helped_card(q: Question, say: Say) -> Card:
    text = say("You have had an answer. Did it help? If not, I will go on looking for somebody.")
    buttons = (
        Button(Action.HELPED, q.id, say("This helped"), Style.PRIMARY),
        Button(Action.ASK_PERSON, q.id, say("Not yet: ask somebody else")),
    )
    return Card((Text(text), Link(say("Go to your question"), q.place)), buttons, question=q.id)


def _resource(question: str, suggestion: Suggestion, resource: Resource, say: Say) -> ResourceShown:
    """Title, the beginning, and one line of facts: why it matches, who reviewed it and when."""
    facts = []
    if suggestion.why:
        facts.append(say("Matches: {words}").format(words=", ".join(suggestion.why)))
    if resource.reviewed_by and resource.reviewed_at:
        when = resource.reviewed_at.date().isoformat()
        facts.append(say("Reviewed by {name}, {date}").format(name=resource.reviewed_by, date=when))
    elif resource.reviewed_by:
        facts.append(say("Reviewed by {name}").format(name=resource.reviewed_by))
    text = resource.text
    summary = text if len(text) <= SUMMARY else text[:SUMMARY].rsplit(" ", 1)[0] + " …"
    return ResourceShown(question, resource.id, resource.title, summary, " · ".join(facts), resource.url)


def _news(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    match effect.news:
        case News.ASKING:
            return say("I am asking one of our volunteers now, and I will go on until somebody answers.")
        case News.ASLEEP:
            return _asleep(effect, q, scene, say)
        case News.CLAIMED:
            text = say("{name} has seen your question and will answer here.")
            return text.format(name=scene.name(effect.about or q.claimed_by))
        case News.STILL_LOOKING:
            return say("{name} cannot answer after all. I am looking for somebody else.").format(
                name=scene.name(effect.about)
            )
        case News.ESCALATED:
            return say(
                "I have not found anybody to answer yet. The moderators know about your question now, and it stays "
                "open where everybody can see it."
            )
        case News.CLOSED:
            return say("Glad that it helped.")
        case _:
            assert_never(effect.news)


def _asleep(effect: do.TellAsker, q: Question, scene: Scene, say: Say) -> str:
    if effect.until is None:
        return say("Everybody who could answer is asleep now. I will ask as soon as somebody is up.")
    when = clock_time(effect.until, scene.now, scene.time_zone(q.asker), say)
    return say(
        "Everybody who could answer is asleep now. The first one is up at {time}, your time, and I will ask then. "
        "If you are worried about how your child is right now, please call your care team or the emergency number."
    ).format(time=when)
