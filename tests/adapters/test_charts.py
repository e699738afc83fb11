"""The picture: its size, that it can be drawn of anything, and that hidden numbers are not drawn."""

import subprocess
import sys

import pytest

from adapters.charts import Charts, png
from bot.chart import Chart, Curve

MONTHS = tuple(f"{month} 2025" for month in ("Jan", "Feb", "Mar", "Apr"))


def chart(*people: tuple[int | None, ...], months: tuple[str, ...] = MONTHS) -> Chart:
    curves = tuple(Curve(f"Group {n}", "12 people so far", "1.5 times", row) for n, row in enumerate(people))
    return Chart("People", months, curves, "Few are left out.", "Not enough to show yet")


@pytest.mark.parametrize(
    "drawn",
    [
        chart((1, 2, 3, 4), (None, 20, None, 30), (None,) * 4),
        chart((5,), months=("Jan 2025",)),
        chart((0, 0, 0, 0)),
        chart((), months=()),
        chart(),
        chart(*([7, 8, 9, 10],) * 5),
    ],
    ids=["three", "one month", "nobody", "no months", "no curves", "five"],
)
async def test_every_chart_is_a_png_of_at_most_a_thousand_pixels(drawn: Chart):
    made = await Charts().paint(drawn)
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(made[16:20], "big"), int.from_bytes(made[20:24], "big")) == (1000, 900)
    assert len(made) < 300_000


def test_a_hidden_month_is_not_drawn():
    assert png(chart((20, None, 20, 20))) != png(chart((20, 20, 20, 20)))
    assert png(chart((20, 20, 20, 20))) == png(chart((20, 20, 20, 20)))


def test_matplotlib_is_loaded_by_the_first_picture_only():
    code = "import sys, adapters.charts, adapters.app; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
