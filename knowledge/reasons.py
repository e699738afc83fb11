"""Why a resource matched, in words a person recognises: phrases of the resource that the question shares."""

from collections.abc import Mapping

from knowledge.resources import Resource
from knowledge.text import Words

MOST = 4  # phrases shown
LONGEST = 4  # words of one phrase
READ = 3_000  # characters of a text looked at


def reasons(resource: Resource, matched: Mapping[str, float], words: Words) -> tuple[str, ...]:
    """At most four phrases, weightiest first, as the resource writes them; no word is shown twice.

    `matched` maps the shared stems to their weights. Topics and title are preferred to the text.
    """
    fields = (*resource.topics, resource.title, *resource.asked_as, resource.text[:READ])
    shown: set[str] = set()
    phrases: list[tuple[float, str]] = []
    for field in fields:
        for weight, stems, phrase in sorted(_runs(field, matched, words, resource.language), reverse=True):
            if not shown.issuperset(stems):
                shown.update(stems)
                phrases.append((weight, phrase))
    ranked = sorted(phrases, key=lambda found: -found[0])
    return tuple(phrase for _, phrase in ranked[:MOST])


def _runs(
    text: str, matched: Mapping[str, float], words: Words, language: str
) -> list[tuple[float, tuple[str, ...], str]]:
    """Stretches of neighbouring shared words: (weight, stems, phrase in lower case)."""
    found: list[tuple[float, tuple[str, ...], str]] = []
    run: list[tuple[str, str]] = []
    for word, stem in [*words.pairs(text, language), ("", "")]:
        if stem in matched and len(run) < LONGEST:
            run.append((word, stem))
        elif run:
            stems = tuple(dict.fromkeys(s for _, s in run))
            found.append((sum(matched[s] for s in stems), stems, " ".join(w for w, _ in run).lower()))
            run = [(word, stem)] if stem in matched else []
    return found
