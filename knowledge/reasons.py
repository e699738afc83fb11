"""Why a resource matched, in words a person recognises: what the question and the resource both say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.resources import Resource
from knowledge.text import Words

MOST = 4  # phrases shown
LONGEST = 4  # words of one phrase
READ = 800  # characters of a text looked at


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    stems: tuple[str, ...]
    weight: float


def reasons(resource: Resource, matched: Mapping[str, float], words: Words) -> tuple[str, ...]:
    """At most four phrases as the resource writes them, weightiest first; no shared word is counted twice.

    `matched` maps the stems the question shares with the resource to their weights. A topic that holds one is shown
    whole; otherwise neighbouring shared words make a phrase, from the title, past questions and text in that order.
    """
    shown: set[str] = set()
    phrases: list[_Phrase] = []
    for phrase in _phrases(resource, matched, words):
        if len(shown) == len(matched):
            break
        if not shown.issuperset(phrase.stems):
            shown.update(phrase.stems)
            phrases.append(phrase)
    phrases = [p for p in phrases if not any({*p.stems} < {*longer.stems} for longer in phrases)]
    phrases.sort(key=lambda phrase: -phrase.weight)
    return tuple(dict.fromkeys(phrase.text for phrase in phrases))[:MOST]


def _phrases(resource: Resource, matched: Mapping[str, float], words: Words) -> Iterator[_Phrase]:
    for topic in resource.topics:
        stems = tuple(stem for stem in words.stems(topic, resource.language) if stem in matched)
        if stems:
            yield _phrase(topic, stems, matched)
    for field in (resource.title, *resource.asked_as, resource.text[:READ]):
        found = list(_runs(field, matched, words, resource.language))
        yield from sorted(found, key=lambda phrase: -phrase.weight)


def _runs(text: str, matched: Mapping[str, float], words: Words, language: str) -> Iterator[_Phrase]:
    """Stretches of neighbouring shared words."""
    run: list[tuple[str, Sequence[str]]] = []
    for word, means in [*words.units(text, language), ("", ())]:
        stems = [stem for stem in means if stem in matched]
        if stems and len(run) < LONGEST:
            run.append((word, stems))
            continue
        if run:
            yield _phrase(" ".join(w for w, _ in run), tuple(s for _, some in run for s in some), matched)
        run = [(word, stems)] if stems else []


def _phrase(text: str, stems: tuple[str, ...], matched: Mapping[str, float]) -> _Phrase:
    return _Phrase(text.lower(), stems, sum(matched[stem] for stem in set(stems)))
