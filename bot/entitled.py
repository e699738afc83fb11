"""Who may take a question from the open board: the board is drawn by this rule, and a press is checked by it again."""

from __future__ import annotations

from bot.community import MemberRecord, Role, VolunteerSettings
from bot.effects import Notice
from bot.question import Question
from bot.routing import Kind


def able(who: MemberRecord | None, settings: VolunteerSettings | None) -> bool:
    """Volunteers, and those who moderate or know medicine."""
    if who is not None and not who.may_help:
        return False
    return settings is not None or (who is not None and who.may(Role.MODERATOR, Role.CLINICIAN))


def clinician(who: MemberRecord | None, settings: VolunteerSettings | None) -> bool:
    by_role = who is not None and who.may(Role.CLINICIAN)
    return by_role or (settings is not None and settings.kind is Kind.CLINICIAN)


def asked_it(question: Question, key: str, who: MemberRecord | None) -> bool:
    """Also from another account of theirs."""
    return question.asker == key or (who is not None and who.person == question.asker_person)


def why_not(
    question: Question, key: str, who: MemberRecord | None, settings: VolunteerSettings | None
) -> Notice | None:
    """What keeps them from taking it, as it is said to them; None when nothing does. Whether it is open is another
    matter, as is what stays in its own space and whom the asker has blocked."""
    if who is not None and not who.may_help:
        return Notice.NOT_ALLOWED
    if asked_it(question, key, who):
        return Notice.OWN_QUESTION
    if question.medical and not clinician(who, settings):
        return Notice.FOR_CLINICIANS
    return None if able(who, settings) else Notice.FOR_VOLUNTEERS
