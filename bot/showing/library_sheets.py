"""Forms of the library: save an answer, put a resource right, retire it, add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.cards import Form
from bot.community import Topic
from bot.forms import MAX_TITLE
from bot.showing.sheet import Field, Input, Sheet, topics_field
from bot.stand_ins import Taken
from bot.typed import MAX_TEXT
from bot.wording import Say

MOST_TAKEN = 10  # details in one list: a platform takes no more


def resource_sheet(
    form: Form,
    subject: str,
    given: Mapping[str, str],
    topics: Sequence[Topic],
    language: str,
    say: Say,
    taken: Sequence[Taken] = (),
) -> Sheet:
    """Save an answer, or put a draft or a resource right. `given` are values to begin with, `taken` what was taken out
    of them."""
    title = say("Save as a resource") if form is Form.SAVE_RESOURCE else say("Put it right")
    fields: tuple[Field, ...] = (
        Field("title", Input.LINE, say("Title"), given.get("title", "")[:MAX_TITLE], limit=MAX_TITLE),
        Field("text", Input.LINES, say("What should the next family read?"), given.get("text", ""), limit=MAX_TEXT),
        Field(
            "asked_as",
            Input.LINES,
            say("How might somebody ask for it?"),
            given.get("asked_as", ""),
            say("One question a line. It helps me to find it."),
            optional=True,
        ),
        topics_field(given.get("topics", ""), topics, language, say),
        Field(
            "medical",
            Input.SOME_OF,
            say("Does it speak of treatment?"),
            given.get("medical", ""),
            options=(("yes", say("Yes: a clinician reads it before it is published")),),
            optional=True,
        ),
    )
    intro: tuple[str, ...] = ()
    if taken:
        fields = (*fields[:2], *left_in_field(taken, say), *fields[2:])
        intro = (say("I took out what could say who somebody is. Please read once more what I have missed."),)
    elif form is Form.SAVE_RESOURCE:
        intro = (say("Names, phone numbers and addresses are taken out. The author is asked before anything is kept."),)
    kept = tuple((name, given[name]) for name in ("author", "language") if given.get(name))
    return Sheet(form, subject, title, say("Save"), fields, intro, kept)


def left_in_field(taken: Sequence[Taken], say: Say) -> tuple[Field, ...]:
    """What was taken out, for a moderator to look at; none when nothing of it can be left in."""
    options = tuple((t.choice, f"{t.stand_in} {t.words}") for t in taken if t.choice)[:MOST_TAKEN]
    if not options:
        return ()
    label, hint = say("What I took out"), say("Choose what is not private, like a helpline's number: that stays in.")
    return (Field("keep", Input.SOME_OF, label, "", hint, options, optional=True),)


def retire_sheet(resource: str, title: str, say: Say) -> Sheet:
    """Asked once more: nothing brings it back."""
    text = say("I will not show “{title}” to anybody any more. Nobody can bring it back.").format(title=title)
    return Sheet(Form.RETIRE_RESOURCE, resource, say("Retire a resource"), say("Retire"), (), (text,))


def merge_sheet(draft: str, title: str, resources: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """Add a draft to a resource that says the same. `resources` are (id, title), the most similar first."""
    into = Field("into", Input.ONE_OF, say("Which one?"), resources[0][0], options=tuple(resources))
    intro = (say("“{title}” becomes a paragraph of it.").format(title=title),)
    return Sheet(Form.MERGE_DRAFT, draft, say("Add to a resource"), say("Add"), (into,), intro)


def phrase_sheet(draft: str, phrase: str, resources: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """One more way to ask for a resource, in other words. `resources` are (id, title): what was shown for it, first the
    one it is proposed for."""
    label, hint = say("How might somebody ask for it?"), say("Short, and nothing that could say who asked.")
    fields = [Field("asked_as", Input.LINE, label, phrase[:MAX_TITLE], hint, limit=MAX_TITLE)]
    if len(resources) > 1:
        fields.append(Field("into", Input.ONE_OF, say("Which one helped?"), resources[0][0], options=tuple(resources)))
    intro = (say("I find “{title}” by it.").format(title=resources[0][1]),) if len(resources) == 1 else ()
    return Sheet(Form.ADD_PHRASE, draft, say("One more question"), say("Add"), tuple(fields), intro)
