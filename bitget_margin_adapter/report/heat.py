"""A heat map's plot: one trace a layer, and buttons that show one of them at a time."""

import plotly.graph_objects as go

from .charts import COLOURS, inside_a_page
from .content import HeatMap, Layer

__all__ = ["heat_json"]

# More cells than that and their numbers run into each other.
_WRITTEN = 200


def heat_json(heat: HeatMap) -> str:
    """Plotly's JSON of data and layout, as `charts.figure_json` makes it."""
    figure = go.Figure()
    written = len(heat.xs) * len(heat.ys) <= _WRITTEN
    for place, layer in enumerate(heat.layers):
        figure.add_trace(_trace(heat, layer, written, visible=place == 0))
    figure.update_layout(
        xaxis={"type": "category", "title": {"text": heat.x}, "showgrid": False},
        yaxis={"type": "category", "title": {"text": heat.y}, "showgrid": False},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 76, "r": 16, "t": 56, "b": 56},
        updatemenus=[_menu(heat)] if len(heat.layers) > 1 else [],
    )
    return inside_a_page(figure)


def _trace(heat: HeatMap, layer: Layer, written: bool, visible: bool) -> go.Heatmap:
    return go.Heatmap(
        name=layer.name, x=list(heat.xs), y=list(heat.ys), z=[list(row) for row in layer.values],
        text=[list(row) for row in layer.texts], hovertemplate="%{text}<extra></extra>",
        texttemplate=f"%{{z:{layer.format}}}" if written else None, colorscale="Viridis",
        reversescale=layer.smaller_is_better, visible=visible, xgap=1, ygap=1,
        colorbar={"outlinewidth": 0, "thickness": 14, "tickformat": layer.format},
    )  # fmt: skip


def _menu(heat: HeatMap) -> dict[str, object]:
    shown = range(len(heat.layers))
    return {
        "type": "dropdown", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "pad": {"b": 6},
        "bgcolor": "#f5f6f8", "bordercolor": COLOURS["grey"], "font": {"color": "#1c2127"},
        "buttons": [
            {
                "label": layer.name, "method": "update",
                "args": [{"visible": [place == number for place in shown]}],
            }
            for number, layer in enumerate(heat.layers)
        ],
    }  # fmt: skip
