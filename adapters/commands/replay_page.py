"""A replay as one page that needs nothing else: no script, no address, everything that people wrote escaped.

Its filters are addresses within the page (`#missed`): the style sheet hides what the target is not about.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.commands.replay_words import Words, in_words, totals

if TYPE_CHECKING:
    from bot.replayed import Cry, Decision
    from knowledge.search import Match

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
FILTERS = (
    ("all", "Everything"),
    ("missed", "Missed"),
    ("suggested", "Suggested"),
    ("routed", "To people"),
    ("left", "Never answered"),
    ("unheard", "Not heard"),
    ("crisis", "Crises"),
)
PARTS = (
    ("suggested answered", "suggested at once, and answered by people too"),
    ("suggested left", "suggested at once, answered by nobody"),
    ("routed answered", "to people, who did answer"),
    ("routed left", "to people, answered by nobody"),
    ("unheard", "not heard, though people answered"),
)
VERDICTS = {"suggested": "Suggested at once", "routed": "To people", "unheard": "Not heard"}
MOST_CHANNELS = 40  # that have a filter of their own; the others are among everything
Entry = tuple["Decision | None", "Cry | None"]


def write(path: Path, page: str) -> None:
    """There at once or not at all, and for the eyes of its owner. Raises OSError."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as opened:
            opened.write(page)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def page_of(w: Words) -> str:
    """HTML."""
    channels = _channels(w)
    targets = [name for name, _ in FILTERS[1:]] + list(channels.values())
    style = files("adapters.commands").joinpath("replay.css").read_text("utf-8") + "".join(map(_hiding, targets))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>winwin: what it would have done</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>What winwin would have done</h1>\n<p class=lead>{_said(in_words(w))}</p>\n"
        f"{_bar(w)}\n{_table(w, channels)}\n{_notes(w)}</header>\n"
        f"{''.join(f'<i class=target id={name}></i>' for name in ['all', *targets])}\n{_menu(w)}\n"
        f"<main>\n{''.join(_days(w, channels))}</main>\n</body>\n</html>\n"
    )


def _hiding(target: str) -> str:
    """What is shown while `target` is in the address."""
    return (
        f"#{target}:target~main article:not(.{target}),#{target}:target~main section:not(:has(.{target}))"
        f"{{display:none}}#{target}:target~nav [href='#{target}']{{background:var(--accent);color:var(--on-accent)}}"
    )


def _said(text: str) -> str:
    """Words of anybody, as text: escaped, and without the signs that a page can't show."""
    return escape("".join(c if c in "\n\t" or c.isprintable() or c in "\u200d\ufe0f" else "\ufffd" for c in text))


# --- above ----------------------------------------------------------------------------------------------------


def _classes(d: "Decision") -> str:
    answered = "answered" if d.answered is not None else "left" if d.left else "withdrawn"
    return f"{d.verdict.value} {answered}{' missed' if d.missed else ''}"


def _bar(w: Words) -> str:
    """Every decision, as parts of one bar, with what they are below."""
    kinds = [set(_classes(d).split()) for d in w.replay.decisions]
    counts = [(name, label, sum(set(name.split()) <= kind for kind in kinds)) for name, label in PARTS]
    there = [(name, label, count) for name, label, count in counts if count]
    if not there:
        return ""
    shown = ", ".join(f"{count:,} {label}" for _, label, count in there)
    parts = "".join(f'<i class="{name}" style="flex:{count}"></i>' for name, _, count in there)
    legend = "".join(f'<li><i class="{name}"></i>{_said(label)} <b>{count:,}</b></li>' for name, label, count in there)
    return f'<div class=bar role=img aria-label="{_said(shown)}">{parts}</div>\n<ul class=legend>{legend}</ul>'


def _channels(w: Words) -> dict[str, str]:
    """The class of each channel in which there is something to see, the busiest first."""
    places = [d.place for d in w.replay.decisions] + [cry.place for cry in w.replay.cries]
    busiest = Counter(place.channel_key for place in places).most_common(MOST_CHANNELS)
    return {key: f"c-{number}" for number, (key, _) in enumerate(busiest, 1)}


def _table(w: Words, channels: dict[str, str]) -> str:
    rows, written = [], Counter(said.posted.place.channel_key for said in w.export.said)
    for key, target in channels.items():
        found = [d for d in w.replay.decisions if d.place.channel_key == key]
        heard = [d for d in found if d.verdict.value != "unheard"]
        figures = (
            written[key],
            len(heard),
            sum(d.verdict.value == "suggested" for d in heard),
            sum(d.answered is not None for d in heard),
            sum(d.missed for d in found),
            sum(cry.place.channel_key == key for cry in w.replay.cries),
        )
        name = _said(w.export.channels.get(key, key.rsplit(":", 1)[-1]))
        cells = "".join(f"<td>{figure:,}" for figure in figures)
        rows.append(f"<tr><th scope=row><a href=#{target}>#{name}</a>{cells}</tr>")
    head = "".join(
        f"<th scope=col>{name}"
        for name in ("channel", "messages", "questions", "suggested", "answered", "missed", "crises")
    )
    return f"<div class=wide><table><tr>{head}</tr>{''.join(rows)}</table></div>" if rows else ""


def _notes(w: Words) -> str:
    export = w.export
    lines = [f"A library of {w.resources:,} resources. Nothing was sent, and nothing is stored but this page."]
    if export.bots or export.other:
        lines.append(f"Left out: {export.bots:,} messages of bots, {export.other:,} without words (joins, files).")
    lines += [f"Left out: {left_out}." for left_out in export.left_out]
    if export.edited or export.deleted:
        lines.append(
            f"{export.edited:,} messages were edited: their last words count. {export.deleted:,} were deleted."
        )
    if w.replay.beside:
        lines.append(f"{w.replay.beside:,} messages stand with a crisis and are not shown.")
    if export.bad:
        lines.append(f"{len(export.bad):,} files of the export could not be read.")
    lines.append("An answer counts where it stands in the question's thread, or refers to it.")
    return "<ul class=notes>" + "".join(f"<li>{_said(line)}</li>" for line in lines) + "</ul>\n"


def _menu(w: Words) -> str:
    found = totals(w.replay)
    counts = {
        "all": len(w.replay.decisions) + len(w.replay.cries),
        "left": found["unanswered"],
        "crisis": len(w.replay.cries),
    } | {name: found[name] for name in ("missed", "suggested", "routed", "unheard")}
    links = "".join(f"<a href=#{name}>{label} <b>{counts[name]:,}</b></a>" for name, label in FILTERS)
    return f'<nav aria-label="Show">{links}</nav>'


# --- each decision --------------------------------------------------------------------------------------------


def _days(w: Words, channels: dict[str, str]) -> Iterator[str]:
    entries: list[tuple[str, Entry]] = [(w.moment(d.at), (d, None)) for d in w.replay.decisions]
    entries += [(w.moment(cry.at), (None, cry)) for cry in w.replay.cries]
    if not entries:
        yield "<p class=empty>Nobody asked for anything here.</p>\n"
    for day, rows in groupby(sorted(entries, key=lambda entry: entry[0]), key=lambda entry: entry[0][:10]):
        shown = "".join(_entry(entry, w, channels) for _, entry in rows)
        named = f"{(at := date.fromisoformat(day)):%A}, {at.day} {at:%B %Y}"
        yield f"<section><h2><time datetime={day}>{named}</time></h2>\n{shown}</section>\n"


def _entry(entry: Entry, w: Words, channels: dict[str, str]) -> str:
    decision, cry = entry
    if cry is not None:
        target = channels.get(cry.place.channel_key, "")
        return f'<article class="crisis {target}"><p class=verdict>{_said(w.cry(cry))}</p></article>\n'
    assert decision is not None
    return _shown(decision, w, channels.get(decision.place.channel_key, ""))


def _shown(d: "Decision", w: Words, target: str) -> str:
    answer = w.text(d.answered.text) if d.answered is not None else ""
    more = (
        f"<details><summary>Their answer</summary><blockquote>{_said(answer)}</blockquote></details>" if answer else ""
    )
    missed = " <b class=flag>missed</b>" if d.missed else ""
    return (
        f'<article class="{_classes(d)} {target}">\n'
        f"<p class=head><b class=verdict>{VERDICTS[d.verdict.value]}</b>{missed} "
        f"<span>#{_said(w.channel(d.place))} · {w.moment(d.at)[11:]} · {_said(w.who(d.asker))}</span></p>\n"
        f"<blockquote lang={'es' if d.judgement.language == 'es' else 'en'}>{_said(w.text(d.text))}</blockquote>\n"
        f"{_matches(d.shown)}<p class=why>{_said(w.why(d))}</p>\n"
        f"<p class=happened>{_said(w.happened(d))}</p>{more}\n</article>\n"
    )


def _matches(shown: Sequence["Match"]) -> str:
    rows = "".join(
        f"<li><span class=sure><i style=width:{match.confidence:.0%}></i></span>{match.confidence:.0%} "
        f"<b>{_said(match.title)}</b>{_because(match)}</li>"
        for match in shown
    )
    return f"<ol class=matches>{rows}</ol>\n" if rows else ""


def _because(match: "Match") -> str:
    return f" <span>because of: {_said(', '.join(match.why))}</span>" if match.why else ""
