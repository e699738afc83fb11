"""The part of `winwin doctor` about safety: who is called in a crisis, the helplines, when it was last rehearsed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.commands.platforms import Check, State

if TYPE_CHECKING:
    from adapters.settings import Settings
    from bot.ports import Transaction
    from bot.safety.helplines import Helpline

NAMED = 4  # lines named by their ids
REHEARSED = timedelta(days=35)


async def safety(settings: "Settings", tx: "Transaction") -> list[Check]:
    """Every check that can be made."""
    return [*await _people(settings, tx), *helplines(settings, datetime.now(UTC).date()), await _drills(settings, tx)]


async def _people(settings: "Settings", tx: "Transaction") -> list[Check]:
    """Two people are called at once: one alone may sleep."""
    from bot.manning import on_watch
    from bot.safety.alerts import ENOUGH

    found = await on_watch(tx)
    named = {*settings.winwin_moderators, *filter(None, [settings.winwin_owner])}
    people = found.people + len(named - found.accounts)  # the next start appoints those
    serves = settings.slack or settings.discord
    if people < ENOUGH:
        do = "Name two or more: WINWIN_MODERATORS, WINWIN_OWNER, or roles of your platform that count."
        state = State.FAULT if serves else State.NOTE
        return [Check("people on watch", state, f"{people} to call in a crisis; two are needed", do)]
    checks = [Check("people on watch", State.GOOD, f"{people} to call in a crisis")]
    if found.leads < ENOUGH and serves:
        do = "Where a child may not be safe, safety leads and owners alone are called: have two of them."
        checks.append(Check("safety leads", State.NOTE, f"{found.leads} safety leads and owners", do))
    return checks


def helplines(settings: "Settings", today: date) -> list[Check]:
    """The list that is used, its dates, and whether it knows the community's country."""
    from bot.safety.helplines import EVERYWHERE, MEMBERS, UNION, HelplineError, load_helplines, stale

    try:
        lines = load_helplines(settings.helplines_file)
    except HelplineError as error:
        do = "Correct the file that WINWIN_HELPLINES names (docs/safety.md says what stands in it)."
        return [Check("helplines", State.FAULT, str(error), do)]
    country = settings.winwin_country
    here = {country, EVERYWHERE} | ({UNION} if country in MEMBERS else set())
    ours = [line for line in lines if not country or line.country in here]
    checks = [_dates(ours, stale(ours, today))]
    if not country:
        do = "Set WINWIN_COUNTRY: who has not said where they live is given lines that work there."
        checks.append(Check("country", State.NOTE, "not set", do))
    elif not any(line.country == country for line in lines):
        do = "Add its lines, in a file of your own that WINWIN_HELPLINES names."
        checks.append(Check("country", State.NOTE, f"no helpline of {country} is in the list", do))
    return checks


def _dates(lines: "Sequence[Helpline]", old: "Sequence[Helpline]") -> Check:
    if not old:
        return Check("helplines", State.GOOD, f"{len(lines)}, each looked up within 180 days")
    named = ", ".join(line.id for line in old[:NAMED]) + (", …" if len(old) > NAMED else "")
    do = "Call them, and write the day into the list (docs/safety.md, Changing helplines)."
    says = f"{len(old)} of {len(lines)} were not looked up for more than 180 days: {named}"
    return Check("helplines", State.NOTE, says, do)


async def _drills(settings: "Settings", tx: "Transaction") -> Check:
    from bot.drills import NOBODY

    found = await tx.alerts.about(NOBODY.key)
    if not found:
        do = "`winwin drill` shows how soon somebody is there; WINWIN_DRILL_WEEKLY=yes does so every week."
        return Check("drill", State.NOTE, "never rehearsed", do)
    last = found[-1]
    day = f"the last one was on {last.raised_at:%Y-%m-%d}"
    if last.taken_at is None and last.ended_at is not None:
        do = "Talk about who watches when, and rehearse again: `winwin drill`."
        return Check("drill", State.NOTE, f"{day}, and nobody pressed within an hour", do)
    if datetime.now(UTC) - last.raised_at > REHEARSED and not settings.winwin_drill_weekly:
        return Check("drill", State.NOTE, day, "Rehearse again: `winwin drill`.")
    if last.taken_at is None:
        return Check("drill", State.GOOD, f"{day}, and people are being paged")
    minutes = (last.taken_at - last.raised_at).total_seconds() / 60
    return Check("drill", State.GOOD, f"{day}, somebody was there after {minutes:.1f} minutes")
