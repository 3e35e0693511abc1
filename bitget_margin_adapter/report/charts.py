"""The report's plots as one figure: all panels share one time axis, so that they zoom and are read together."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import plotly.graph_objects as go

from .content import Mark, Number, Panel, Report

__all__ = ["COLOURS", "figure_json", "inside_a_page"]

# Of middle brightness: they are read on white and on black.
COLOURS = {
    "blue": "#3987e5",
    "orange": "#d98324",
    "violet": "#9085e9",
    "grey": "#8a8f98",
    "red": "#e0484d",
    "up": "#1aa179",
    "down": "#e0484d",
}
_SPANS = {"long": "rgba(26, 161, 121, 0.13)", "short": "rgba(224, 72, 77, 0.13)"}
# Other colours than the candles', or they drown among them.
_MARKS = {"buy": ("triangle-up", COLOURS["blue"]), "sell": ("triangle-down", COLOURS["orange"])}

# Shares of the height: the price's, and the gap above each panel in which its title stands.
_PRICE, _GAP = 0.4, 0.055


def figure_json(report: Report) -> str:
    """Plotly's JSON of data and layout. Colours of text and grid come from the page, which knows dark from light."""
    figure = go.Figure()
    _price(figure, report)
    for place, panel in enumerate(report.panels, 2):
        _panel(figure, panel, report.times, f"y{place}")
    domains = _domains(len(report.panels))
    titles = [f"<b>{report.symbol}, price</b>", *map(_title, report.panels)]
    axes = {
        f"yaxis{place}": {"domain": domain, "anchor": "x", "zeroline": False} for place, domain in enumerate(domains, 1)
    }
    for place, panel in enumerate(report.panels, 2):
        if panel.levels or any(line.filled for line in panel.lines):
            axes[f"yaxis{place}"]["rangemode"] = "tozero"
    figure.update_layout(
        **axes,
        xaxis={
            "type": "date",
            "range": _times((report.candles[0][0], report.times[-1])),
            "anchor": f"y{len(domains)}",
            "rangeslider": {"visible": False},
            "hoverformat": "%d %b %Y %H:%M",
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikedash": "dot",
            "spikecolor": COLOURS["grey"],
        },
        annotations=[
            {
                "text": title, "xref": "paper", "x": 0, "xanchor": "left", "yref": "paper",
                "y": domain[1], "yanchor": "bottom", "showarrow": False, "font": {"size": 13},
            }
            for title, domain in zip(titles, domains, strict=True)
        ],
        hovermode="x unified",
        hoversubplots="axis",
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 58, "r": 16, "t": 26, "b": 36},
    )  # fmt: skip
    return inside_a_page(figure)


def inside_a_page(figure: go.Figure) -> str:
    """The page holds it in a script element: nothing inside may end that."""
    return str(figure.to_json()).replace("</", "<\\/")


def _price(figure: go.Figure, report: Report) -> None:
    ms, opens, highs, lows, closes = zip(*(row[:5] for row in report.candles), strict=True)
    figure.add_trace(
        go.Candlestick(
            name=report.symbol, x=_times(ms), open=_floats(opens), high=_floats(highs), low=_floats(lows),
            close=_floats(closes), increasing_line_color=COLOURS["up"], decreasing_line_color=COLOURS["down"],
            line_width=1,
        )
    )  # fmt: skip
    for side, (symbol, colour) in _MARKS.items():
        marks: list[Mark] = [mark for mark in report.marks if mark.side == side]
        figure.add_trace(
            go.Scatter(
                name=side, mode="markers", x=_times([mark.ms for mark in marks]),
                y=_floats([mark.price for mark in marks]), text=[mark.text for mark in marks],
                hovertemplate="%{text}<extra></extra>", cliponaxis=False,
                marker={
                    "symbol": symbol, "size": 13, "color": colour, "line": {"width": 1.5, "color": "#ffffff"},
                },
            )
        )  # fmt: skip
    for span in report.spans:
        figure.add_shape(
            type="rect", layer="below", line_width=0, fillcolor=_SPANS[span.side], xref="x", yref="paper", y0=0, y1=1,
            x0=_times([span.start])[0], x1=_times([span.end])[0],
        )  # fmt: skip


def _panel(figure: go.Figure, panel: Panel, times: Sequence[int], axis: str) -> None:
    for line in panel.lines:
        figure.add_trace(
            go.Scatter(
                name=line.name, x=_times(times), y=_floats(line.values), yaxis=axis, mode="lines",
                line={
                    "color": COLOURS[line.colour], "width": 1.6, "shape": "hv" if line.filled else "linear",
                },
                fill="tozeroy" if line.filled else None,
                hovertemplate=f"{line.name}: %{{y:{panel.format}}}<extra></extra>",
            )
        )  # fmt: skip
    for level in panel.levels:
        colour = COLOURS[level.colour]
        figure.add_shape(
            type="line", xref="paper", x0=0, x1=1, yref=axis, y0=float(level.value), y1=float(level.value),
            line={"color": colour, "width": 1, "dash": "dash"},
            label={"text": level.text, "textposition": "end", "font": {"color": colour, "size": 11}},
        )  # fmt: skip
    if panel.levels:
        # Lines drawn as shapes do not stretch an axis.
        top = max(float(level.value) for level in panel.levels) * 1.15
        figure.add_trace(
            go.Scatter(x=_times(times[:1]), y=[top], yaxis=axis, mode="markers", opacity=0, hoverinfo="skip")
        )


def _title(panel: Panel) -> str:
    """With a key to the colours where there are several."""
    keys = [f'<span style="color:{COLOURS[line.colour]}">\u25a0</span> {line.name}' for line in panel.lines]
    return "   ".join([f"<b>{panel.title}</b>", *(keys if len(keys) > 1 else [])])


def _domains(panels: int) -> list[tuple[float, float]]:
    """From top to bottom: the price, and the panels that share the rest."""
    if not panels:
        return [(0.0, 1.0)]
    height = (1 - _PRICE) / panels
    return [
        (1 - _PRICE, 1.0),
        *(
            (max(0.0, 1 - _PRICE - height * place), 1 - _PRICE - height * (place - 1) - _GAP)
            for place in range(1, panels + 1)
        ),
    ]


def _times(moments: Sequence[int]) -> list[str]:
    """Plotly reads times without a zone as they are, wherever the reader sits."""
    return [datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") for ms in moments]


def _floats(values: Sequence[Number | Any]) -> list[float]:
    return [float(value) for value in values]
