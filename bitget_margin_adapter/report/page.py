"""The page around the plots. One file, with Plotly inside: it opens without a network, and may not use one."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs

from .charts import figure_json
from .content import Column, Figure, HeatMap, Report, Table
from .heat import heat_json

__all__ = ["page", "write", "write_heat"]

_PARTS = Path(__file__).parent / "data"
# The browser itself sees to it that nothing is loaded from anywhere.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

_HINT = (
    "Triangles are fills: buys point up, sells down. Shaded green while long, red while short. Times are UTC. "
    '<span class="mouse">Drag to zoom, double click to see all again.</span>'
)


def write(path: Path, report: Report) -> None:
    path.write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    statement = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.statement)
    body = f"""<section class="figures">{"".join(map(_figure, report.figures))}</section>
<section class="card statement"><h2>What this is, and what it is not</h2><ul>{statement}</ul></section>
<section class="card"><div id="chart"></div>
<p class="note">{_HINT}</p>
</section>
{"".join(map(_table, report.tables))}"""
    return _document(report.title, report.summary, body, report.footer, figure_json(report))


def write_heat(path: Path, heat: HeatMap) -> None:
    body = f"""<section class="figures">{"".join(map(_figure, heat.figures))}</section>
<section class="card"><div id="chart" class="heat"></div>
<p class="note">{escape(heat.note)}</p>
</section>
{"".join(map(_table, heat.tables))}"""
    path.write_text(_document(heat.title, heat.summary, body, heat.footer, heat_json(heat)), encoding="utf-8")


def _document(title: str, summary: str, body: str, footer: str, figure: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>
{_part("report.css")}
</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p>{escape(summary)}</p>
</header>
{body}
<footer>{escape(footer)}</footer>
<script type="application/json" id="figure">{figure}</script>
<script>{get_plotlyjs()}</script>
<script>
{_part("report.js")}
</script>
</body>
</html>
"""


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _figure(figure: Figure) -> str:
    note = f"<small>{escape(figure.note)}</small>" if figure.note else ""
    return (
        f'<div class="card figure {figure.mood}"><span>{escape(figure.label)}</span>'
        f"<strong>{escape(figure.value)}</strong>{note}</div>"
    )


def _table(table: Table) -> str:
    head = "".join(_cell("th", column, column.name) for column in table.columns)
    body = "".join(f"<tr>{_cells(table.columns, row)}</tr>" for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    inside = f'{note}<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    title = escape(table.title)
    if table.folded:
        return f'<details class="card"><summary><h2>{title}</h2></summary>{inside}</details>\n'
    return f'<section class="card"><h2>{title}</h2>{inside}</section>\n'


def _cells(columns: Iterable[Column], row: Iterable[str]) -> str:
    return "".join(_cell("td", column, text) for column, text in zip(columns, row, strict=True))


def _cell(tag: str, column: Column, text: str) -> str:
    return f'<{tag} class="{column.kind}">{escape(text)}</{tag}>'
