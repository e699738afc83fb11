"""Forms of those who look after a community: a channel, who has which role, to see who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.cards import Form
from bot.community import Channel, Role, Trust
from bot.policy import LOCAL, Answering, Mode, Policy
from bot.showing.channels import mode_name
from bot.showing.rights import proof_names, reason_names, role_name
from bot.showing.sheet import Field, Input, Sheet
from bot.trusting import FIELDS, as_lines
from bot.wording import Say


def channel_sheet(channel: Channel, say: Say, *, replies: bool = False) -> Sheet:
    """`replies`: whether a message can be answered in the channel itself there."""
    wanted = modes(say)
    if replies:
        wanted = ((Mode.THREAD.value, say("Answer for everybody to see")), *wanted[1:])
    fields = (
        Field("mode", Input.ONE_OF, say("What should I do here?"), channel.mode.value, options=wanted),
        *([_answering(channel, say)] if replies else []),
        Field(
            "digest",
            Input.ONE_OF,
            say("Post the weekly digest here?"),
            "yes" if channel.digest else "no",
            options=(("yes", say("Yes, this is the team's channel")), ("no", say("No"))),
        ),
    )
    intro = (say("Channel: {name}").format(name=f"#{channel.name}"),)
    return Sheet(Form.CHANNEL, channel.key, say("This channel"), say("Save"), fields, intro)


def _answering(channel: Channel, say: Say) -> Field:
    options = (
        (Answering.THREAD.value, say("In a thread on the question")),
        (Answering.REPLY.value, say("In the channel, as a reply")),
    )
    label, hint = say("Where do answers stand?"), say("In a forum always in the post.")
    return Field("answering", Input.ONE_OF, label, channel.answering.value, hint, options)


def modes(say: Say) -> tuple[tuple[str, str], ...]:
    return tuple((mode.value, mode_name(mode, say)) for mode in (Mode.THREAD, Mode.HINT, Mode.MENTION, Mode.OFF))


def waiting_sheet(channel: Channel, policy: Policy, say: Say) -> Sheet:
    """What a channel may set for itself. Left empty, it goes by what the community has, `policy`."""
    own, usual = dict(channel.numbers), say("Empty: as everywhere here, {number}.")
    labels = {
        "self_serve": say("Minutes alone with a suggestion, before I ask a person"),
        "offer": say("Minutes a volunteer has to accept"),
        "claim": say("Minutes whoever accepted has to answer"),
        "offers_per_question": say("Volunteers asked, before clinicians and moderators"),
    }
    found = []
    for name, label in labels.items():
        value = getattr(policy, name)
        number = value // timedelta(minutes=1) if LOCAL[name] else value
        typed = str(own.get(name, ""))
        found.append(Field(name, Input.LINE, label, typed, usual.format(number=number), optional=True, limit=6))
    intro = (say("Channel: {name}").format(name=f"#{channel.name}"),)
    return Sheet(Form.WAITING, channel.key, say("How long I wait here"), say("Save"), tuple(found), intro)


def roles_sheet(space: str, trusts: Sequence[Trust], say: Say) -> Sheet:
    """Which roles of a platform stand for a moderator and for a clinician. `trusts`: of that space."""
    labels = {
        "moderators": say("Moderators: who has one of these"),
        "clinicians": say("Clinicians: who has one of these"),
    }
    fields = tuple(
        Field(name, Input.ROLES, labels[name], as_lines(trusts, role), optional=True) for name, role in FIELDS.items()
    )
    intro = (say("Whoever may give out these roles decides with it who looks after the community."),)
    return Sheet(Form.ROLES, space, say("Roles that count here"), say("Save"), fields, intro)


def appoint_sheet(roles: Sequence[Role], say: Say) -> Sheet:
    """Give somebody a role, or take it back. `roles`: those that the reader may give."""
    on = (
        ("yes", say("They are it from now on, or for another year")),
        ("no", say("They are it no longer")),
        ("mistake", say("It was a mistake: what they have reviewed about medicines no longer counts")),
    )
    fields = [
        Field("who", Input.MEMBER, say("Who?")),
        Field("role", Input.ONE_OF, say("As what?"), options=tuple((r.value, role_name(r, say)) for r in roles)),
        Field("on", Input.ONE_OF, say("What should I note?"), "yes", options=on),
    ]
    if Role.CLINICIAN in roles:
        hint = say("I keep only which of these it was. Please show me no papers.")
        label = say("For a clinician: how do you know?")
        fields.append(
            Field("proof", Input.ONE_OF, label, hint=hint, options=tuple(proof_names(say).items()), optional=True)
        )
    intro = (say("I tell them, and note that it was you. A clinician is one for a year, then I ask again."),)
    return Sheet(Form.APPOINT, "", say("Give a role"), say("Save"), tuple(fields), intro)


def unmask_sheet(question: str, pseudonym: str, say: Say) -> Sheet:
    """Ask a second person to see, together, who asked."""
    reason = Field("reason", Input.ONE_OF, say("Why do you need to see it?"), options=tuple(reason_names(say).items()))
    intro = (
        say("Who asked as {name} wished not to be named.").format(name=pseudonym or say("Somebody")),
        say(
            "Somebody else who looks after people here has to agree. Then both of you see it, and a day later I say so "
            "to the one who asked."
        ),
    )
    return Sheet(Form.UNMASK, question, say("See who asked"), say("Ask for it"), (reason,), intro)
