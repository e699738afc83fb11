"""What the pictures of a simulation show, in figures; adapters/charts.py draws them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from adapters.simulator.diary import Diary
from adapters.simulator.measures import figures, first_answers
from adapters.simulator.run import Ended
from adapters.simulator.timing import HOUR
from bot.chart import Chart, Curve

HOURS = 24


def pictures(runs: Mapping[str, Ended]) -> dict[str, Chart]:
    """By file name, from one run of each way."""
    return {"routing-answers.png": _answers(runs), "routing-load.png": _load(runs)}


def _answers(runs: Mapping[str, Ended]) -> Chart:
    curves = []
    for name, run in runs.items():
        f = figures(run)
        per_answer = f"{f.pings_per_answer:,.1f} pings for each question that was answered"
        curves.append(Curve(name, per_answer, f"{f.answered_in_a_day:.0%} in a day", _shares(run.diary)))
    hours = tuple(f"{hour} h" for hour in range(HOURS + 1))
    note = "Hours since the question was asked. The same people, questions and dice for each."
    return Chart("Questions with an answer, per cent", hours, tuple(curves), note, "Nothing was asked", most=100)


def _shares(d: Diary) -> tuple[int, ...]:
    first = first_answers(d)
    waits = [first[q.number].at - q.at for q in d.asked if q.number in first]
    return tuple(round(100 * sum(w <= hour * HOUR for w in waits) / max(len(d.asked), 1)) for hour in range(HOURS + 1))


def _load(runs: Mapping[str, Ended]) -> Chart:
    curves, most, volunteers = [], 0, 0
    for name, run in runs.items():
        wrote = Counter(w.by for w in run.diary.answers)
        load = sorted((wrote[p.number] for p in run.diary.people if not p.moderator), reverse=True)
        most, volunteers = max(most, *load), len(load)
        tenth = sum(load[: max(len(load) // 10, 1)]) / max(sum(load), 1)
        said = f"the busiest tenth of the volunteers wrote {tenth:.0%} of their answers"
        curves.append(Curve(name, said, f"Gini {figures(run).fairness:.2f}", tuple(load)))
    ranks = tuple(str(rank) for rank in range(1, volunteers + 1))
    note = "Volunteers, the busiest first. The same people, questions and dice for each."
    return Chart("Answers written by each volunteer", ranks, tuple(curves), note, "Nobody volunteers", most=most)
