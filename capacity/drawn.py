"""Plots of the simulations, as SVG that needs nothing else."""

import re
import sys
from collections.abc import Mapping, Sequence

import pygal
from pygal.style import Style

# It leaves an importer of an old form behind, for plugins that nobody has here.
sys.meta_path[:] = [one for one in sys.meta_path if hasattr(one, "find_spec")]

Points = Sequence[tuple[float, float]]
_STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    font_family="system-ui, sans-serif",
    colors=("#8a5a00", "#0b6e6e", "#7a1f5c", "#30507a", "#555555"),
    label_font_size=12,
    legend_font_size=13,
    title_font_size=15,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def lines(
    title: str, x: str, y: str, series: Mapping[str, Points], *, is_logarithmic: bool = False
) -> str:
    """Draw lines; the same points give the same text."""
    chart = pygal.XY(
        js=[], show_dots=False, stroke_style={"width": 2}, width=800, height=380, title=title,
        x_title=x, y_title=y, style=_STYLE, legend_at_bottom=True, logarithmic=is_logarithmic,
        truncate_legend=-1,
    )  # fmt: skip
    chart.uuid = re.sub(r"\W+", "-", title.lower())
    for name, points in series.items():
        chart.add(name, points)
    return _COMMENT.sub("", chart.render(is_unicode=True)) + "\n"
