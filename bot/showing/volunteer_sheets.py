"""The form in which a volunteer says what they answer, and when they are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.cards import Form
from bot.community import Topic, VolunteerSettings
from bot.routing import Kind, Quiet
from bot.showing.sheet import Field, Input, Sheet, topics_field
from bot.wording import Say

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = (("en", "English"), ("es", "Español"), ("de", "Deutsch"), ("fr", "Français"), ("pt", "Português"))


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
        topics_field(",".join(sorted(settings.topics)), topics, language, say),
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
