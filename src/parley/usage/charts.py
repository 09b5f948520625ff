"""The options of the charts, made with pyecharts; js/features/charts.js draws them with the vendored ECharts.

Only options leave here as JSON, never pyecharts' HTML. A colour is the name of a token of css/tokens.css,
which the script replaces by what it is in the reader's theme, and `unit` says how it writes numbers. Options:
https://echarts.apache.org/en/option.html and https://pyecharts.org/#/en-us/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from parley.usage.queries import Sums, Used, Waits
from parley.usage.waits import percentile
from parley.web.i18n import _

if TYPE_CHECKING:
    from pyecharts.charts.chart import RectChart

MOST_BARS = 10  # of models, people, connections in one chart
WIDEST_BAR = 48  # CSS pixels: a single day is a bar, not a wall
Options = dict[str, Any]
Parties = Sequence[tuple[str, Sums]]  # by name
Series = Sequence[tuple[str, Sequence[float | None], str]]  # name, values, token of the colour


def charts_of(used: Used, waits: Waits, ranked: Mapping[str, Parties]) -> dict[str, Options]:
    """Every chart of a page by its name; `ranked` has a name's parties with what they used, most first."""
    days, sums = list(used.by_day), list(used.by_day.values())
    charts = {
        "tokens": _bars(days, _parts(sums), "count"),
        "cost": _bars(days, [(_("Cost"), [each.cost_nano / 1e9 for each in sums], "--accent")], "money"),
        "messages": _bars(
            days,
            [
                (_("Succeeded"), [each.messages - each.errors for each in sums], "--accent"),
                (_("Failed"), [each.errors for each in sums], "--bad"),
            ],
            "count",
        ),
        "waits": _lines(days, waits),
    }
    return charts | {name: _ranking(parties) for name, parties in ranked.items()}


def _parts(sums: Sequence[Sums]) -> Series:
    """Four kinds of tokens that add up to all of them."""
    cached = [min(each.cached_tokens, each.prompt_tokens) for each in sums]
    thought = [min(each.reasoning_tokens, each.completion_tokens) for each in sums]
    return [
        (_("Read"), [each.prompt_tokens - part for each, part in zip(sums, cached, strict=True)], "--accent"),
        (_("From the cache"), cached, "--edge"),
        (
            _("Written"),
            [each.completion_tokens - part for each, part in zip(sums, thought, strict=True)],
            "--good",
        ),
        (_("Reasoning"), thought, "--warn"),
    ]


def _bars(days: Sequence[date], series: Series, unit: str) -> Options:
    from pyecharts import options as opts  # imported here: a web process that draws nothing does without
    from pyecharts.charts import Bar

    chart = Bar()
    chart.add_xaxis([day.isoformat() for day in days])
    for name, values, colour in series:
        chart.add_yaxis(
            name,
            list(values),
            stack="all",
            itemstyle_opts=opts.ItemStyleOpts(color=colour),
            category_gap="35%",
            bar_max_width=WIDEST_BAR,
            label_opts=opts.LabelOpts(is_show=False),
        )
    return _options(chart, unit, by_day=True, legend=len(series) > 1)


def _lines(days: Sequence[date], waits: Waits) -> Options:
    from pyecharts import options as opts
    from pyecharts.charts import Line

    chart = Line()
    chart.add_xaxis([day.isoformat() for day in days])
    for name, share, colour in ((_("Half of them"), 0.5, "--accent"), (_("95 of 100"), 0.95, "--warn")):
        times = [percentile(waits.by_day.get(day, {}), share) for day in days]
        chart.add_yaxis(
            name,
            [None if time is None else time / 1000 for time in times],
            itemstyle_opts=opts.ItemStyleOpts(color=colour),
            symbol_size=5,
            is_connect_nones=False,
            label_opts=opts.LabelOpts(is_show=False),
            linestyle_opts=opts.LineStyleOpts(width=2, color=colour),
        )
    return _options(chart, "seconds", by_day=True, legend=True)


def _ranking(parties: Parties) -> Options:
    from pyecharts import options as opts
    from pyecharts.charts import Bar

    first = list(parties[:MOST_BARS])[::-1]  # drawn from below
    chart = Bar()
    chart.add_xaxis([name for name, _sums in first])
    for name, values, colour in _parts([sums for _name, sums in first]):
        chart.add_yaxis(
            name,
            list(values),
            stack="all",
            itemstyle_opts=opts.ItemStyleOpts(color=colour),
            label_opts=opts.LabelOpts(is_show=False),
        )
    chart.reversal_axis()
    return {**_options(chart, "count", by_day=False, legend=True), "bars": len(first)}


def _options(chart: RectChart, unit: str, *, by_day: bool, legend: bool) -> Options:
    from pyecharts import options as opts

    words = opts.LabelOpts(color="--ink-3", font_size=12)
    line = opts.AxisLineOpts(is_show=False, linestyle_opts=opts.LineStyleOpts(color="--line"))
    grid = opts.SplitLineOpts(is_show=True, linestyle_opts=opts.LineStyleOpts(color="--line", width=1))
    none = opts.SplitLineOpts(is_show=False)
    ticks = opts.AxisTickOpts(is_show=False)
    chart.set_global_opts(
        legend_opts=opts.LegendOpts(
            is_show=legend,
            pos_left="0",
            pos_top="0",
            item_width=10,
            item_height=10,
            item_gap=16,
            legend_icon="roundRect",
            textstyle_opts=opts.TextStyleOpts(color="--ink-2", font_size=12),
        ),
        tooltip_opts=opts.TooltipOpts(
            trigger="axis",
            axis_pointer_type="shadow" if unit != "seconds" else "line",
            background_color="--raised",
            border_color="--line",
            border_width=1,
            textstyle_opts=opts.TextStyleOpts(color="--ink", font_size=12),
            is_confine=True,
        ),
        xaxis_opts=opts.AxisOpts(
            axislabel_opts=words,
            axisline_opts=line,
            axistick_opts=ticks,
            splitline_opts=none if by_day else grid,
        ),
        yaxis_opts=opts.AxisOpts(
            axislabel_opts=words,
            axisline_opts=line,
            axistick_opts=ticks,
            splitline_opts=grid if by_day else none,
        ),
    )
    # HTML in a tooltip would need inline styles, which our pages do not allow.
    chart.options["tooltip"].opts["renderMode"] = "richText"
    edges = {"left": 0, "right": 20 if by_day else 28, "top": 36 if legend else 12, "bottom": 0}
    chart.options["grid"] = {**edges, "containLabel": True}
    options: Options = msgspec.json.decode(chart.dump_options_with_quotes())
    return {"unit": unit, "byDay": by_day, "option": options}
