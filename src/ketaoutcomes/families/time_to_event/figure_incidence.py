"""Figure: cumulative incidence of each kind of event, one panel a kind."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from ketaoutcomes.families.time_to_event.record import IncidenceCurve, SurvivalRecord
from ketaoutcomes.report.figures import WIDTH, figure_svg, grid_lines, legible, wrapped
from ketaoutcomes.report.steps import joined_points, rising_steps

COLUMNS = 2
PANEL = 2.35


def incidence_svg(figure_id: str, record: SurvivalRecord, labels: Mapping[str, str]) -> str:
    """Incidence curves of the record; `labels` names the arms."""
    return figure_svg(figure_id, lambda: _draw(record, labels))


def _draw(record: SurvivalRecord, labels: Mapping[str, str]) -> Canvas:
    causes = tuple(dict.fromkeys(curve.cause for curve in record.incidence))
    arms = tuple(curve.arm for curve in record.curves)
    rows = -(-len(causes) // COLUMNS)
    canvas = Canvas(figsize=(WIDTH, PANEL * rows + 0.55), layout="constrained")
    grid = canvas.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True)
    panels = list(grid.flat)
    lasts = (float(curve.times[-1]) for curve in record.incidence if curve.times.size)
    end = max([record.ticks[-1], *lasts]) or 1.0
    for axes, cause in zip(panels, causes, strict=False):
        for curve in record.incidence:
            if curve.cause == cause:
                place = arms.index(curve.arm)
                _draw_curve(axes, curve, place, labels[curve.arm], joined=record.joined)
        axes.set_title(wrapped(cause.capitalize(), 40), fontsize=9, loc="left")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xticks(legible(record.ticks, end, 0.4 * WIDTH))
        axes.set_xlim(0, end)
        axes.set_ylim(bottom=0)
        grid_lines(axes)
    for axes in panels[len(causes) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("Days since the start of the phase")
    handles, names = panels[0].get_legend_handles_labels()
    canvas.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return canvas


def _draw_curve(axes: Axes, curve: IncidenceCurve, place: int, label: str, *, joined: bool) -> None:
    drawn = (curve.times, curve.incidence, curve.conf_low, curve.conf_high)
    if joined:
        joined_points(axes, drawn, place, label=label)
    else:
        rising_steps(axes, drawn, place, label)
