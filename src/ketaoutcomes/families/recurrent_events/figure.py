"""Figure: mean number of events of a subject by arm."""

from collections.abc import Mapping

from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.recurrent_events.record import RecurrentRecord
from ketaoutcomes.report.figures import (
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
)
from ketaoutcomes.report.steps import joined_points, rising_steps


def recurrent_svg(
    figure_id: str, record: RecurrentRecord, labels: Mapping[str, str], event: str
) -> str:
    """Mean numbers of the record; `labels` names the arms, `event` what is counted."""
    return figure_svg(figure_id, lambda: _draw(record, labels, event))


def _draw(record: RecurrentRecord, labels: Mapping[str, str], event: str) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.4))
    axes = canvas.add_axes((0.1, 0.16, 0.7, 0.79))
    lasts = (float(curve.times[-1]) for curve in record.curves if curve.times.size)
    end = max([record.ticks[-1], *lasts]) or 1.0
    for place, curve in enumerate(record.curves):
        draw = joined_points if record.joined else rising_steps
        draw(axes, (curve.times, curve.mean, curve.conf_low, curve.conf_high), place)
    axes.set_xlim(0, end)
    axes.set_ylim(bottom=0)
    axes.set_xticks(legible(record.ticks, end, 0.7 * WIDTH))
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Mean number: {event}")
    grid_lines(axes)
    ends = [
        (
            float(curve.mean[-1]) if curve.mean.size else 0.0,
            labels[curve.arm],
            str(arm_style(place)["color"]),
        )
        for place, curve in enumerate(record.curves)
    ]
    label_ends(axes, ends, end)
    return canvas
