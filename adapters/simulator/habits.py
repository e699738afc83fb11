"""The model of the people: every number of it, with its reason. docs/routing.md shows this table.

None of these numbers was fitted to a result. Where something was measured elsewhere, the source is named; where
nothing was found, the comment says "assumed", and docs/routing.md shows what comes of other values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """How large the community is, and for how long it is watched."""

    volunteers: int = 60
    moderators: int = 2
    days: int = 56
    questions_a_day: float = 5.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What people do when they are asked. Minutes are minutes of attention: they pass slowly at work, not in sleep."""

    # Whether. A stranger's short question put to one person alone was answered by 74 % (Barron and Yechiam 2002); a
    # family's question takes a quarter of an hour of thought, so less: Beta(1.2, 1.8), mean 0.4, from hardly ever to
    # nearly always. That people differ so much is the rule in communities (van Mierlo 2014). The values are assumed.
    willing_a: float = 1.2
    willing_b: float = 1.8
    willing_scale: float = 1.0  # to see what comes of people who are lazier
    moderator_willing: float = 0.7  # assumed: it is their task
    # Somebody who said that they know about the topic; who named no topics; who named others: assumed.
    fit_known: float = 1.0
    fit_general: float = 0.8
    fit_other: float = 0.6
    # Diffusion of responsibility: of n people asked together, each answers n ** -bystander times as often as alone.
    # 74 % alone and 50 % of five (Barron and Yechiam 2002, e-mail) give 0.24; 85 %, 62 % of two and 31 % of five
    # (Darley and Latané 1968, an emergency) give 0.45 to 0.63. The weakest of them is taken.
    bystander: float = 0.24
    # Who is asked more often than they bear answers less (Yechiam and Barron 2003; Kooti et al. 2015): with r times
    # their own weekly limit in seven days, 1 / (1 + tiring (r - 1)) of what they would. How steep: assumed.
    tiring: float = 0.5
    channel_weight: float = 0.3  # a mention of everybody wearies less than a card of one's own: assumed
    leaving: float = 0.002  # each ping above the limit, so weighted, makes somebody leave for good: assumed
    # When. Latencies of replies are log-normal within hours of activity (Stouffer et al. 2006; Malmgren et al. 2008):
    # the phone is looked at after 12 minutes in the middle, and some people always look later than others. Assumed.
    notice_minutes: float = 12.0
    notice_spread: float = 1.3
    slowness_spread: float = 0.6  # between people
    write_minutes: float = 15.0
    write_spread: float = 0.9
    attention_at_work: float = 0.4  # weekdays 9 to 17, local time: assumed
    # What somebody does who looks in time and does not want to: says so, says not now, or just does nothing. Assumed.
    passes: float = 0.45
    postpones: float = 0.15
    # Somebody who wanted to and finds that the card has gone to the next looks on the board. Assumed.
    looks_on_board: float = 0.3
    # Who promised and did not come to it, and what they do when reminded (write, or give it back). Assumed.
    forgets: float = 0.08
    reminded_writes: float = 0.5
    reminded_releases: float = 0.25
    # Living in the channel. In four health communities one in a hundred wrote 75 % of all, nine more 24 %, and fewer
    # than a quarter wrote anything (van Mierlo 2014). Taking those who volunteer to be that quarter, 4 % of them write
    # 75 %: log-normal presence with a spread of 2.4. Those who are much there are also somewhat more willing: assumed.
    presence_spread: float = 2.4
    presence_willing: float = 0.5  # correlation, on the normal scale
    # A mention of everybody reaches somebody with min(1, presence / seen_from): half of them altogether, because who
    # is seldom there has muted it or scrolls past. Assumed. A card of one's own reaches everybody.
    seen_from: float = 2.7
    # How likely somebody of the middle presence comes across a question and answers it unasked: so that without any
    # bot about a third of the questions would have an answer within a day. Assumed.
    unasked: float = 0.0006
    unasked_most: float = 0.25
    unasked_hours: float = 10.0  # of attention, exponential
    # The asker, asked whether it helped: says nothing half of the time. Assumed.
    asker_answers: float = 0.5
    helped_fit: float = 0.8
    helped_other: float = 0.6
    same_here: float = 0.15  # questions under which somebody writes something that is no answer: assumed
    # What volunteers tell the bot. Assumed.
    tells_quiet: float = 0.8  # their hours of sleep, as quiet hours
    tells_topics: float = 0.7


CAPS = ((5, 0.6), (3, 0.15), (2, 0.1), (10, 0.15))  # most leave the weekly limit as it comes: assumed
ZONES = (  # families of one North American network, and a few from elsewhere: assumed
    ("America/New_York", 0.40),
    ("America/Chicago", 0.20),
    ("America/Denver", 0.07),
    ("America/Los_Angeles", 0.15),
    ("Europe/London", 0.08),
    ("Europe/Madrid", 0.06),
    ("Australia/Sydney", 0.04),
)
TOPICS = (  # how often questions are about it: assumed, a few take most
    ("school", 0.22),
    ("food", 0.20),
    ("infusions", 0.16),
    ("travel", 0.12),
    ("needles", 0.10),
    ("insurance", 0.08),
    ("siblings", 0.07),
    ("stoma", 0.05),
)
NO_TOPIC = 0.3  # questions in which no topic is recognised: assumed
MEDICAL = 0.1  # questions that only a clinician may answer: assumed
CLINICIANS = 0.12  # volunteers who are one: assumed
SPANISH = 0.08  # questions in Spanish; of the volunteers 15 % speak both languages and 3 % only Spanish: assumed
BILINGUAL, ONLY_SPANISH = 0.15, 0.03
ASKED_BY_HOUR = (  # local time; parents ask in the evening. Assumed, as the curve of activity in other forums.
    *(0.3, 0.15, 0.1, 0.1, 0.15, 0.3, 0.6, 0.9, 1.0, 1.0, 1.0, 1.0),
    *(1.0, 1.0, 1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 1.9, 1.3, 0.7),
)
BEDTIME, BEDTIME_SPREAD, SLEEP = 22.75, 1.0, 8.0  # hours, local time
