"""Who may do what: every action, every role, at the press."""

from itertools import product

import pytest

from bot.cards import Action, Form
from bot.community import MemberRecord, Role
from bot.news import Notice
from bot.permissions import APPOINTS, TABLE, Look, allowed, may_appoint, require
from bot.question import Refused
from tests.fakes.values import DANA

MODERATING = {Role.MODERATOR, Role.OWNER}
REVIEWING = {Role.MODERATOR, Role.CLINICIAN, Role.OWNER}
WATCHING = {Role.SAFETY_LEAD, Role.MODERATOR, Role.OWNER}
MAY: dict[str, set[Role]] = {
    Action.PUBLISH: REVIEWING,
    Action.SEND_BACK: REVIEWING,
    Action.MERGE: REVIEWING,
    Action.REWORD: REVIEWING,
    Action.ALERT_MINE: WATCHING,
    Action.ALERT_FALSE: WATCHING,
    Action.ALERT_RESOLVED: WATCHING,
    Action.ALERT_NOTE: WATCHING,
    Action.SET_MODE: MODERATING,
    Form.SAVE_RESOURCE: REVIEWING,
    Form.EDIT_DRAFT: REVIEWING,
    Form.MERGE_DRAFT: REVIEWING,
    Form.ADD_PHRASE: REVIEWING,
    Form.EDIT_RESOURCE: REVIEWING,
    Form.RETIRE_RESOURCE: MODERATING,
    Form.CHANNEL: MODERATING,
    Form.ROLES: {Role.OWNER},
    Form.WAITING: MODERATING,
    Form.APPOINT: MODERATING,
    Form.UNMASK: WATCHING,
    Action.SAVE: REVIEWING,
    Action.RENEW: MODERATING,
    Action.SEE_ASKER: WATCHING,
    Action.KEEP_HIDDEN: WATCHING,
    Look.LOADS: {Role.MODERATOR, Role.ORGANISER, Role.OWNER},
    Look.REVIEWS: REVIEWING,
    Look.ALERTS: WATCHING,
    Look.CHILD_ALERTS: {Role.SAFETY_LEAD, Role.OWNER},
    Look.CHANNELS: MODERATING,
    Look.RIGHTS: MODERATING,
    Look.RETIRED: MODERATING,
}
EVERYBODY = {*Role}


def somebody(*roles: Role) -> MemberRecord:
    return MemberRecord(DANA, "p-dana", "Dana", frozenset(roles))


@pytest.mark.parametrize(("what", "role"), list(product([*Action, *Form, *Look], Role)))
def test_a_role_may_do_what_the_table_says(what, role):
    assert allowed(what, somebody(role)) == (role in MAY.get(what, EVERYBODY))


@pytest.mark.parametrize("what", [*Action, *Form, *Look], ids=str)
def test_a_member_without_a_role_and_a_stranger_may_do_what_is_open_to_all(what):
    assert allowed(what, somebody()) == allowed(what, None) == (what not in MAY)


def test_what_is_not_allowed_is_refused_with_a_line():
    with pytest.raises(Refused) as refused:
        require(Action.PUBLISH, somebody(Role.ORGANISER))
    assert refused.value.notice is Notice.NOT_ALLOWED


def test_everything_that_can_be_done_or_seen_stands_in_the_table_and_nothing_else_is_open():
    assert set(TABLE) == {*Action, *Form, *Look}
    assert not allowed("nonsense", somebody(Role.OWNER))


@pytest.mark.parametrize("given", Role)
@pytest.mark.parametrize("by", Role)
def test_a_moderator_confirms_clinicians_and_the_owner_gives_the_other_roles(by: Role, given: Role):
    gives = {Role.MODERATOR: {Role.CLINICIAN}, Role.OWNER: set(APPOINTS)}
    assert may_appoint(given, somebody(by)) == (given in gives.get(by, set()))
