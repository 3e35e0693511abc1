"""The report's page: one file, nothing loaded from anywhere, every text escaped, all plots on one time axis."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.report.charts import figure_json
from bitget_margin_adapter.report.content import Column, Figure, Level, Line, Mark, Panel, Report, Span, Table
from bitget_margin_adapter.report.page import page, write

HOUR = 3_600_000
EVIL = '</script><script src="https://example.org/x.js"></script><b onclick="x">&'
TIMES = [HOUR * place for place in range(1, 5)]
REPORT = Report(
    title=EVIL,
    summary=EVIL,
    statement=[EVIL],
    figures=[Figure(EVIL, EVIL, EVIL, "good"), Figure("plain", "1")],
    symbol="ETH/USDT",
    candles=[[ms - HOUR, 10 + place, 12 + place, 9 + place, 11 + place, 5] for place, ms in enumerate(TIMES)],
    marks=[Mark(HOUR, 10, "buy", EVIL), Mark(3 * HOUR, 12, "sell", "sold")],
    spans=[Span(HOUR, 3 * HOUR, "long")],
    times=TIMES,
    panels=[
        Panel("Equity", [Line("equity", [1, 2, 3, 4], "blue")]),
        Panel("Debt", [Line("a", [1, 1, 0, 0], "orange", True), Line("b", [0, 0, 1, 1], "violet", True)]),
        Panel("Risk", [Line("risk", [0.1] * 4, "blue")], [Level(0.8, "warning", "orange"), Level(1, "end", "red")]),
    ],
    tables=[
        Table("Fills", [Column("side", "word"), Column("price")], [("buy", "10"), ("sell", EVIL)], "a note"),
        Table(EVIL, [Column("a")], [("1",)], folded=True),
    ],
)


class Loads(HTMLParser):
    """Collects what a browser would fetch or run, and the text it would show."""

    FETCHING = ("src", "href", "srcset", "data", "action", "poster", "formaction", "ping", "background", "xlink:href")

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.handlers: list[str] = []
        self.tags: list[str] = []
        self.policy = ""
        self.styles = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag
        values = dict(attrs)
        self.fetched += [str(value) for name, value in attrs if name in self.FETCHING]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.styles += str(values.get("style", ""))
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(values["content"])

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles += data


@pytest.fixture(scope="module")
def text() -> str:
    return page(REPORT)


@pytest.fixture(scope="module")
def figure() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(figure_json(REPORT))
    return found


def test_nothing_is_fetched_and_the_browser_is_told_to_fetch_nothing(text: str) -> None:
    seen = Loads()
    seen.feed(text)
    assert seen.fetched == []
    assert seen.handlers == []
    assert not re.search(r"@import|url\(", seen.styles)
    assert not {"link", "iframe", "img", "object", "embed", "form"} & set(seen.tags)
    assert seen.policy.split("; ")[0] == "default-src 'none'"
    assert "http" not in seen.policy


def test_plotly_may_not_upload_the_figure(text: str) -> None:
    assert "showSendToCloud: false" in text
    assert 'plotlyServerURL: ""' in text


def test_texts_are_shown_not_run(text: str) -> None:
    assert 'example.org/x.js"></script>' not in text
    assert EVIL not in text
    seen = Loads()
    seen.feed(text)
    # The figure, the library and the few lines that draw with it.
    assert seen.tags.count("script") == 3
    assert seen.tags.count("b") == 0
    assert text.count("&lt;/script&gt;&lt;script") >= 8


def test_the_page_holds_what_the_report_says(text: str) -> None:
    assert text.startswith("<!DOCTYPE html>")
    assert '<td class="word">buy</td><td class="number">10</td>' in text
    assert text.count("<details") == 1
    assert "a note" in text
    assert json.loads(text.split('id="figure">')[1].split("</script>")[0]) == json.loads(figure_json(REPORT))


def test_all_panels_share_one_time_axis_and_one_pointer(figure: dict[str, Any]) -> None:
    assert {trace.get("xaxis", "x") for trace in figure["data"]} == {"x"}
    assert {trace.get("yaxis", "y") for trace in figure["data"]} == {"y", "y2", "y3", "y4"}
    assert [name for name in figure["layout"] if name.startswith("xaxis")] == ["xaxis"]
    assert (figure["layout"]["hovermode"], figure["layout"]["hoversubplots"]) == ("x unified", "axis")
    domains = [figure["layout"][name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3", "yaxis4")]
    assert all(low < high for low, high in domains)
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains)), "panels overlap"
    assert domains[-1][0] == 0


def test_the_plots_hold_the_figures(figure: dict[str, Any]) -> None:
    candles, buys, sells, *lines = figure["data"]
    assert candles["type"] == "candlestick"
    assert candles["open"] == [10, 11, 12, 13]
    assert candles["x"] == ["1970-01-01 00:00", "1970-01-01 01:00", "1970-01-01 02:00", "1970-01-01 03:00"]
    assert (buys["y"], sells["y"]) == ([10], [12])
    named = {line["name"]: line for line in lines if "name" in line}
    assert named["equity"]["y"] == [1, 2, 3, 4]
    assert named["equity"]["x"][0] == "1970-01-01 01:00"
    assert set(named) == {"equity", "a", "b", "risk"}
    levels = {shape["label"]["text"]: shape["y0"] for shape in figure["layout"]["shapes"] if "label" in shape}
    assert levels == {"warning": 0.8, "end": 1}
    # The highest line is inside the plot although the risk is far below it.
    assert max(value for line in lines if line["yaxis"] == "y4" for value in line["y"]) > 1


def test_a_report_without_panels_is_only_the_price() -> None:
    bare = Report("t", "s", (), (), "BTC/USDT", REPORT.candles, (), (), TIMES, (), ())
    assert json.loads(figure_json(bare))["layout"]["yaxis"]["domain"] == [0, 1]


def test_written_as_text_that_any_reader_understands(tmp_path: Path) -> None:
    write(tmp_path / "r.html", REPORT)
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == page(REPORT)
