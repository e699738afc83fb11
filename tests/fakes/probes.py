"""What somebody may write to call everybody, to hide where a link leads, or to have words read otherwise than they
stand: the same list for every platform."""

from __future__ import annotations

from bot.cards import Action, Button, Card, Link, Quote, ResourceShown, Text
from bot.events import Place

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # the direction of writing
PROBES = (
    *(
        "@everyone",
        "@here",
        "@channel",
        "@group",
        "@EVERYONE",
        "hi@everyone!",
        "(@here)",
        "@\u202eeveryone",
        "`@everyone`",
    ),
    *(
        "<!channel>",
        "<!here>",
        "<!everyone>",
        "<!subteam^S0123>",
        "<!date^1^{date}|x>",
        "<!channel|quiet>",
        "< !channel>",
    ),
    *(
        "<@U0123>",
        "<@U0123|ana>",
        "<@123456789012345678>",
        "<@!123456789012345678>",
        "<@&123456789012345678>",
        "<#C01>",
    ),
    *("<#123456789012345678>", "</ask:123>", "<id:browse>"),
    *("<a:x:123456789012345678>", "<t:1:R>", "&lt;!channel&gt;"),
    *(
        "<https://evil.example|https://bank.example>",
        "[https://bank.example](https://evil.example)",
        "[x](<https://e.example>)",
    ),
    *(
        "<mailto:a@b.example|call me>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "https://a.example|b",
    ),
    *(
        "\u202ehttps://evil.example",
        "https://bank\u202eelpmaxe.live",
        "\u2066@everyone\u2069",
        "gpj.\u202eexe",
        "a\u200f@here",
    ),
    *(
        "https://bank.example@evil.example/",
        "https://xn--bnk-5cd.example/",
        "https://b\u0430nk.example/",
        "discord.gg/x",
    ),
    *(
        "```\n@everyone",
        "> @here",
        "# @everyone",
        "||@everyone||",
        "*<!here>*",
        "_<@U1>_",
        "a\x00@everyone",
        "@\u2060here",
    ),
)


def cards(probe: str) -> tuple[Card, ...]:
    """The probe wherever words of people stand."""
    place = Place("slack", "T1", "C01GEN", "", "1.0")
    shown = ResourceShown("q1", "r1", probe, probe, probe, f"https://library.example/{probe}", "Read it")
    return (
        Card((Text(probe), Text(probe, strong=True), Quote(probe, probe))),
        Card((shown,), (Button(Action.HELPED, "q1", probe),)),
        Card((ResourceShown("q1", "r1", probe, "", "", probe, probe), Link(probe, place, "https://library.example/"))),
    )
