"""Is this message a need? Is this reply an answer? Pure judgements of one text; nobody is asked and nothing is kept.

Cheap first: `quick_need` reads cues and words in microseconds, so that most chatter never reaches the model; what is
left the reader reads (bot.reading), and a reply together with its question. Without it the surface decides. The cues
are patterns that a person can read (listening_cues.py). Their weights, and those of single words and pairs of words
(kept under a hash, so that no text can be read out of them), are fitted by bench/fit_listening.py and sit in
listening.json beside this file.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log1p
from typing import Any
from zlib import crc32

from bot.listening_cues import (
    ANSWER_CUES,
    INVITES,
    NEED_CUES,
    NOT_INVITES,
    NOT_THANKS,
    NOT_WITHDRAWN,
    THANKS,
    WITHDRAWS,
    WITHDRAWS_IN_SHORT,
)

QUICK_NEED = 0.1  # under it, a message is chatter and needs no model; held out, 1 % of needs fall under it
NEED = 0.35  # held out: 0.86 of what is above is a need, 0.89 of needs are above; missing one is the worse mistake
ANSWER = 0.5
SHORT = 9  # words of a message that says hardly more than that it is settled
FEWEST = 3  # words that can ask
INVITATION = 0.05  # what an invitation counts as a need: nobody need be asked for pizza

BUCKETS = 1_024  # hashed words and pairs
READ = 700  # characters looked at from the beginning and from the end of a long message

_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?|[?!]")


@dataclass(frozen=True, slots=True)
class Judge:
    """A logistic model: weights of cues, of the logarithm of the length, of hashed words and pairs."""

    bias: float
    length: float
    cues: tuple[float, ...]
    words: tuple[float, ...]  # BUCKETS

    def judge(self, text: str, cues: Mapping[str, re.Pattern[str]]) -> float:
        """Probability, 0 to 1."""
        seen = excerpt(text)
        tokens = tokenise(seen)
        total = self.bias + self.length * log1p(len(tokens))
        total += sum(w for w, cue in zip(self.cues, cues.values(), strict=True) if cue.search(seen))
        return _probability(total + sum(self.words[bucket] for bucket in buckets(tokens)))


def _probability(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


def excerpt(text: str) -> str:
    """Beginning and end of a message, where people put what they want, in lower case with straight apostrophes."""
    seen = text if len(text) <= 2 * READ else f"{text[:READ]} … {text[-READ:]}"
    return seen.lower().replace("’", "'")


def tokenise(text: str) -> list[str]:
    """Words and the marks ? and ! of an excerpt."""
    return _WORD.findall(text)


def buckets(tokens: list[str]) -> set[int]:
    """Hash numbers of the words and of neighbouring pairs; numbers are all alike."""
    plain = ["#" if token[0].isdigit() else token for token in tokens]
    pairs = [f"{a} {b}" for a, b in zip(["^", *plain], [*plain, "$"], strict=True)]
    return {crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in (*plain, *pairs)}


_THANKS = (
    r"thank you|thanks?|thx|tysm|ty|tia|cheers|ta|gracias|x++|please|pls|edited|por favor|un saludo|saludos|abrazos?"
    r"|🙏|❤|💙|💜|🙂|😊"
)
_TO_ALL = (
    r"so much|very much|in advance|everyone|everybody|all|guys|folks|a lot|loads|ladies|de antemano|a tod[oa]s"
    r"|por adelantado"
)
_FORM = r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"  # of a sign: as text or picture, its skin
# Nothing in it is ever tried twice (++), so a row of hearts or dots costs no more than its length; whole words only.
_COURTESY = re.compile(
    rf"(?:[\s,.!;:)(–—-]*+(?<!\w)(?:many |so |big |muchas |mil )?(?:{_THANKS}){_FORM}*+(?!\w)"
    rf"(?: (?:{_TO_ALL})(?!\w))*+)++[\s.!)]*+$",
    re.IGNORECASE,
)
COURTESY = 200  # characters at the end of a message that are looked at for it


def read_as(text: str) -> str:
    """What the reader is given of a message. Thanks and kisses at the end are left out where something else is left:
    they look like the end of a question."""
    cut = max(0, len(text) - COURTESY)
    if cut and text[cut - 1].isalnum():  # the end begins with a whole word
        cut = next((at for at in range(cut, len(text)) if not text[at].isalnum()), len(text))
    rest = text[:cut] + _COURTESY.sub("", text[cut:])
    return rest if len(rest.split()) >= FEWEST else text


def quick_need(text: str) -> float:
    """Probability that a message needs something, from its surface only. Compare with QUICK_NEED."""
    return INVITATION if invites(text) else fitted()["need"].judge(text, NEED_CUES)


def judge_need(text: str, said: float | None) -> float:
    """Probability that a message needs something: a question or a need, with or without a question mark.

    `said`: what the reader says of it (bot.reading), as log odds; None leaves the judgement to the surface.
    """
    if said is None or invites(text):
        return quick_need(text)
    return _probability(said)


def judge_answer(reply_text: str, said: float | None) -> float:
    """Probability that a reply really answers its question; company, thanks and counter-questions do not.

    `said` as in `judge_need`, of the question with the reply.
    """
    return fitted()["answer"].judge(reply_text, ANSWER_CUES) if said is None else _probability(said)


@cache
def fitted() -> Mapping[str, Judge]:
    """The numbers that ship with the package, read once: need, answer."""
    numbers = json.loads(files("bot").joinpath("listening.json").read_text("utf-8"))
    return {name: _judge(entry) for name, entry in numbers["judges"].items()}


def _judge(entry: Mapping[str, Any]) -> Judge:
    return Judge(
        bias=float(entry["bias"]),
        length=float(entry["length"]),
        cues=tuple(entry["cues"].values()),
        words=tuple(entry["words"]),
    )


def thanks(text: str) -> bool:
    """Whether a message thanks for help received (not in advance)."""
    seen = excerpt(text)
    return bool(THANKS.search(NOT_THANKS.sub(" ", seen)))


def withdraws(text: str) -> bool:
    """Whether the asker takes the question back: solved, found, never mind. A closing question mark speaks against."""
    seen = excerpt(text)
    said = WITHDRAWS.search(seen) or (len(seen.split()) <= SHORT and WITHDRAWS_IN_SHORT.search(seen))
    return bool(said) and not NOT_WITHDRAWN.search(seen)


def invites(text: str) -> bool:
    """Whether a message asks for company rather than for help ("anyone up for pizza?")."""
    seen = excerpt(text)
    return bool(INVITES.search(seen)) and not NOT_INVITES.search(seen)
