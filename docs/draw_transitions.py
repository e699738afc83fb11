"""Writes the life of a question, as the code has it, into docs/architecture.md: `python docs/draw_transitions.py`.

A test says when the page is older than the code (tests/bot/test_architecture.py).
"""

from __future__ import annotations

from pathlib import Path

from bot.question import Status
from bot.questions import TRANSITIONS, Transition

PAGE = Path(__file__).parent / "architecture.md"
BEGIN, END = "<!-- transitions: begin -->", "<!-- transitions: end -->"


def table() -> str:
    """A row a fact, a column a status: where it leads, `=` where it stays, `refused` where it contradicts."""
    facts = dict.fromkeys(fact for _, fact in TRANSITIONS)
    head = ["fact", *(s.value for s in Status), "what it does"]
    rows = [head, ["---"] * len(head)]
    for fact in facts:
        cells = [_cell(status, TRANSITIONS[status, fact]) for status in Status]
        rows.append([f"`{fact.__name__}`", *cells, "; ".join(_sayings(fact))])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(status: Status, transition: Transition) -> str:
    stays = ["="] if status in transition.leads_to else []
    return ", ".join([*stays, *(s.value for s in Status if s in transition.leads_to - {status})]) or "refused"


def _sayings(fact: type) -> list[str]:
    """What is said of the statuses it changes something in, and, where it changes nothing anywhere, why."""
    own = {s: TRANSITIONS[s, fact] for s in Status}
    telling = [t.says for t in own.values() if t.step.__name__ != "unchanged"]
    return list(dict.fromkeys(telling or [t.says for t in own.values()]))


def drawn(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
    print(f"The transition table in {PAGE} is current.")
