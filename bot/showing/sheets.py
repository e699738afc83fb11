"""Forms to fill in, without any platform in them: what is asked, in the reader's words, and what stands there already.

The names of the fields are those that bot.forms reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.cards import Form
from bot.community import Channel, MemberRecord, Role, Topic, Trust, VolunteerSettings
from bot.forms import MAX_TITLE
from bot.policy import LOCAL, Answering, Mode, Policy
from bot.private_details import Taken
from bot.routing import Kind, Quiet
from bot.safety.whereabouts import country_name
from bot.showing.channels import mode_name
from bot.showing.rights import proof_names, reason_names, role_name
from bot.trusting import FIELDS, as_lines
from bot.typed import MAX_TEXT
from bot.wording import Say

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_TAKEN = 10  # details in one list: a platform takes no more
LANGUAGES = (("en", "English"), ("es", "Español"), ("de", "Deutsch"), ("fr", "Français"), ("pt", "Português"))


class Input(StrEnum):
    LINE = "line"
    LINES = "lines"
    ONE_OF = "one_of"
    SOME_OF = "some_of"  # the value joins what was chosen by commas
    TIME = "time"  # like 22:00
    MEMBER = "member"  # the value is a member key
    ROLES = "roles"  # of the platform; the value has a line for each: its key and its name


@dataclass(frozen=True, slots=True)
class Field:
    """`options` are (value, label)."""

    name: str
    input: Input
    label: str
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    limit: int = 0  # characters; 0: what the platform takes


@dataclass(frozen=True, slots=True)
class Sheet:
    """`kept` are values that nobody types. `intro` stands above the fields."""

    form: Form
    subject: str
    title: str
    send: str
    fields: tuple[Field, ...]
    intro: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


def resource_sheet(
    form: Form,
    subject: str,
    given: Mapping[str, str],
    topics: Sequence[Topic],
    language: str,
    say: Say,
    taken: Sequence[Taken] = (),
) -> Sheet:
    """Save an answer, or put a draft or a resource right. `given` are values to begin with, `taken` what was taken out
    of them."""
    title = say("Save as a resource") if form is Form.SAVE_RESOURCE else say("Put it right")
    fields: tuple[Field, ...] = (
        Field("title", Input.LINE, say("Title"), given.get("title", "")[:MAX_TITLE], limit=MAX_TITLE),
        Field("text", Input.LINES, say("What should the next family read?"), given.get("text", ""), limit=MAX_TEXT),
        Field(
            "asked_as",
            Input.LINES,
            say("How might somebody ask for it?"),
            given.get("asked_as", ""),
            say("One question a line. It helps me to find it."),
            optional=True,
        ),
        _topics_field(given.get("topics", ""), topics, language, say),
        Field(
            "medical",
            Input.SOME_OF,
            say("Does it speak of treatment?"),
            given.get("medical", ""),
            options=(("yes", say("Yes: a clinician reads it before it is published")),),
            optional=True,
        ),
    )
    intro: tuple[str, ...] = ()
    if taken:
        fields = (*fields[:2], *left_in_field(taken, say), *fields[2:])
        intro = (say("I took out what could say who somebody is. Please read once more what I have missed."),)
    elif form is Form.SAVE_RESOURCE:
        intro = (say("Names, phone numbers and addresses are taken out. The author is asked before anything is kept."),)
    kept = tuple((name, given[name]) for name in ("author", "language") if given.get(name))
    return Sheet(form, subject, title, say("Save"), fields, intro, kept)


def left_in_field(taken: Sequence[Taken], say: Say) -> tuple[Field, ...]:
    """What was taken out, for a moderator to look at; none when nothing of it can be left in."""
    options = tuple((t.choice, f"{t.stand_in} {t.words}") for t in taken if t.choice)[:MOST_TAKEN]
    if not options:
        return ()
    label, hint = say("What I took out"), say("Choose what is not private, like a helpline's number: that stays in.")
    return (Field("keep", Input.SOME_OF, label, "", hint, options, optional=True),)


def retire_sheet(resource: str, title: str, say: Say) -> Sheet:
    """Asked once more: nothing brings it back."""
    text = say("I will not show “{title}” to anybody any more. Nobody can bring it back.").format(title=title)
    return Sheet(Form.RETIRE_RESOURCE, resource, say("Retire a resource"), say("Retire"), (), (text,))


def answer_sheet(question: str, words: str, say: Say, stands: str = "") -> Sheet:
    """A volunteer's answer that the bot brings over. `words` is the question, as the volunteer may read it, `stands`
    what the bot has posted for them already: that is changed."""
    hint = say("This is what stands under the question. Change it, or add to it.")
    if not stands:
        hint = say("A few honest words are enough.")
    field = Field("text", Input.LINES, say("Your answer"), stands, hint, limit=MAX_TEXT)
    return Sheet(Form.ANSWER, question, say("Write an answer"), say("Send"), (field,), (words,) if words else ())


def ask_sheet(words: str, channel: str, channels: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """Ask in private, or in a channel without a name. `channels` are (key, name)."""
    how = [("private", say("In private: only the one who answers reads it"))]
    fields = [Field("text", Input.LINES, say("Your question"), words, limit=MAX_TEXT)]
    if channels:
        how.append(("anonymous", say("In the channel, without my name")))
    fields.append(Field("how", Input.ONE_OF, say("How should I ask?"), "private", options=tuple(how)))
    if channels:
        label = say("Which channel, if without your name?")
        known = channel if channel in {key for key, _ in channels} else channels[0][0]
        fields.append(Field("channel", Input.ONE_OF, label, known, options=tuple(channels), optional=True))
    return Sheet(Form.ASK, "", say("Ask a question"), say("Ask"), tuple(fields))


def write_back_sheet(question: str, say: Say) -> Sheet:
    """The asker writes to whoever has the question."""
    field = Field("text", Input.LINES, say("Your message"), hint=say("I bring it over. Your name stays with me."))
    return Sheet(Form.WRITE_BACK, question, say("Write back"), say("Send"), (field,))


def hand_over_sheet(question: str, say: Say) -> Sheet:
    field = Field("to", Input.MEMBER, say("Who could answer it?"), hint=say("I ask them first. They can say no."))
    return Sheet(Form.HAND_OVER, question, say("Hand it over"), say("Ask them"), (field,))


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


def merge_sheet(draft: str, title: str, resources: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """Add a draft to a resource that says the same. `resources` are (id, title), the most similar first."""
    into = Field("into", Input.ONE_OF, say("Which one?"), resources[0][0], options=tuple(resources))
    intro = (say("“{title}” becomes a paragraph of it.").format(title=title),)
    return Sheet(Form.MERGE_DRAFT, draft, say("Add to a resource"), say("Add"), (into,), intro)


def phrase_sheet(draft: str, phrase: str, resources: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """One more way to ask for a resource, in other words. `resources` are (id, title): what was shown for it, first the
    one it is proposed for."""
    label, hint = say("How might somebody ask for it?"), say("Short, and nothing that could say who asked.")
    fields = [Field("asked_as", Input.LINE, label, phrase[:MAX_TITLE], hint, limit=MAX_TITLE)]
    if len(resources) > 1:
        fields.append(Field("into", Input.ONE_OF, say("Which one helped?"), resources[0][0], options=tuple(resources)))
    intro = (say("I find “{title}” by it.").format(title=resources[0][1]),) if len(resources) == 1 else ()
    return Sheet(Form.ADD_PHRASE, draft, say("One more question"), say("Add"), tuple(fields), intro)


def follow_sheet(topics: Sequence[Topic], followed: Sequence[str], language: str, say: Say) -> Sheet:
    topic = Field("topic", Input.LINE, say("Topic"))
    if topics:
        topic = Field("topic", Input.ONE_OF, say("Topic"), options=tuple((t.id, t.name(language)) for t in topics))
    on = Field(
        "on",
        Input.ONE_OF,
        say("What should I do?"),
        "yes",
        options=(("yes", say("Tell me what is new about it")), ("no", say("Stop telling me"))),
    )
    intro = (say("You follow: {topics}").format(topics=", ".join(followed)),) if followed else ()
    return Sheet(Form.FOLLOW, "", say("Follow a topic"), say("Save"), (topic, on), intro)


def block_sheet(blocked: Sequence[str], say: Say) -> Sheet:
    """`blocked` are the names of those whom the bot does not ask already."""
    other = Field("other", Input.MEMBER, say("Who?"))
    on = Field(
        "on",
        Input.ONE_OF,
        say("What should I do?"),
        "yes",
        options=(
            ("yes", say("Don't ask them about my questions")),
            ("no", say("They may be asked again")),
        ),
    )
    intro = [say("I tell nobody, and not them either.")]
    if blocked:
        intro.append(say("I don't ask: {names}").format(names=", ".join(blocked)))
    return Sheet(Form.BLOCK, "", say("Whom I don't ask"), say("Save"), (other, on), tuple(intro))


def country_sheet(who: MemberRecord | None, language: str, say: Say) -> Sheet:
    """Where somebody lives; what they said before stands in it."""
    known = country_name(who.country, language) if who is not None and who.country else ""
    hint = say("Its name, or two letters like ES. Leave it empty to take it back.")
    field = Field("country", Input.LINE, say("Country"), known, hint, optional=True, limit=80)
    intro = (say("If you ever need a helpline, I can show you those of your country. Nobody else is shown this."),)
    return Sheet(Form.COUNTRY, "", say("Where you live"), say("Save"), (field,), intro)


def modes(say: Say) -> tuple[tuple[str, str], ...]:
    return tuple((mode.value, mode_name(mode, say)) for mode in (Mode.THREAD, Mode.HINT, Mode.MENTION, Mode.OFF))


def volunteer_sheet(
    settings: VolunteerSettings, topics: Sequence[Topic], language: str, say: Say, *, clinician: bool
) -> Sheet:
    kinds = [(Kind.PARENT.value, say("Parent or family member"))]
    if clinician:
        kinds.append((Kind.CLINICIAN.value, say("Clinician")))
    usual, other = _usual(settings.quiet)
    week = dict(zip(DAYS, _days(say), strict=True))
    fields = (
        Field("kind", Input.ONE_OF, say("I am a"), settings.kind.value, options=tuple(kinds)),
        _topics_field(",".join(sorted(settings.topics)), topics, language, say),
        Field(
            "languages",
            Input.SOME_OF,
            say("Languages I can answer in"),
            ",".join(sorted(settings.languages)),
            options=LANGUAGES,
        ),
        Field(
            "weekly_cap", Input.LINE, say("Questions a week, at most"), str(settings.weekly_cap), say("From 1 to 50.")
        ),
        Field("time_zone", Input.LINE, say("My time zone"), settings.time_zone, say("Like Europe/Madrid.")),
        Field(
            "quiet_days",
            Input.SOME_OF,
            say("Days with quiet hours"),
            ",".join(DAYS[q.weekday] for q in usual),
            options=tuple(week.items()),
            optional=True,
        ),
        Field("quiet_from", Input.TIME, say("Quiet from"), f"{usual[0].start:%H:%M}" if usual else "", optional=True),
        Field("quiet_to", Input.TIME, say("Quiet until"), f"{usual[0].end:%H:%M}" if usual else "", optional=True),
        Field(
            "quiet",
            Input.LINE,
            say("Other quiet hours"),
            ";".join(f"{DAYS[q.weekday]} {q.start:%H:%M}-{q.end:%H:%M}" for q in other),
            say("Like: sat 22:00-10:00;sun 22:00-09:00"),
            optional=True,
        ),
        Field(
            "paused",
            Input.SOME_OF,
            say("A break"),
            "yes" if settings.paused else "",
            options=(("yes", say("Please don't ask me for now")),),
            optional=True,
        ),
        Field(
            "away",
            Input.LINE,
            say("Days away, first and last"),
            f"{settings.away.first} – {settings.away.last}" if settings.away else "",
            say("Like: 2026-12-20 to 2027-01-03"),
            optional=True,
        ),
        Field(
            "learns",
            Input.SOME_OF,
            say("Learn from my answers"),
            "yes" if settings.learns else "",
            say("From those that helped I keep what they were about, not the words, until you take this back."),
            options=(("yes", say("Ask me more about what my answers helped with")),),
            optional=True,
        ),
        Field(
            "thanks",
            Input.ONE_OF,
            say("Once a month, what my answers led to"),
            "yes" if settings.thanks else "no",
            options=(("yes", say("Tell me")), ("no", say("Don't tell me"))),
        ),
    )
    intro = (say("I ask one person at a time, and you can always say no."),)
    return Sheet(Form.VOLUNTEER, settings.member, say("Volunteering"), say("Save"), fields, intro)


def volunteer_values(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a volunteer's sheet as bot.forms reads them: one line of quiet hours. A day that is named under
    other quiet hours has only those."""
    merged = {k: v for k, v in values.items() if not k.startswith("quiet_")}
    spans = [part.strip() for part in values.get("quiet", "").split(";") if part.strip()]
    named = {span.partition(" ")[0].lower() for span in spans}
    start, end = values.get("quiet_from", ""), values.get("quiet_to", "")
    if start and end:
        days = [day for day in values.get("quiet_days", "").split(",") if day]
        spans += [f"{day} {start}-{end}" for day in days if day not in named]
    merged["quiet"] = ";".join(spans)
    return merged


def _usual(quiet: Sequence[Quiet]) -> tuple[list[Quiet], list[Quiet]]:
    """The hours that most days share, and the others."""
    if not quiet:
        return [], []
    (start, end), _ = Counter((q.start, q.end) for q in quiet).most_common(1)[0]
    usual = {q.weekday: q for q in quiet if (q.start, q.end) == (start, end)}
    once = [usual[day] for day in sorted(usual)]
    return once, [q for q in quiet if (q.start, q.end) != (start, end)]


def _topics_field(value: str, topics: Sequence[Topic], language: str, say: Say) -> Field:
    if not topics:
        return Field("topics", Input.LINE, say("Topics"), value, say("With commas between them."), optional=True)
    options = tuple((t.id, t.name(language)) for t in topics)
    return Field("topics", Input.SOME_OF, say("Topics"), value, options=options, optional=True)


def _days(say: Say) -> tuple[str, ...]:
    return (
        say("Monday"),
        say("Tuesday"),
        say("Wednesday"),
        say("Thursday"),
        say("Friday"),
        say("Saturday"),
        say("Sunday"),
    )
