"""Writes who may do what into docs/roles.md, from bot/permissions.py: `python docs/draw_roles.py`.

A test says when the page is older than the code (tests/bot/test_permissions_page.py).
"""

from __future__ import annotations

from pathlib import Path

from bot.cards import Action, Form
from bot.community import Role
from bot.permissions import APPOINTS, TABLE, Look

PAGE = Path(__file__).parent / "roles.md"
BEGIN, END = "<!-- roles: begin -->", "<!-- roles: end -->"
COLUMNS = (Role.CLINICIAN, Role.MODERATOR, Role.SAFETY_LEAD, Role.ORGANISER, Role.OWNER)

WORDS: dict[str, str] = {
    Form.ASK: "ask in private, or without a name",
    Action.HELPED: "say that it helped",
    Action.NOT_HELPED: "say that it was not what they need",
    Action.ASK_PERSON: "want a person to be asked",
    Action.WITHDRAW: "take a question back",
    Action.WRITE_BACK: "open the form for writing back",
    Form.WRITE_BACK: "write back to whoever answers",
    Action.ACCEPT: "accept a question",
    Action.TAKE: "take a question from the board",
    Action.PASS: "pass",
    Action.NOT_NOW: "put it off",
    Action.EXTEND: "keep a question for longer",
    Action.RELEASE: "hand a question back",
    Action.HAND_OVER: "open the form for handing over",
    Form.HAND_OVER: "hand a question to somebody",
    Action.ANSWER: "open the form for an answer",
    Form.ANSWER: "answer through winwin",
    Action.OPEN_RESOURCE: "open a resource",
    Action.SAVE: "open the form for saving an answer",
    Form.SAVE_RESOURCE: "save an answer, or write a resource",
    Action.CONSENT: "agree that an answer is kept",
    Action.REFUSE: "not agree to it",
    Form.EDIT_DRAFT: "put a draft right",
    Action.PUBLISH: "publish a draft",
    Action.SEND_BACK: "send a draft back",
    Action.MERGE: "open the form for adding to a resource",
    Form.MERGE_DRAFT: "add a draft to a resource",
    Action.REWORD: "open the form for one more way to ask",
    Form.ADD_PHRASE: "add one more way to ask for a resource",
    Form.EDIT_RESOURCE: "put a resource right",
    Form.RETIRE_RESOURCE: "retire a resource",
    Action.ALERT_MINE: "take a safety alert",
    Action.ALERT_FALSE: "say that it was no crisis",
    Action.ALERT_RESOLVED: "close a safety alert",
    Action.ALERT_NOTE: "say how it went",
    Form.UNMASK: "ask to see who asked without a name",
    Action.SEE_ASKER: "agree to it, as the second person",
    Action.KEEP_HIDDEN: "not agree to it",
    Action.SET_MODE: "choose what winwin does in a channel, on a card",
    Form.CHANNEL: "choose it in a form, and the team's channel",
    Form.WAITING: "set how long winwin waits in a channel",
    Form.ROLES: "choose which roles of a platform count",
    Form.APPOINT: "give somebody a role, or take it back",
    Action.RENEW: "confirm a clinician for another year",
    Form.VOLUNTEER: "volunteer",
    Form.FOLLOW: "follow a topic",
    Action.UNFOLLOW: "follow it no longer",
    Form.BLOCK: "choose whom winwin does not ask",
    Form.COUNTRY: "say where they live, for helplines",
    Form.LINK: "link two accounts",
    Form.UNLINK: "part them again",
    Action.OPT_OUT: "be left alone",
    Action.OPT_IN: "be heard again",
    Action.FORGET_ME: "have everything erased",
    Look.LIBRARY: "see the library",
    Look.REPORT: "see the report",
    Look.LOADS: "see who answers how much",
    Look.BOARD: "see the open board",
    Look.REVIEWS: "see the review queue",
    Look.ALERTS: "see the safety alerts",
    Look.CHILD_ALERTS: "see those about a child's safety",
    Look.CHANNELS: "see what winwin does where",
    Look.RIGHTS: "see who was given which role",
    Look.WHY: "see why winwin did something",
    Look.RETIRED: "see what was retired",
    Look.OWN_DATA: "see everything winwin holds about them",
}


def table() -> str:
    """A row for each thing; who gives which role stands below."""
    head = ["what", "everybody", *(role.replace("_", " ") for role in COLUMNS), "besides"]
    rows = [head, ["---"] * len(head), *(_row(what) for what in TABLE)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    given = [f"**{_name(role)}**: {' or '.join(_name(by) for by in sorted(who))}" for role, who in APPOINTS.items()]
    return "\n".join([*lines, "", f"Who gives which role: {'; '.join(given)}. The owner may wherever a moderator may."])


def _row(what: str) -> list[str]:
    roles = TABLE[what].roles
    everybody = "✓" if roles is None else ""
    marks = ["✓" if roles is not None and _may(role, roles) else "" for role in COLUMNS]
    return [WORDS[what], everybody, *marks, TABLE[what].also]


def _may(role: Role, roles: frozenset[Role]) -> bool:
    """The owner stands for each role but the clinician's."""
    return role in roles or (role is Role.OWNER and roles != {Role.CLINICIAN})


def _name(role: Role) -> str:
    return role.value.replace("_", " ")


def drawn(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
    print(f"The table of roles in {PAGE} is current.")
