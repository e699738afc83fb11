"""Who may do what. One table; it is asked again at every press, not only when a button was shown."""

from __future__ import annotations

from bot.cards import Action, Form
from bot.community import MemberRecord, Role
from bot.effects import Notice
from bot.question import Question, Refused, Status
from knowledge.resources import Resource

ROLES: dict[str, frozenset[Role]] = {
    Action.PUBLISH: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Action.MERGE: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Action.SEND_BACK: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Action.ALERT_MINE: frozenset({Role.SAFETY_LEAD, Role.MODERATOR}),
    Action.ALERT_FALSE: frozenset({Role.SAFETY_LEAD, Role.MODERATOR}),
    Action.ALERT_RESOLVED: frozenset({Role.SAFETY_LEAD, Role.MODERATOR}),
    Action.ALERT_NOTE: frozenset({Role.SAFETY_LEAD, Role.MODERATOR}),
    Action.SET_MODE: frozenset({Role.MODERATOR}),
    Form.SAVE_RESOURCE: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Form.MERGE_DRAFT: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Form.EDIT_DRAFT: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Form.EDIT_RESOURCE: frozenset({Role.MODERATOR, Role.CLINICIAN}),
    Form.RETIRE_RESOURCE: frozenset({Role.MODERATOR}),
    Form.CHANNEL: frozenset({Role.MODERATOR}),
    Form.ROLES: frozenset({Role.OWNER}),  # who sets them decides who moderates
    Form.WAITING: frozenset({Role.MODERATOR}),
}


def allowed(what: str, who: MemberRecord | None) -> bool:
    """The owner may do everything in the table; what is not in it is open to everybody."""
    if what not in ROLES:
        return True
    return who is not None and who.may(*ROLES[what])


def require(what: str, who: MemberRecord | None) -> None:
    """Raises Refused(NOT_ALLOWED)."""
    if not allowed(what, who):
        raise Refused(Notice.NOT_ALLOWED)


def may_edit(resource: Resource, who: MemberRecord | None) -> bool:
    """What is about medicines is edited by clinicians only: an edit is a review too."""
    if not allowed(Form.EDIT_RESOURCE, who):
        return False
    return not resource.medical or (who is not None and Role.CLINICIAN in who.held)


def why_no_answer(question: Question, member: str) -> Notice:
    """What is said to somebody whose question it is not, or not any more: it was settled, or their time ran out, while
    they wrote."""
    if question.status in (Status.ANSWERED, Status.CLOSED):
        return Notice.ALREADY_DONE
    had_it = any(t.member == member for t in question.tries)
    return Notice.ALREADY_TAKEN if had_it else Notice.NOT_YOURS
