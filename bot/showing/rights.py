"""What is said of roles that people are given, and of two people who see who asked a question without a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bot.cards import Action, Block, Button, Card, Direct, Link, Style, Text
from bot.community import Appointment, MemberRecord, Reason, Role, Sight, Unmasking
from bot.events import Member
from bot.news import RoleNews
from bot.question import Question
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.showing.addresses import only_for_asker
from bot.showing.scene import Change, Saying, Scene, Shown, Unsaid
from bot.wording import Say, day_of, say_in

RightsWish = TellRole | AskSecond | ShowAsker | TellSeen


def about_rights(effect: RightsWish, scene: Scene) -> Shown:
    match effect:
        case TellRole():
            return _role(effect, scene)
        case AskSecond():
            return _second(effect, scene)
        case ShowAsker():
            return _asker(effect, scene)
        case TellSeen():
            return _seen(scene)
        case _:
            assert_never(effect)


def role_name(role: str, say: Say) -> str:
    names = {
        Role.CLINICIAN: say("clinician"),
        Role.MODERATOR: say("moderator"),
        Role.SAFETY_LEAD: say("safety lead"),
        Role.ORGANISER: say("organiser"),
        Role.OWNER: say("owner"),
    }
    return names[Role(role)]


def proof_names(say: Say) -> Mapping[str, str]:
    """How somebody knows that a person is a clinician, as they say it themselves (bot.appointing.PROOFS)."""
    return {
        "register": say("I looked them up in the public register of their profession"),
        "workplace": say("The hospital or practice where they work told me"),
        "colleague": say("I know them from our work together"),
        "licence": say("They showed me their licence, and I kept no copy"),
    }


def reason_names(say: Say) -> Mapping[str, str]:
    return {
        Reason.DANGER: say("Somebody may be in danger"),
        Reason.RULES: say("It hurts people here, and nothing else helps"),
        Reason.LAW: say("A court or an authority asks for it by law"),
    }


def appointment_line(one: Appointment, members: Mapping[str, MemberRecord], language: str, say: Say) -> str:
    """Who has which role here, and who says so."""
    name, by = (_name(members, key, say) for key in (one.member, one.by))
    since = day_of(one.at.date(), language)
    role = role_name(one.role, say)
    if one.until is None:
        return say("{name}: {role}, from {by} on {date}").format(name=name, role=role, by=by, date=since)
    until = day_of(one.until.date(), language)
    text = say("{name}: {role}, confirmed by {by} on {date}, until {until}")
    return text.format(name=name, role=role, by=by, date=since, until=until)


def _name(members: Mapping[str, MemberRecord], key: str, say: Say) -> str:
    record = members.get(key)
    return record.name if record and record.name else say("A member")


# --- roles ------------------------------------------------------------------------------------------------


def _role(effect: TellRole, scene: Scene) -> Shown:
    say, to = scene.say(effect.to), Direct(Member.from_key(effect.to))
    role, own = role_name(effect.role, say), effect.to == effect.member
    given = scene.appointment
    match effect.news:
        case RoleNews.GIVEN:
            if given is None:
                return Unsaid("it was taken back")
            return Saying(to, _given(effect, given, role, scene, say))
        case RoleNews.ENDED:
            if given is not None:
                return Unsaid("it was given again")
            if own:
                text = say("From now on you are no {role} here any more. Thank you for what you have done for people.")
                return Saying(to, Card((Text(text.format(role=role)),)))
            text = say("{name} is no {role} here any more: the year is over, and nobody said that it is still true.")
            return Saying(to, Card((Text(text.format(name=scene.name(effect.member, say), role=role)),)))
        case RoleNews.ENDS:
            if given is None or given.until is None or not given.reminded:
                return Unsaid("it was confirmed again, or taken back")
            return Saying(to, _ends(effect, given, role, scene, say))
        case _:
            assert_never(effect.news)


def _given(effect: TellRole, given: Appointment, role: str, scene: Scene, say: Say) -> Card:
    by = scene.name(effect.by, say)
    lead = Text(say("{name} has put you down as {role} here. Thank you.").format(name=by, role=role), strong=True)
    if given.role is not Role.CLINICIAN or given.until is None:
        return Card((lead,))
    until = day_of(given.until.date(), scene.language(effect.to))
    text = say(
        "Questions about medicines may come to you now, and your answers say who has confirmed you. It holds until "
        "{date}. I only ask who volunteers: say so with /volunteer, or on your page."
    )
    return Card((lead, Text(text.format(date=until))))


def _ends(effect: TellRole, given: Appointment, role: str, scene: Scene, say: Say) -> Card:
    assert given.until is not None
    until = day_of(given.until.date(), scene.language(effect.to))
    if effect.to == effect.member:
        text = say("You are {role} here until {date}. I am asking the moderators whether it is still true.")
        return Card((Text(text.format(role=role, date=until)),))
    name = scene.name(effect.member, say)
    text = say("{name} is {role} here until {date}. Do you know that it is still true? Then it holds for another year.")
    button = Button(Action.RENEW, f"{given.member}|{given.role}", say("Yes, for another year"), Style.PRIMARY)
    return Card((Text(text.format(name=name, role=role, date=until)),), (button,))


# --- who asked --------------------------------------------------------------------------------------------


def _second(effect: AskSecond, scene: Scene) -> Shown:
    asked, q, say = scene.unmasking, scene.question, scene.say(effect.to)
    if asked is None or q is None:
        return Unsaid("it is gone")
    if asked.state is not Sight.WAITING:
        card = Card((Text(_how_it_ended(asked, scene, say)),), quiet=True)
        if scene.posted is not None:
            return Change(scene.posted, card)
        own = effect.to == asked.by and asked.state is not Sight.SHOWN and asked.state is not Sight.TOLD
        return Saying(Direct(Member.from_key(effect.to)), card) if own else Unsaid("no card was shown")
    lead = say("{name} wants to see who asked a question without a name.").format(name=scene.name(asked.by, say))
    reason = say("The reason: {reason}.").format(reason=reason_names(say)[asked.reason])
    ask = say(
        "It takes two of you. Please agree only if you would have asked for it yourself. Both of you see the name. It "
        "is noted, and a day later the one who asked is told."
    )
    blocks: list[Block] = [Text(lead, strong=True), Text(reason), *_way(q, effect.to, scene, say), Text(ask)]
    buttons = (
        Button(Action.SEE_ASKER, asked.id, say("I agree: show it to both of us"), Style.DANGER),
        Button(Action.KEEP_HIDDEN, asked.id, say("No, it stays hidden")),
    )
    return Saying(Direct(Member.from_key(effect.to)), Card(tuple(blocks), buttons))


def _way(q: Question, to: str, scene: Scene, say: Say) -> tuple[Block, ...]:
    """Never its words: whoever may read them finds them where they stand."""
    if q.private or not q.place.message or not scene.opens(q, to):
        return ()
    return (Link(say("Open the question"), q.place),)


def _how_it_ended(asked: Unmasking, scene: Scene, say: Say) -> str:
    match asked.state:
        case Sight.REFUSED:
            return say("{name} did not agree: who asked stays hidden.").format(name=scene.name(asked.second, say))
        case Sight.EXPIRED:
            return say("Nobody agreed within a day: who asked stays hidden.")
        case _:
            text = say("{first} and {second} have agreed to see who asked. It is noted.")
            return text.format(first=scene.name(asked.by, say), second=scene.name(asked.second, say))


def _asker(effect: ShowAsker, scene: Scene) -> Shown:
    asked, q, say = scene.unmasking, scene.question, scene.say(effect.to)
    if asked is None or q is None:
        return Unsaid("it is gone")
    if asked.state is not Sight.SHOWN:
        if scene.posted is None:
            return Unsaid("its time is over")
        text = say("You saw here who asked. I have taken the name off, and told the one who asked.")
        return Change(scene.posted, Card((Text(text),), quiet=True))
    if q.asker not in scene.members or not scene.members[q.asker].name:
        return Unsaid("who asked has been forgotten")
    lead = say("{name} asked it: {account}").format(name=scene.name(q.asker, say), account=q.asker)
    note = say(
        "I show it once, to the two of you. Please use it only for what you gave as the reason: {reason}. Tomorrow I "
        "take it off here, and tell the one who asked."
    )
    blocks = (Text(lead, strong=True), Text(note.format(reason=reason_names(say)[asked.reason])))
    return Saying(Direct(Member.from_key(effect.to)), Card((*blocks, *_way(q, effect.to, scene, say))))


def _seen(scene: Scene) -> Shown:
    asked, q = scene.unmasking, scene.question
    if asked is None or q is None or asked.settled_at is None:
        return Unsaid("it is gone")
    say = say_in(q.language)
    text = say(
        "On {date} two people who look after this community have seen who asked your question without a name. Both had "
        "to agree. The reason they gave: {reason}. If something about it is not clear to you, ask a moderator."
    )
    when = day_of(asked.settled_at.date(), q.language)
    return only_for_asker(q, scene, Card((Text(text.format(date=when, reason=reason_names(say)[asked.reason])),)))
