"""Forms of members: ask, answer, write back, hand over, and what somebody says of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Form
from bot.community import MemberRecord, Topic
from bot.safety.whereabouts import country_name
from bot.showing.sheet import Field, Input, Sheet
from bot.typed import MAX_TEXT
from bot.wording import Say


def ask_sheet(words: str, channel: str, channels: Sequence[tuple[str, str]], say: Say) -> Sheet:
    """Ask in private, or in a channel without a name. `channels` are (key, name)."""
    how = [("private", say("In private: only the one who answers reads it"))]
    fields = [Field("text", Input.LINES, say("Your question"), words, limit=MAX_TEXT)]
    if channels:
        how.append(("anonymous", say("In the channel, without my name")))
    fields.append(Field("how", Input.ONE_OF, say("How should I ask?"), "private", options=tuple(how)))
    if channels:
        label = say("Which channel, if without your name?")
        known = channel if channel in {key for key, _ in channels} else channels[0][0]
        fields.append(Field("channel", Input.ONE_OF, label, known, options=tuple(channels), optional=True))
    return Sheet(Form.ASK, "", say("Ask a question"), say("Ask"), tuple(fields))


def answer_sheet(question: str, words: str, say: Say, stands: str = "") -> Sheet:
    """A volunteer's answer that the bot brings over. `words` is the question, as the volunteer may read it, `stands`
    what the bot has posted for them already: that is changed."""
    hint = say("This is what stands under the question. Change it, or add to it.")
    if not stands:
        hint = say("A few honest words are enough.")
    field = Field("text", Input.LINES, say("Your answer"), stands, hint, limit=MAX_TEXT)
    return Sheet(Form.ANSWER, question, say("Write an answer"), say("Send"), (field,), (words,) if words else ())


def write_back_sheet(question: str, say: Say) -> Sheet:
    """The asker writes to whoever has the question."""
    field = Field("text", Input.LINES, say("Your message"), hint=say("I bring it over. Your name stays with me."))
    return Sheet(Form.WRITE_BACK, question, say("Write back"), say("Send"), (field,))


def hand_over_sheet(question: str, say: Say) -> Sheet:
    field = Field("to", Input.MEMBER, say("Who could answer it?"), hint=say("I ask them first. They can say no."))
    return Sheet(Form.HAND_OVER, question, say("Hand it over"), say("Ask them"), (field,))


def follow_sheet(topics: Sequence[Topic], followed: Sequence[str], language: str, say: Say) -> Sheet:
    topic = Field("topic", Input.LINE, say("Topic"))
    if topics:
        topic = Field("topic", Input.ONE_OF, say("Topic"), options=tuple((t.id, t.name(language)) for t in topics))
    on = Field(
        "on",
        Input.ONE_OF,
        say("What should I do?"),
        "yes",
        options=(("yes", say("Tell me what is new about it")), ("no", say("Stop telling me"))),
    )
    intro = (say("You follow: {topics}").format(topics=", ".join(followed)),) if followed else ()
    return Sheet(Form.FOLLOW, "", say("Follow a topic"), say("Save"), (topic, on), intro)


def block_sheet(blocked: Sequence[str], say: Say) -> Sheet:
    """`blocked` are the names of those whom the bot does not ask already."""
    other = Field("other", Input.MEMBER, say("Who?"))
    on = Field(
        "on",
        Input.ONE_OF,
        say("What should I do?"),
        "yes",
        options=(
            ("yes", say("Don't ask them about my questions")),
            ("no", say("They may be asked again")),
        ),
    )
    intro = [say("I tell nobody, and not them either.")]
    if blocked:
        intro.append(say("I don't ask: {names}").format(names=", ".join(blocked)))
    return Sheet(Form.BLOCK, "", say("Whom I don't ask"), say("Save"), (other, on), tuple(intro))


def country_sheet(who: MemberRecord | None, language: str, say: Say) -> Sheet:
    """Where somebody lives; what they said before stands in it."""
    known = country_name(who.country, language) if who is not None and who.country else ""
    hint = say("Its name, or two letters like ES. Leave it empty to take it back.")
    field = Field("country", Input.LINE, say("Country"), known, hint, optional=True, limit=80)
    intro = (say("If you ever need a helpline, I can show you those of your country. Nobody else is shown this."),)
    return Sheet(Form.COUNTRY, "", say("Where you live"), say("Save"), (field,), intro)
