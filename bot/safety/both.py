"""The one door: both detectors over a text, in the order that costs least. Everything that people write passes here.

The rules read first. What they call a crisis goes no further; all else the second detector reads too, before anything
is stored or searched: the letters first, and where these leave a doubt, with what the reader says of it.
It only ever adds. As long as the model is not there it reads the letters alone, and says that the text wants to be read
again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.reading import CRISIS, Said
from bot.safety.detector import Detector
from bot.safety.findings import DETECTOR_FAILED, Code, Finding, Speaker, by_severity, is_crisis
from bot.safety.triage import Triage

LONG = 4_000  # characters; what is longer is read beside the event loop
WAIT = 8.0  # seconds for the model; after that people look at the message
UNLIKELY = 0.02  # by the letters alone; under it the reader is not asked: half of calm messages, 2 % of crises
LATIN = "\u024f"  # the last of the letters that the model was taught
# Small pictures and what joins them: the model reads nothing in them, and stumbles.
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+")
_MASKED = re.compile(r"[A-Za-z][0-9@$!|*]+[A-Za-z]")  # "k1ll", "s*icide": no word that the model was taught
FAILED = Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,))


@dataclass(frozen=True, slots=True)
class Heed:
    """`findings`, most severe first. `again`: the model was not there yet; read the text once more when it is."""

    findings: tuple[Finding, ...]
    again: bool = False


class Both:
    """Without a `detector` the rules read alone. `said`: what the reader says of a text, None where there is no reader;
    `ready`: whether it can be asked now."""

    def __init__(
        self,
        triage: Triage,
        detector: Detector | None,
        said: Callable[[str], Awaitable[Said]] | None,
        ready: Callable[[], bool],
    ) -> None:
        self._triage = triage
        self._detector = detector
        self._said = said
        self._ready = ready

    async def read(self, text: str) -> Heed:
        """Never raises: a detector that fails or is too slow is a finding for people to look at."""
        if self._detector is None:
            return Heed(await self._checked(text))
        findings = await self._checked(text)
        if is_crisis(findings) or not text.strip():
            return Heed(findings)
        ready = self._ready()
        try:
            words, part = await self._looked(self._detector, text)
            if self._detector.judge(part, None).crisis < UNLIKELY:
                return Heed(findings)
            added = self._detector.find(part, None)
            if added is None and ready and self._said is not None:
                said = await asyncio.wait_for(self._said(given(text, words, part)), WAIT)
                added = self._detector.find(part, said[CRISIS])
        except Exception:  # whatever it is
            added = FAILED
        again = not ready and self._said is not None
        return Heed(by_severity([*findings, added]) if added is not None else findings, again=again)

    async def _looked(self, detector: Detector, text: str) -> tuple[str, str]:
        """The text as the rules read it, and the part of it that the second detector reads."""

        def look() -> tuple[str, str]:
            words = self._triage.words(text)
            return words, detector.likeliest(words)

        return look() if len(text) <= LONG else await asyncio.to_thread(look)

    async def _checked(self, text: str) -> tuple[Finding, ...]:
        """By the rules, which take four milliseconds for a thousand words and must not stop everybody else."""
        return self._triage.check(text) if len(text) <= LONG else await asyncio.to_thread(self._triage.check, text)


def given(text: str, words: str, part: str) -> str:
    """What the reader reads of a text: a short one as it was typed, of a long one the part that was chosen."""
    return legible(text, words) if part == words else part


def legible(text: str, words: str) -> str:
    """What the reader is given: the text itself, or its normalised words where it is written in a way that the model
    does not know (look-alikes, full width, digits for letters)."""
    if text.isascii():
        return words if _MASKED.search(text) else text
    text = _PICTURES.sub(" ", text)
    return words if any(c > LATIN and c.isalpha() for c in text) or _MASKED.search(text) else text
