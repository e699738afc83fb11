"""Slash commands that are answered with something to read: the library, one's own data, help."""

from __future__ import annotations

from adapters.slack.house import House, Reader
from adapters.slack.inbound_interactions import Ordered, Whence
from adapters.slack.telling import Telling
from bot.cards import Action, Block, Button, Card, ResourceShown, Style, Text
from bot.question import Refused
from bot.showing.asker import summary_of
from bot.showing.show import notice_text
from bot.wording import Say
from knowledge.resources import Resource

SHOWN = 5  # resources of a search
LONGEST = 2_500  # characters of one's data where no file can be sent


class Orders:
    def __init__(self, house: House, telling: Telling) -> None:
        self._house = house
        self._telling = telling

    async def carry_out(self, order: Ordered, whence: Whence) -> None:
        reader = await self._house.reader(whence.member.key)
        match order.what:
            case "resources":
                await self._telling.card(await self._found(order.words, reader), whence)
            case "my-data":
                await self._my_data(reader, whence)
            case "forget-me":
                await self._telling.card(forget_card(reader.key, reader.say), whence)
            case _:
                await self._telling.card(help_card(reader.say), whence)

    async def _found(self, words: str, reader: Reader) -> Card:
        say = reader.say
        if not words.strip():
            return Card((Text(say("Write what you are looking for after it. Like: /resources school letter")),))
        try:
            found = await self._house.lookups.search(reader.key, words, SHOWN)
        except Refused as refused:
            return Card((Text(notice_text(refused.notice, "", say)),))
        if not found:
            return Card((Text(say("I found nothing that fits. You can ask people instead: /ask")),))
        blocks: list[Block] = [Text(say("This is what our community's library has:"))]
        blocks += [_shown(resource, say) for resource, _ in found]
        return Card(tuple(blocks))

    async def _my_data(self, reader: Reader, whence: Whence) -> None:
        say = reader.say
        data = await self._house.lookups.my_data_file(reader.key)
        words = say("This is everything I hold about you.")
        if await self._telling.file(data, "winwin-my-data.json", words, whence):
            await self._telling.line(say("I have sent it to you in private."), whence)
            return
        text = data.decode()
        await self._telling.line(f"{words}\n{text[:LONGEST]}", whence)


def _shown(resource: Resource, say: Say) -> ResourceShown:
    facts = say("Reviewed by {name}").format(name=resource.reviewed_by) if resource.reviewed_by else ""
    summary = summary_of(resource, numbers=not resource.medical)
    return ResourceShown("", resource.id, resource.title, summary, facts, resource.url, say("Read it"))


def forget_card(member: str, say: Say) -> Card:
    """Asked once more: it can't be undone."""
    text = say("I will erase your words and your name here. What you asked is taken back. This can't be undone.")
    return Card((Text(text),), (Button(Action.FORGET_ME, member, say("Erase it all"), Style.DANGER),))


def help_card(say: Say) -> Card:
    lines = (
        say("/ask: ask in private, or in a channel without your name"),
        say("/resources and some words: look into the library"),
        say("/follow: hear what is new about a topic"),
        say("/volunteer: answer questions now and then"),
        say("/winwin my-data, forget-me, opt-out, opt-in: what I hold about you, and how to stop it"),
        say("/winwin link: make two accounts of yours one person"),
        say("/winwin why and a link: why I did what I did"),
        say("/winwin channel: what I do in this channel, for moderators"),
    )
    return Card((Text(say("What you can write to me"), strong=True), Text("\n".join(lines))))
