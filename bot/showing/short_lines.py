"""The short lines that somebody is told about what they pressed or sent."""

from __future__ import annotations

from bot.news import Notice
from bot.wording import Say


def notice_text(notice: Notice, detail: str, say: Say) -> str:
    """The line for a notice; `detail` is put in where there is one."""
    texts = {
        Notice.ALREADY_TAKEN: say("Somebody else has already taken this one. Thank you for being there."),
        Notice.ALREADY_DONE: say("This is settled already. Thank you."),
        Notice.NOT_YOURS: say("This button is meant for somebody else."),
        Notice.NOT_ALLOWED: say("This is not open to everybody here. A moderator can help you."),
        Notice.OWN_QUESTION: say("This is your own question: somebody else answers it."),
        Notice.FOR_CLINICIANS: say(
            "It is about medicines, so only a clinician takes it. Thank you for wanting to help."
        ),
        Notice.FOR_VOLUNTEERS: say("Volunteers take questions here. If you would like to be one: /volunteer"),
        Notice.GONE: say("This is no longer there. If you need something, just ask again."),
        Notice.ACCEPTED: say("Thank you. It is yours."),
        Notice.EXTENDED: say("Take your time. I will check with you again later."),
        Notice.RELEASED: say("Handed back. Thank you for saying so."),
        Notice.SAVED_FOR_CONSENT: say("Saved. I am asking the author whether we may keep it."),
        Notice.SAVED_FOR_REVIEW: say("Thank you. It goes to somebody who reads it once more before it is published."),
        Notice.PUBLISHED: say("Published. It can help the next person who asks."),
        Notice.SENT_BACK: say("Sent back. It is not published."),
        Notice.DECLINED: say("All right, nothing is kept."),
        Notice.INVALID: say("I could not save that."),
        Notice.TOO_LONG: say("Together the two would be very long. Please keep this one on its own."),
        Notice.FOLLOWING: say("I will tell you when there is something new about it. At most one message a day:"),
        Notice.NOT_FOLLOWING: say("All right, I will not write to you about this any more:"),
        Notice.LINKED: say("Done: your two accounts are one person now. What each may do stays as it was."),
        Notice.BLOCKED: say("All right. I won't ask them about your questions any more, and I don't tell them."),
        Notice.UNBLOCKED: say("All right. I may ask them about your questions again."),
        Notice.UNLINKED: say("Done: this account stands for itself again."),
        Notice.CODE_UNKNOWN: say("I don't know this code. It works once and for 15 minutes. You can get a new one."),
        Notice.TOO_MANY_TRIES: say("That was a lot of codes. Please try again in an hour."),
        Notice.TOO_MANY_LINKS: say(
            "That was a lot of links in a short time. Please use the newest one, or try again in an hour."
        ),
        Notice.NO_PAGES: say("I have no web pages here. Everything can be done where we are writing to each other."),
        Notice.WRITTEN_IN_PRIVATE: say(
            "Thank you for telling me. I have written to you in private, please look there."
        ),
        Notice.DOUBTFUL: say("This speaks of a cure or of stopping a treatment, so it can't become a resource."),
        Notice.SETTINGS_SAVED: say("Saved."),
        Notice.ALERT_TAKEN: say("Thank you. The others know that you are on it."),
        Notice.ALERT_CLOSED: say("Closed. Thank you for looking after this."),
        Notice.FORGOTTEN: say("I have erased your words and your name here."),
        Notice.OPTED_OUT: say("I will leave your messages alone from now on."),
        Notice.OPTED_IN: say("Welcome back. I will listen to your questions again."),
        Notice.NOTED: say("Noted. Thank you."),
        Notice.COUNTRY_SAVED: say("Noted. If you ever need a helpline, I will show you those of this country:"),
        Notice.COUNTRY_UNSAID: say("All right, I no longer keep where you live."),
        Notice.BROUGHT_OVER: say("Thank you. I am bringing it over."),
        Notice.KEPT_FOR_LATER: say("I keep it for whoever takes your question."),
        **_seconds(say),
        **_troubles(say),
    }
    return f"{texts[notice]} {detail}".strip()


def _seconds(say: Say) -> dict[Notice, str]:
    """On the way to see who asked a question without a name."""
    return {
        Notice.SECOND_ASKED: say(
            "I am asking the others who look after people here. When one of them agrees, I show it to both of you."
        ),
        Notice.SECOND_AWAITED: say("Somebody has asked for this already. It waits for another person to agree."),
        Notice.SECOND_NEEDED: say("Somebody other than you has to agree. That protects the one who asked."),
    }


def _troubles(say: Say) -> dict[Notice, str]:
    """What moderators are told of the bot itself."""
    return {
        Notice.UNHANDLED: say(
            "Something came in that I could not handle. Please tell whoever runs me: the log says more."
        ),
        Notice.PERMISSIONS: say(
            "I can't do all that I should in a channel. Please open its settings, then Permissions, choose my role, "
            "and switch this on. In"
        ),
        Notice.SILENCED: say(
            "I have a time-out on your server: nothing that I say in its channels gets through. Please end it. What I "
            "could not say I try again."
        ),
        Notice.FEW_WATCH: say(
            "If somebody here were in danger now, I could reach fewer than two people. Please make two or more of you "
            "safety leads or moderators. People I can reach:"
        ),
        Notice.UNDELIVERED: say("I could not deliver a message. Please tell whoever runs me: the log says more."),
    }
