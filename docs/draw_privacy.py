"""Writes what is stored where, and for how long, into docs/privacy.md: `python docs/draw_privacy.py`.

Every table and column of the schema has to be told here; a test says which is not, and when the page is older than
the code (tests/adapters/storage/test_storage_privacy_page.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import adapters.storage.chat  # noqa: F401 -- so all tables are on the metadata
from adapters.storage.schema import metadata
from adapters.storage.words import WORDS

PAGE = Path(__file__).parent / "privacy.md"
BEGIN, END = "<!-- stored: begin -->", "<!-- stored: end -->"
MONTH = "30 days after the question is closed"
STAYS = "stays: ids and figures"


@dataclass(frozen=True, slots=True)
class Stored:
    """`words`, `people`, `rest`: column names. Words of members or about them; whose account it is (an id of the
    platform, or what winwin made of it); and what says nothing about anybody by itself. `until`: how long the words are
    there. `forgotten`: what forget-me does."""

    what: str
    until: str
    forgotten: str
    words: str = ""
    people: str = ""
    rest: str = ""


TABLES: dict[str, Stored] = {
    "inbox": Stored(
        "what came in and is not handled yet",
        "until it is handled, seconds as a rule; what could not be handled: until an operator looks, or forget-me",
        "emptied",
        words="payload error",
        people="author",
        rest="id key thread crisis findings received_at due_at leased holder attempts handled_at parked_at",
    ),
    "outbox": Stored(
        "what the bot has said, or will: ids, never a text that somebody wrote",
        STAYS,
        "lines that name something are emptied",
        words="payload error dropped",
        people="to_member lane about",
        rest="id key platform kind created_at due_at leased holder attempts delivered_at parked_at dropped_at "
        "posted_platform posted_space posted_channel posted_message posted_at",
    ),
    "question": Stored(
        "a question and its state",
        MONTH,
        "emptied, under a new pseudonym",
        words="text",
        people="asker asker_person offered_to claimed_by answered_by handed_by told pseudonym",
        rest="id community platform space channel message thread thread_key language topics medical urgent private "
        "asked_at status deadline suggested round warned asked_helped answered_at reminders outcome closed_at version "
        "holder held_until earlier beside",
    ),
    "answer": Stored(
        "what was taken for an answer",
        MONTH,
        "emptied",
        words="text",
        people="member",
        rest="place_key platform space channel message thread question probability at relay",
    ),
    "part": Stored(
        "the messages in which a question was said, where there are several",
        MONTH,
        "emptied",
        words="text",
        rest="question place_key platform space channel message thread thread_key at",
    ),
    "letter": Stored(
        "what was brought over between people who do not see each other",
        MONTH,
        "emptied",
        words="text",
        people="member",
        rest="id question at",
    ),
    "suggestion": Stored(
        "what was suggested for a question, and why",
        "as long as the question's row; titles of the library",
        "the words of their questions are taken out of the reasons",
        words="title why",
        rest="question rank resource score confidence shipped basis",
    ),
    "calibration": Stored(
        "the community's own numbers for the confidence (`winwin calibrate`)",
        STAYS,
        "stays: figures over all",
        rest="basis rise fall shift silent_below sure_from presses at",
    ),
    "assignment": Stored(
        "who was asked for a question and how it ended",
        STAYS,
        "stays",
        people="member",
        rest="question number result ended_at",
    ),
    "journal": Stored(
        "each step of a question, in ids and figures",
        STAYS,
        "stays",
        people="by",
        rest="id question at event before after why",
    ),
    "draft": Stored(
        "an answer on its way into the library, or a question that could lead to a resource",
        "until it is published; 30 days if nobody agrees or reads it; a question that is left out: until then",
        "emptied",
        words="payload",
        people="author",
        rest="id question state created_at",
    ),
    "resource": Stored(
        "the library: what authors agreed to give, and questions that lead there",
        "until it is retired",
        "what they wrote is retired and emptied; their questions and their name as a reader are taken out",
        words="payload",
        rest="id state version",
    ),
    "resource_version": Stored(
        "earlier versions", "as the resource", "emptied with it", words="payload", rest="resource version at"
    ),
    "embedding": Stored(
        "numbers that a text of the library became; nothing can be read from them",
        "as the text",
        "removed",
        rest="model hash vector",
    ),
    "skill": Stored(
        "with consent: numbers of an answer that helped",
        "until the consent is taken back",
        "removed",
        people="member",
        rest="answer vector at",
    ),
    "alert": Stored(
        "that somebody may be in danger: code, rules, place, who was paged. Never the words",
        STAYS,
        "stays: it is about safety",
        words="payload",
        rest="id place state deadline raised_at",
    ),
    "audit": Stored(
        "who did what, when: chained, never changed, never a member's words",
        STAYS,
        "stays: only the id of the account",
        people="actor",
        rest="id at action subject detail hash",
    ),
    "engagement_event": Stored(
        "that somebody was shown, used or wrote something",
        STAYS,
        "stays, under a new pseudonym that leads nowhere",
        people="member",
        rest="id key behaviour at place resource question",
    ),
    "member": Stored(
        "an account: the name the platform shows, language, roles",
        "until forget-me",
        "the name goes; that they opted out stays",
        words="name",
        people="key person",
        rest="roles language country time_zone opted_out staff shares_answers joined_at guest bot deactivated badges",
    ),
    "volunteer": Stored(
        "what a volunteer offered",
        "until they change it",
        "removed",
        people="member",
        rest="kind languages time_zone quiet weekly_cap paused away_first away_last learns thanks thanked_at",
    ),
    "volunteer_topic": Stored("their topics", "until they change it", "removed", people="member", rest="topic"),
    "follow": Stored("topics somebody follows", "until they stop", "removed", people="member", rest="topic since"),
    "follower": Stored(
        "when a follower was told last",
        "until they stop",
        "removed",
        people="member",
        rest="told_at",
    ),
    "untold": Stored(
        "what a follower is to be told",
        "a day",
        "removed",
        people="member",
        rest="resource noted_at",
    ),
    "block": Stored(
        "whom somebody does not want to be asked", "until taken back", "removed", people="member other", rest="at"
    ),
    "link_code": Stored(
        "a one-time code that makes two accounts one person, hashed",
        "some minutes",
        "removed",
        people="member",
        rest="hash until",
    ),
    "link_try": Stored("tries with wrong codes", "an hour", "removed", people="member", rest="id at"),
    "sign_in_link": Stored(
        "a one-time link that signs somebody in with a browser, hashed",
        "an hour",
        "removed",
        people="member",
        rest="hash made_at until spent",
    ),
    "browser_session": Stored(
        "a browser somebody is signed in with, by the hash of a random id; no address, no kind of browser",
        "a day, or until they sign out",
        "removed",
        people="member",
        rest="hash since until",
    ),
    "appointment": Stored(
        "who was given which role by whom, and what it rests on (of a list)",
        "until it is taken back",
        "stays: only the ids of accounts",
        people="member by",
        rest="role at proof until reminded due_at",
    ),
    "unmasking": Stored(
        "who asked to see, and who agreed to show, whose a question without a name is",
        STAYS,
        "stays: only the ids of accounts",
        people="by second",
        rest="id question reason asked_at state settled_at due_at",
    ),
    "trust": Stored("roles of a platform that count here", "until the owner changes it", "–", rest="key role name"),
    "channel": Stored(
        "a channel and its settings",
        "while the bot is in it",
        "–",
        rest="key name mode purpose language seen_to welcomed gone digest numbers public answering lacks",
    ),
    "chat_channel": Stored("channels of the local web community", "–", "–", rest="number id name purpose"),
    "chat_post": Stored(
        "the local web community's own messages: there winwin is the platform too",
        "until deleted by their author or a moderator, or forget-me",
        "removed",
        words="text card",
        people="author only_for",
        rest="id channel thread at edited_at deleted_at changed key reported",
    ),
    "chat_picture": Stored("pictures the bot drew", "as the post", "–", rest="post png"),
    "chat_seen": Stored(
        "how far somebody has read", "until forget-me", "removed", people="member", rest="channel post"
    ),
}


def columns() -> dict[str, set[str]]:
    """What the schema has; slack_sdk's own tables are told in the page's text."""
    ours = (table for table in metadata.sorted_tables if not table.name.startswith("slack_"))
    return {table.name: {column.name for column in table.columns} for table in ours}


def untold() -> list[str]:
    """Tables and columns that the page does not tell, or tells and the schema does not have; words that are not called
    words."""
    there = columns()
    found = [f"table {name}" for name in sorted(there.keys() ^ TABLES.keys())]
    for name in sorted(there.keys() & TABLES.keys()):
        told = [*TABLES[name].words.split(), *TABLES[name].people.split(), *TABLES[name].rest.split()]
        found += [f"{name}.{column}" for column in sorted(there[name] ^ set(told))]
        found += [f"{name}.{column} twice" for column in sorted(set(told)) if told.count(column) > 1]
    found += [f"{t}.{c} holds words" for t, c in WORDS if t in TABLES and c not in TABLES[t].words.split()]
    return found


def table() -> str:
    rows = [["table", "what", "words of people", "whose", "how long the words stay", "after forget-me"], ["---"] * 6]
    for name, one in TABLES.items():
        if name in columns():
            rows.append([f"`{name}`", one.what, _code(one.words), _code(one.people), one.until, one.forgotten])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split()) or "–"


def drawn(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
    print(f"The table in {PAGE} is current.")
