"""Who may take a question from the open board: the board is drawn by this rule, and a press is checked by it again."""

from __future__ import annotations

from bot.answering import is_clinician
from bot.community import MemberRecord, Role, VolunteerSettings
from bot.news import Notice
from bot.question import Question


def able(who: MemberRecord | None, settings: VolunteerSettings | None) -> bool:
    """Volunteers, and those who moderate or know medicine."""
    if who is not None and not who.may_help:
        return False
    return settings is not None or (who is not None and who.may(Role.MODERATOR, Role.CLINICIAN))


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
    if question.medical and not is_clinician(who):
        return Notice.FOR_CLINICIANS
    return None if able(who, settings) else Notice.FOR_VOLUNTEERS
