"""The line beside a clinician's words: that they are one, and who says so."""

from __future__ import annotations

from bot.community import Appointment, MemberRecord, Role
from bot.wording import Say, day_of


def confirmed_line(record: MemberRecord | None, given: Appointment | None, by: str, language: str, say: Say) -> str:
    """`by` is the name of who gave it. Empty for everybody who is none."""
    if record is None or Role.CLINICIAN not in record.held:
        return ""
    if given is not None and Role.CLINICIAN in record.roles:
        when = day_of(given.at.date(), language)
        return say("Clinician, confirmed by {name} on {date}").format(name=by, date=when)
    if Role.CLINICIAN in record.roles:
        return say("Clinician")
    return say("Clinician, by a role of this community")
