"""What the commands are called and say of themselves where a platform shows them in a list."""

from __future__ import annotations

from bot.wording import Say


def described(say: Say) -> dict[str, str]:
    """One line for each command, for each part of /winwin, and for what stands behind them."""
    return {
        "ask": say("Ask in private, or in a channel without your name"),
        "ask question": say("Your question"),
        "resources": say("Look into the library"),
        "resources about": say("What are you looking for?"),
        "follow": say("Hear what is new about a topic"),
        "follow topic": say("Topic"),
        "volunteer": say("Answer questions now and then"),
        "winwin": say("What I hold about you, what I do here, and why"),
        "winwin home": say("What you asked, what you hold, your settings"),
        "winwin my-data": say("See everything I hold about you"),
        "winwin forget-me": say("Have your words and your name erased"),
        "winwin web": say("Get a link to your pages in the browser"),
        "winwin opt-out": say("Leave my messages alone"),
        "winwin opt-in": say("Listen to my questions again"),
        "winwin block": say("Choose whom I don't ask about your questions"),
        "winwin country": say("Say where you live, for helplines that work there"),
        "winwin country name": say("The country, or its two letters. Leave it out to see what I know."),
        "winwin link": say("Make two accounts of yours one person"),
        "winwin link code": say("The code I gave your other account. Leave it out to get one."),
        "winwin unlink": say("Make this account a person of its own again"),
        "winwin why": say("Why I did what I did"),
        "winwin why link": say("The link of the message"),
        "winwin channel": say("What I do in this channel, for moderators"),
        "winwin roles": say("Which roles of this server count here, for the owner"),
        "winwin appoint": say("Confirm a clinician, give or take back a role"),
        "winwin unmask": say("See together who asked without a name, for moderators"),
        "winwin unmask link": say("The link of the message"),
        "winwin help": say("What you can write to me"),
    }


def menus(say: Say) -> dict[str, str]:
    """What stands in the menu of a message."""
    return {
        "save": say("Save as resource"),
        "why": say("Why this?"),
        "ask": say("Ask a person about this"),
    }
