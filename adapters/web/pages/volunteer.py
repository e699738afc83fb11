"""A volunteer's settings, and the form for an answer that winwin brings over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from zoneinfo import available_timezones

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.inbound import BadInput, submitted
from adapters.web.session import Fields
from adapters.web.site import Site
from adapters.web.viewer import NotAllowed, Viewer, found
from bot.answering import had_it, may_answer, standing
from bot.cards import Form
from bot.community import Topic, VolunteerSettings
from bot.question import Question, Refused
from bot.showing.home import burden_words
from bot.showing.short_lines import notice_text
from knowledge.text import clean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LANGUAGES = (("en", "English"), ("es", "Español"), ("de", "Deutsch"), ("fr", "Français"), ("pt", "Português"))
MAX_CAP = 50  # questions a week


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands on the page: what was typed, or what is stored."""

    topics: frozenset[str]
    languages: frozenset[str]
    time_zone: str
    quiet: dict[str, tuple[str, str]]
    weekly_cap: str
    paused: bool
    away: tuple[str, str] = ("", "")
    learns: bool = False
    thanks: bool = True


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/volunteer")
    async def settings_page(request: Request) -> Response:
        viewer = await site.viewer(request)
        settings = await site.services.lookups.volunteer_settings(viewer.member.key)
        return await _settings(site, request, viewer, stored(settings), "")

    @router.post("/volunteer")
    async def save(request: Request) -> Response:
        viewer, fields = await site.form(request)
        typed = as_typed(fields)
        try:
            kind = "clinician" if viewer.clinician else "parent"
            values = {**checked(typed, site.services.topics), "kind": kind}
            fact = submitted(fields.one("press"), Form.VOLUNTEER, viewer.member.key, values, viewer.member, site.now)
        except BadInput as problem:
            return await _settings(site, request, viewer, typed, str(problem))
        await site.services.receive([fact])
        await site.services.settle()
        return site.back(request, "/volunteer", "Saved. Thank you for being there.")

    @router.get("/answer/{question_id}")
    async def answer_page(request: Request, question_id: str) -> Response:
        viewer = await site.viewer(request)
        try:
            question, stands = await _held(site, viewer, question_id)
        except Refused:
            raise NotAllowed("the volunteer who has taken this question") from None
        return await site.page(request, viewer, "answer.html", question=question, typed=stands, error="")

    @router.post("/answer/{question_id}")
    async def answer(request: Request, question_id: str) -> Response:
        viewer, fields = await site.form(request)
        text = fields.one("text")
        try:
            question, _ = await _held(site, viewer, question_id)
        except Refused as refused:  # their words stay in the form
            async with site.services.store.read() as tx:
                question = replace(found(await tx.questions.get(question_id)), text="")
            error = notice_text(refused.notice, "", str)
            return await site.page(
                request, viewer, "answer.html", status=422, question=question, typed=text, error=error
            )
        try:
            if not clean(text):
                raise BadInput("There is nothing in the answer yet. A few honest words are enough.")
            fact = submitted(fields.one("press"), Form.ANSWER, question_id, {"text": text}, viewer.member, site.now)
        except BadInput as problem:
            return await site.page(
                request, viewer, "answer.html", status=422, question=question, typed=text, error=str(problem)
            )
        await site.services.receive([fact])
        return site.back(request, "/private", "Thank you. winwin brings your answer over.")

    return router


async def _held(site: Site, viewer: Viewer, question_id: str) -> tuple[Question, str]:
    """The question, and what winwin has posted for them already. Raises NotAllowed for whoever never had it, Refused
    for whoever is too late."""
    key = viewer.member.key
    async with site.services.store.read() as tx:
        question = found(await tx.questions.get(question_id))
        who = (await tx.members.get([key])).get(key)
        if not await had_it(question, key, tx):
            raise NotAllowed("the volunteer who has taken this question")
        await may_answer(question, key, who, tx)
        before = None if question.private else await standing(question, key, tx)
    return question, before.text if before is not None else ""


async def _settings(site: Site, request: Request, viewer: Viewer, typed: Typed, error: str) -> Response:
    burden = await site.services.lookups.burden(viewer.member.key)
    return await site.page(
        request,
        viewer,
        "volunteer.html",
        status=422 if error else 200,
        burden=burden_words(burden, str) if burden is not None else "",
        typed=typed,
        error=error,
        days=tuple(zip(DAYS, DAY_NAMES, strict=True)),
        languages=LANGUAGES,
        zones=sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/"))),
    )


def stored(settings: VolunteerSettings) -> Typed:
    quiet = {DAYS[q.weekday]: (f"{q.start:%H:%M}", f"{q.end:%H:%M}") for q in settings.quiet}
    return Typed(
        settings.topics,
        settings.languages,
        settings.time_zone,
        quiet,
        str(settings.weekly_cap),
        settings.paused,
        (settings.away.first.isoformat(), settings.away.last.isoformat()) if settings.away else ("", ""),
        settings.learns,
        settings.thanks,
    )


def as_typed(fields: Fields) -> Typed:
    return Typed(
        frozenset(fields.many("topics")),
        frozenset(fields.many("languages")),
        clean(fields.one("time_zone")),
        {d: (clean(fields.one(f"{d}_from")), clean(fields.one(f"{d}_to"))) for d in DAYS},
        clean(fields.one("weekly_cap")),
        fields.one("paused") == "yes",
        (clean(fields.one("away_from")), clean(fields.one("away_to"))),
        fields.one("learns") == "yes",
        fields.one("thanks") == "yes",
    )


def checked(typed: Typed, topics: Sequence[Topic]) -> dict[str, str]:
    """The values of the form as the core reads them. Raises BadInput."""
    if typed.topics - {t.id for t in topics}:
        raise BadInput("One of the topics is not known here. Choose from the list.")
    if not typed.languages:
        raise BadInput("Choose at least one language in which you can answer.")
    if typed.languages - {code for code, _ in LANGUAGES}:
        raise BadInput("One of the languages is not known here. Choose from the list.")
    if not is_zone(typed.time_zone):
        raise BadInput("That time zone is not known. Write for example Europe/Madrid or America/New_York.")
    cap = typed.weekly_cap
    if not (cap.isascii() and cap.isdigit() and 1 <= int(cap[:4]) <= MAX_CAP):
        raise BadInput(f"Questions a week: choose a number from 1 to {MAX_CAP}.")
    return {
        "topics": ",".join(sorted(typed.topics)),
        "languages": ",".join(sorted(typed.languages)),
        "time_zone": typed.time_zone,
        "quiet": ";".join(_span(d, *typed.quiet[d]) for d in DAYS if any(typed.quiet.get(d, ("", "")))),
        "weekly_cap": str(int(cap)),
        "paused": "yes" if typed.paused else "",
        "away": _days_away(*typed.away),
        "learns": "yes" if typed.learns else "",
        "thanks": "yes" if typed.thanks else "no",
    }


def _days_away(first: str, last: str) -> str:
    if not first and not last:
        return ""
    try:
        begins, ends = date.fromisoformat(first or last), date.fromisoformat(last or first)
    except ValueError:
        raise BadInput("Days away: choose the first and the last day, or empty both.") from None
    if ends < begins:
        raise BadInput("Days away: the last day is before the first one.")
    return f"{begins} {ends}"


def is_zone(name: str) -> bool:
    return name in available_timezones()


def _span(day: str, start: str, end: str) -> str:
    """`mon 22:00-07:00`."""
    name = DAY_NAMES[DAYS.index(day)]
    try:
        begins, ends = time.fromisoformat(start), time.fromisoformat(end)
    except ValueError:
        raise BadInput(f"Quiet hours on {name}: fill in both times, for example 22:00 and 07:00.") from None
    if begins == ends:
        raise BadInput(f"Quiet hours on {name} begin and end at the same time. Change one, or empty both.")
    return f"{day} {begins:%H:%M}-{ends:%H:%M}"
