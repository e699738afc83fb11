"""A painter that writes what it was to draw instead of drawing it."""

from dataclasses import dataclass, field

from bot.chart import Chart

PNG = b"\x89PNG drawn"


@dataclass
class RecordingPainter:
    """See bot.ports.Painter."""

    charts: list[Chart] = field(default_factory=list)

    async def paint(self, chart: Chart) -> bytes:
        self.charts.append(chart)
        return PNG
