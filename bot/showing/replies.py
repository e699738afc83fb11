"""What is said at once to whoever used a command or a form, for every platform that has such things."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Action, Block, Button, Card, Form, Link, Quote, ResourceShown, Style, Text
from bot.community import MemberRecord
from bot.events import Place
from bot.permissions import allowed, may_edit
from bot.showing.asker import summary_of
from bot.showing.home import Item, Opens
from bot.wording import Say
from knowledge.resources import Resource

NOWHERE = Place("", "", "", "", "")  # of a link that leads out of every chat


def found_card(words: str, found: Sequence[Resource], say: Say) -> Card:
    """What the library has for these words."""
    if not words.strip():
        return Card((Text(say("Write what you are looking for after it. Like: /resources school letter")),))
    if not found:
        return Card((Text(say("I found nothing that fits. You can ask people instead: /ask")),))
    blocks: list[Block] = [Text(say("This is what our community's library has:"))]
    return Card((*blocks, *(_shown(resource, say) for resource in found)))


def found_items(found: Sequence[Resource], reader: MemberRecord | None, say: Say) -> tuple[Item, ...]:
    """The same for those who look after the library: each with what they may do with it."""
    intro = Item(Card((Text(say("This is what our community's library has:")),)))
    return (intro, *(Item(Card((_shown(r, say),)), _tending(r, reader, say)) for r in found))


def _tending(resource: Resource, reader: MemberRecord | None, say: Say) -> tuple[Opens, ...]:
    opens = []
    if may_edit(resource, reader):
        opens.append(Opens(Form.EDIT_RESOURCE, resource.id, say("Put it right")))
    if allowed(Form.RETIRE_RESOURCE, reader):
        opens.append(Opens(Form.RETIRE_RESOURCE, resource.id, say("Retire")))
    return tuple(opens)


def _shown(resource: Resource, say: Say) -> ResourceShown:
    summary = summary_of(resource, numbers=not resource.medical)
    return ResourceShown(
        "", resource.id, resource.title, summary, reviewed_line(resource, say), resource.url, read_it(say)
    )


def read_it(say: Say) -> str:
    return say("Read it")


def reviewed_line(resource: Resource, say: Say) -> str:
    return say("Reviewed by {name}").format(name=resource.reviewed_by) if resource.reviewed_by else ""


def forget_card(member: str, say: Say) -> Card:
    """Asked once more: it can't be undone."""
    text = say("I will erase your words and your name here. What you asked is taken back. This can't be undone.")
    return Card((Text(text),), (Button(Action.FORGET_ME, member, say("Erase it all"), Style.DANGER),))


def help_card(say: Say, *, roles: bool = False) -> Card:
    """`roles`: whether the platform has roles that can be trusted."""
    lines = (
        say("/ask: ask in private, or in a channel without your name"),
        say("/resources and some words: look into the library"),
        say("/follow: hear what is new about a topic"),
        say("/volunteer: answer questions now and then"),
        say("/winwin my-data, forget-me, opt-out, opt-in: what I hold about you, and how to stop it"),
        say("/winwin web: a link to your pages in the browser: open questions, the report, your data"),
        say("/winwin block: choose whom I don't ask about your questions"),
        say("/winwin country and its name: say where you live, so that I know the helplines there"),
        say("/winwin link: make two accounts of yours one person"),
        say("/winwin why and a link: why I did what I did"),
        say("/winwin channel: what I do in this channel, for moderators"),
        say("/winwin appoint: confirm a clinician, or give somebody a role, for moderators"),
        say("/winwin unmask and a link: see together with somebody who asked without a name, for moderators"),
        *([say("/winwin roles: which roles of this server count here, for the owner")] if roles else []),
    )
    return Card((Text(say("What you can write to me"), strong=True), Text("\n".join(lines))))


def web_card(address: str, say: Say) -> Card:
    """A link that signs its reader in with a browser."""
    about = say(
        "This link opens your pages in the browser. It works once, for 10 minutes, and for you alone: please don't "
        "pass it on. To end it later, press “Sign out” there."
    )
    return Card((Text(about), Link(say("Open my pages"), NOWHERE, address)))


def my_data_line(say: Say) -> str:
    return say("This is everything I hold about you.")


def sent_in_private(say: Say) -> str:
    return say("I have sent it to you in private.")


def too_late(say: Say) -> str:
    return say("That took a moment too long. Please press once more.")


def begin_again(say: Say) -> str:
    """Words of a form that was not sent are kept in memory alone, and not for long."""
    return say("What you had typed before is gone, I am sorry: I keep it nowhere until you send it. Please look again.")


def got_it(say: Say) -> str:
    return say("Thank you, I have it.")


def not_right_yet(say: Say) -> str:
    return say("Something is not right yet. Nothing you wrote is lost: open it again and put it right.")


def copy_the_link(say: Say) -> str:
    return say("Copy the link of the message first. Then write: /winwin why, and the link.")


def given_back(why: str, words: str, say: Say) -> Card:
    """What somebody wrote and nobody can take: why, and their own words again."""
    if not words.strip():
        return Card((Text(why),), quiet=True)
    yours = Text(say("These are your words, so that nothing is lost. I do not keep them:"))
    return Card((Text(why), yours, Quote(words)))


def a_few_words(say: Say) -> str:
    return say("Please write a few words here.")


def never_mind(say: Say) -> str:
    return say("Never mind")


def close(say: Say) -> str:
    return say("Close")


def back(say: Say) -> str:
    return say("Back")


def more(say: Say) -> str:
    return say("More")


def why(say: Say) -> str:
    return say("Why?")
