"""Where somebody lives, as they say it themselves: it decides which helplines they would be given."""

from __future__ import annotations

from dataclasses import replace

from bot.community import MemberRecord
from bot.effects import Notify
from bot.events import FormSubmitted
from bot.linking import accounts
from bot.news import Notice
from bot.safety.whereabouts import country_name, country_named
from bot.steps import Steps
from bot.typed import InvalidForm
from bot.wording import Say


async def live_in(event: FormSubmitted, who: MemberRecord | None, say: Say, steps: Steps) -> None:
    """For all accounts of theirs. Nothing typed takes it back. Raises InvalidForm."""
    typed = event.values.get("country", "").strip()
    country = country_named(typed)
    if typed and not country:
        raise InvalidForm(unknown_country(say))
    for account in await accounts(who, steps.tx) if who else ():
        await steps.tx.members.save(replace(account, country=country))
    notice = Notice.COUNTRY_SAVED if country else Notice.COUNTRY_UNSAID
    detail = country_name(country, who.language if who else "en")
    await steps.say((Notify(event.by.key, notice, detail),), event.key)


def unknown_country(say: Say) -> str:
    return say("I don't know this country. Please write its name in English or Spanish, or its two letters, like ES.")
