"""The report as one page that needs nothing else: the picture is inside, and no script or address."""

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from adapters.commands.reporting import Sheet, sheets, volunteers_in_words

if TYPE_CHECKING:
    from bot.report import Report

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #22272e; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 0 0 2rem; }
caption { text-align: left; font-weight: bold; font-size: 1.15rem; padding: .5rem 0; }
th, td { text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid #c9ced6; vertical-align: top; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
"""


def page(found: "Report", png: bytes) -> str:
    """HTML. Whatever members wrote in it is escaped."""
    from bot.chart import growth_chart, in_words
    from bot.wording import say_in

    shown = in_words(growth_chart(found, say_in("en"), "en"))
    picture = f'<img src="data:image/png;base64,{b64encode(png).decode()}" alt="{escape(shown)}">'
    tables = "\n".join(_table(sheet) for sheet in sheets(found))
    hidden = f"Counts of fewer than {found.hidden_below} people are left out." if found.hidden_below else ""
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in (volunteers_in_words(found), hidden) if line)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>winwin: report</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Report of {found.now:%Y-%m-%d}</h1>\n"
        f"{picture}\n{tables}\n{lines}</body>\n</html>\n"
    )


def _table(sheet: Sheet) -> str:
    first = len(sheet.columns) - sheet.numbers
    kinds = [' class="figure"' if n >= first else "" for n in range(len(sheet.columns))]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(sheet.columns, kinds, strict=True))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in sheet.rows
    )
    return f"<table>\n<caption>{escape(sheet.title)}</caption>\n<tr>{head}</tr>\n{rows}\n</table>"
