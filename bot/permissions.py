"""Who may do what: one table of every action, form and look. It is asked again at every press, not only when a button
was shown; `docs/draw_roles.py` draws it for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.cards import Action, Form
from bot.community import MemberRecord, Role
from bot.news import Notice
from bot.question import Question, Refused, Status
from knowledge.resources import Resource


class Look(StrEnum):
    """What somebody may see, on whichever surface it stands."""

    LIBRARY = "look:library"
    REPORT = "look:report"
    LOADS = "look:loads"  # in the report: who answers how much
    BOARD = "look:board"
    REVIEWS = "look:reviews"
    ALERTS = "look:alerts"
    CHILD_ALERTS = "look:child_alerts"
    CHANNELS = "look:channels"
    RIGHTS = "look:rights"
    WHY = "look:why"
    RETIRED = "look:retired"
    OWN_DATA = "look:own_data"


@dataclass(frozen=True, slots=True)
class Rule:
    """`roles`: who may, any of them; None: everybody. The owner stands for each role but the clinician's. `also`: what
    has to be true besides, asked where it is done, in words for the documentation."""

    roles: frozenset[Role] | None = None
    also: str = ""


MODERATORS = frozenset({Role.MODERATOR})
REVIEWERS = frozenset({Role.MODERATOR, Role.CLINICIAN})
WATCH = frozenset({Role.SAFETY_LEAD, Role.MODERATOR})
LEADS = frozenset({Role.SAFETY_LEAD})
OWNERS = frozenset({Role.OWNER})

_ASKER, _ASKED, _HOLDER = "who asked it", "who is asked just now", "who has the question"
_AUTHOR, _ONESELF = "whose words they are", "for oneself"
_TAKES = "volunteers, moderators, clinicians; about medicines a clinician; nobody their own, or who was blocked"
_CLINICAL = "what is about medicines: a clinician"
_CHILD = "about a child's safety: safety leads, and who was paged"
_SECOND = "not who asked for it, from any account of theirs"
_GIVES = "a clinician: a moderator; any other role: the owner; nobody to themselves"

TABLE: dict[str, Rule] = {
    # questions
    Form.ASK: Rule(),
    Action.HELPED: Rule(also=_ASKER),
    Action.NOT_HELPED: Rule(also=_ASKER),
    Action.ASK_PERSON: Rule(also=_ASKER),
    Action.WITHDRAW: Rule(also=_ASKER),
    Action.WRITE_BACK: Rule(also=_ASKER),
    Form.WRITE_BACK: Rule(also=_ASKER),
    Action.ACCEPT: Rule(also=_TAKES),
    Action.TAKE: Rule(also=_TAKES),
    Action.PASS: Rule(also=_ASKED),
    Action.NOT_NOW: Rule(also=_ASKED),
    Action.EXTEND: Rule(also=_HOLDER),
    Action.RELEASE: Rule(also=_HOLDER),
    Action.HAND_OVER: Rule(also=_HOLDER),
    Form.HAND_OVER: Rule(also=f"{_HOLDER}; about medicines to a clinician"),
    Action.ANSWER: Rule(also="who has the question, or had it; about medicines a clinician"),
    Form.ANSWER: Rule(also="who has the question, or had it; about medicines a clinician"),
    # the library
    Action.OPEN_RESOURCE: Rule(),
    Action.SAVE: Rule(REVIEWERS),
    Form.SAVE_RESOURCE: Rule(REVIEWERS, "kept only if the author agrees"),
    Action.CONSENT: Rule(also=_AUTHOR),
    Action.REFUSE: Rule(also=_AUTHOR),
    Form.EDIT_DRAFT: Rule(REVIEWERS),
    Action.PUBLISH: Rule(REVIEWERS, _CLINICAL),
    Action.SEND_BACK: Rule(REVIEWERS),
    Action.MERGE: Rule(REVIEWERS, _CLINICAL),
    Form.MERGE_DRAFT: Rule(REVIEWERS, _CLINICAL),
    Action.REWORD: Rule(REVIEWERS, _CLINICAL),
    Form.ADD_PHRASE: Rule(REVIEWERS, _CLINICAL),
    Form.EDIT_RESOURCE: Rule(REVIEWERS, _CLINICAL),
    Form.RETIRE_RESOURCE: Rule(MODERATORS),
    # safety
    Action.ALERT_MINE: Rule(WATCH, _CHILD),
    Action.ALERT_FALSE: Rule(WATCH, _CHILD),
    Action.ALERT_RESOLVED: Rule(WATCH, _CHILD),
    Action.ALERT_NOTE: Rule(WATCH, _CHILD),
    Form.UNMASK: Rule(WATCH, "not who asked the question"),
    Action.SEE_ASKER: Rule(WATCH, _SECOND),
    Action.KEEP_HIDDEN: Rule(WATCH, _SECOND),
    # how things are set
    Action.SET_MODE: Rule(MODERATORS),
    Form.CHANNEL: Rule(MODERATORS),
    Form.WAITING: Rule(MODERATORS),
    Form.ROLES: Rule(OWNERS, "roles of one's own space"),  # who sets them decides who moderates
    Form.APPOINT: Rule(MODERATORS, _GIVES),
    Action.RENEW: Rule(MODERATORS, _GIVES),
    # oneself
    Form.VOLUNTEER: Rule(also="as a clinician: a clinician"),
    Form.FOLLOW: Rule(also=_ONESELF),
    Action.UNFOLLOW: Rule(also=_ONESELF),
    Form.BLOCK: Rule(also=_ONESELF),
    Form.COUNTRY: Rule(also=_ONESELF),
    Form.LINK: Rule(also=_ONESELF),
    Form.UNLINK: Rule(also=_ONESELF),
    Action.OPT_OUT: Rule(also=_ONESELF),
    Action.OPT_IN: Rule(also=_ONESELF),
    Action.FORGET_ME: Rule(also=_ONESELF),
    # looks
    Look.LIBRARY: Rule(),
    Look.REPORT: Rule(also="cells of fewer people than the community has set are hidden"),
    Look.LOADS: Rule(frozenset({Role.MODERATOR, Role.ORGANISER})),
    Look.BOARD: Rule(also="private questions: volunteers, moderators, clinicians"),
    Look.REVIEWS: Rule(REVIEWERS),
    Look.ALERTS: Rule(WATCH),
    Look.CHILD_ALERTS: Rule(LEADS, "and who was paged"),
    Look.CHANNELS: Rule(MODERATORS),
    Look.RIGHTS: Rule(MODERATORS),
    Look.WHY: Rule(also="what is about people: who asked, and moderators"),
    Look.RETIRED: Rule(MODERATORS),
    Look.OWN_DATA: Rule(also=_ONESELF),
}

APPOINTS: dict[Role, frozenset[Role]] = {  # who gives which role, and takes it back
    Role.CLINICIAN: MODERATORS,
    Role.MODERATOR: OWNERS,
    Role.SAFETY_LEAD: OWNERS,
    Role.ORGANISER: OWNERS,
}


def allowed(what: str, who: MemberRecord | None) -> bool:
    """By the roles of the table. What is not in it is open to nobody."""
    rule = TABLE.get(what)
    if rule is None:
        return False
    return rule.roles is None or (who is not None and who.may(*rule.roles))


def require(what: str, who: MemberRecord | None) -> None:
    """Raises Refused(NOT_ALLOWED)."""
    if not allowed(what, who):
        raise Refused(Notice.NOT_ALLOWED)


def may_appoint(role: Role, who: MemberRecord) -> bool:
    """Whether they give this role, and take it back. Nobody gives the owner's: that is set where the program is."""
    return role in APPOINTS and who.may(*APPOINTS[role])


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
