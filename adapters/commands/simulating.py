"""`winwin simulate`: a made-up community around the real core, to compare ways of finding somebody who answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import command
from adapters.commands.screen import note, progress, say, show_json, table
from adapters.commands.session import AsJson, quiet_logs

if TYPE_CHECKING:
    from adapters.simulator.measures import Between, Compared, Figures
    from adapters.simulator.run import Ended, Setting

FEWER, FAIRER = 0.25, 0.5  # of what ping everyone needs: the bar
EVERYONE, IN_TURN, WINWIN = "ping everyone", "round robin", "winwin"
MET, MISSED, UNSAID = "met", "missed", "unsaid"
SHARE, MINUTES, DECIMALS, COUNT = "share", "minutes", "decimals", "count"
SHOWN = {
    "questions": ("questions", COUNT),
    "answered_in_a_day": ("answered within 24 h", SHARE),
    "median_minutes": ("time to first answer, median", MINUTES),
    "ninetieth_minutes": ("the same, 90th percentile", MINUTES),
    "pings": ("pings", COUNT),
    "pings_per_answer": ("pings for each answered question", DECIMALS),
    "knew": ("first answer by who named the topic", SHARE),
    "helped": ("helped, as askers said", SHARE),
    "fairness": ("Gini of answers written", DECIMALS),
    "offered": ("Gini of answers by weekly limit", DECIMALS),
    "laid_on": ("Gini of answers after a ping", DECIMALS),
    "spread": ("Gini of pings", DECIMALS),
    "passes": ("passes", COUNT),
    "ignored": ("cards seen and left lying", COUNT),
    "quiet_pings": ("pings in quiet hours", COUNT),
    "night_pings": ("pings at night, no quiet hours set", COUNT),
    "over_cap_pings": ("pings over the weekly limit", COUNT),
    "left": ("volunteers who left", COUNT),
    "lost": ("questions lost", COUNT),
}


@command
def simulate(
    seed: Annotated[int, typer.Option(min=0, help="The first seed.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many seeds, one after the other.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days in which questions come.")] = 56,
    volunteers: Annotated[int, typer.Option(min=1, max=2000, help="Volunteers at the start.")] = 60,
    questions: Annotated[float, typer.Option(min=0.1, max=200, help="Questions a day.")] = 5.0,
    offer: Annotated[int | None, typer.Option(min=1, max=1440, help="Minutes one person has the card.")] = None,
    offers: Annotated[int | None, typer.Option(min=1, max=50, help="People asked about one question.")] = None,
    bystander: Annotated[
        float | None, typer.Option(min=0, max=1, help="How much less each does when all are asked; 0: no less.")
    ] = None,
    willing: Annotated[float, typer.Option(min=0.05, max=1, help="Part of the usual willingness.")] = 1.0,
    tiring: Annotated[float | None, typer.Option(min=0, max=5, help="How fast people tire; 0: never.")] = None,
    again: Annotated[float, typer.Option(min=0, help="Hours after which everyone is pinged again; 0: never.")] = 0.0,
    pictures: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the first seed into this folder.")] = None,
    json_: AsJson = False,
) -> None:
    """Compare ways of finding somebody who answers, in a made-up community: nothing real is touched."""
    quiet_logs()
    tried = {"bystander": bystander, "tiring": tiring, "willing_scale": willing}
    first_setting = _setting(seed, (days, volunteers, questions), (offer, offers), tried)
    settings = [replace(first_setting, seed=one) for one in range(seed, seed + seeds)]
    began = process_time()
    found, first = _run(settings, again)
    speed = sum(run.questions for runs in found.values() for run in runs) / (process_time() - began) * 60
    if pictures is not None:
        _draw(first, pictures)
    if json_:
        show_json(_as_json(settings, found) | {"questions_a_minute": round(speed)})
        return
    _show(settings, found)
    say(f"So fast: {_rounded(speed):,} questions a minute of one processor. What this can show: docs/routing.md")


def _setting(
    seed: int,
    size: tuple[int, int, float],
    limits: tuple[int | None, int | None],
    tried: Mapping[str, float | None],
) -> "Setting":
    from adapters.simulator.habits import Habits, Town
    from adapters.simulator.run import Setting
    from bot.policy import Policy

    days, volunteers, questions = size
    offer, offers = limits
    policy = Policy()
    policy = replace(
        policy,
        offer=timedelta(minutes=offer) if offer else policy.offer,
        offers_per_question=offers or policy.offers_per_question,
    )
    habits = Habits(**{name: value for name, value in tried.items() if value is not None})
    return Setting(Town(volunteers=volunteers, days=days, questions_a_day=questions), habits, policy, seed)


def _run(settings: Sequence["Setting"], again: float) -> tuple[dict[str, list["Figures"]], dict[str, "Ended"]]:
    """The figures of each way by seed, and what was left of the first seed."""
    from adapters.simulator.measures import figures
    from adapters.simulator.run import simulate as run_one
    from adapters.simulator.ways import WAYS
    from adapters.storage.memory import MemoryStore
    from bot.safety.triage import Triage

    triage = Triage.load()
    found: dict[str, list[Figures]] = {way.name: [] for way in WAYS}
    first: dict[str, Ended] = {}
    with progress("Simulating") as shown:
        for done, setting in enumerate(settings):
            for n, way in enumerate(WAYS):
                ended = run_one(setting, replace(way, again_after=again), MemoryStore(), triage)
                found[way.name].append(figures(ended))
                first.setdefault(way.name, ended)
                shown(done * len(WAYS) + n + 1, len(settings) * len(WAYS))
    return found, first


def _draw(first: Mapping[str, "Ended"], folder: Path) -> None:
    from adapters.charts import png
    from adapters.simulator.pictures import pictures

    folder.mkdir(parents=True, exist_ok=True)
    for name, chart in pictures(first).items():
        (folder / name).write_bytes(png(chart))
        note(f"drawn: {folder / name}")


def _against(found: Mapping[str, Sequence["Figures"]]) -> dict[str, "Compared"]:
    from adapters.simulator.measures import compared

    return {name: compared(found[WINWIN], found[name]) for name in found if name != WINWIN}


def _as_json(settings: Sequence["Setting"], found: Mapping[str, Sequence["Figures"]]) -> dict[str, object]:
    from adapters.simulator.measures import over_seeds
    from bot.policy import describe

    return {
        "town": asdict(settings[0].town),
        "habits": asdict(settings[0].habits),
        "policy": dict(describe(settings[0].policy)),
        "seeds": [setting.seed for setting in settings],
        "ways": {way: {name: asdict(b) for name, b in over_seeds(runs).items()} for way, runs in found.items()},
        "winwin_against": {way: asdict(c) for way, c in _against(found).items()},
        "runs": {way: [asdict(run) for run in runs] for way, runs in found.items()},
    }


def _show(settings: Sequence["Setting"], found: Mapping[str, Sequence["Figures"]]) -> None:
    from adapters.simulator.measures import over_seeds

    town = settings[0].town
    say(
        f"{town.volunteers:,} volunteers, {town.questions_a_day:g} questions a day for {town.days} days; "
        + (f"seed {settings[0].seed}" if len(settings) == 1 else f"{len(settings)} seeds from {settings[0].seed} on")
    )
    ways = {name: over_seeds(runs) for name, runs in found.items()}
    rows = [(label, *(_cell(ways[name][figure], kind) for name in ways)) for figure, (label, kind) in SHOWN.items()]
    table("", ("", *ways), rows, numbers=len(ways))
    say("Gini: 0 when all carry the same, near 1 when one person carries all; by weekly limit: as a part of it.")
    _show_bar(_against(found))


def _show_bar(against: Mapping[str, "Compared"]) -> None:
    """In words, which of the three aims are reached."""
    beside = against[EVERYONE]
    aims = (
        ("at least as many answered within 24 h", _signed(beside.answered), _least(beside.answered, 0.0)),
        ("at most a quarter of its pings", _cell(beside.pings, SHARE), _most(beside.pings, FEWER)),
        ("at most half its Gini of answers", _times(beside.fairness), _most(beside.fairness, FAIRER)),
    )
    say(f"What {WINWIN} is to reach beside {EVERYONE}: {sum(met == MET for _, _, met in aims)} of {len(aims)} met.")
    for aim, reached, met in aims:
        say(f"  {met:<8}{aim}: {reached}")
    say(f"  (the Gini of answers by weekly limit: {_times(beside.offered)})")
    turn = against[IN_TURN]
    say(
        f"{WINWIN} beside {IN_TURN}: answered within 24 h {_signed(turn.answered)}, pings {_cell(turn.pings, SHARE)}, "
        f"Gini of answers {_times(turn.fairness)}."
    )


def _cell(b: "Between", kind: str) -> str:
    if b.value is None:
        return "never"
    if b.low is None or b.high is None or b.low == b.high:
        return _number(b.value, kind)
    return f"{_number(b.value, kind)} ({_number(b.low, kind)} – {_number(b.high, kind)})"


def _number(value: float, kind: str) -> str:
    if kind == SHARE:
        return f"{value * 100:.1f} %"
    if kind == MINUTES:
        return f"{value:,.0f} min" if value < 600 else f"{value / 60:,.1f} h"
    return f"{value:,.2f}" if kind == DECIMALS else f"{value:,.0f}"


def _signed(b: "Between") -> str:
    points = [f"{v * 100:+.1f}" for v in (b.value, b.low, b.high) if v is not None]
    return f"{points[0]} points" + (f" ({points[1]} – {points[2]})" if len(points) == 3 else "")


def _times(b: "Between") -> str:
    return f"{_cell(b, DECIMALS)} times as high" if b.value is not None else "cannot be said"


def _most(b: "Between", bar: float) -> str:
    return UNSAID if b.value is None else MET if b.value <= bar else MISSED


def _least(b: "Between", bar: float) -> str:
    return UNSAID if b.value is None else MET if b.value >= bar else MISSED


def _rounded(speed: float) -> int:
    """To the hundred: it is never twice the same."""
    return max(round(speed / 100), 1) * 100
