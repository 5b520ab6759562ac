"""Figure: power and type I error by the size of the trial."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from ketaoutcomes.report.figures import ARM_COLOURS, INK, MUTED, WIDTH, figure_svg, grid_lines

ERRORS = 1.96
"""Monte-Carlo errors on either side: 95% of simulations of the same size lie within."""


@dataclass(frozen=True)
class PowerCurve:
    """Share of trials that reject, by the number of subjects, with its Monte-Carlo error."""

    subjects: tuple[int, ...]
    share: tuple[float, ...]
    error: tuple[float, ...]


def power_svg(
    figure_id: str,
    power: PowerCurve,
    assurance: PowerCurve,
    without_effect: PowerCurve,
    targets: tuple[float, ...],
    alpha: float | None,
) -> str:
    """Power and assurance on the left, with the power wanted; type I error on the right.

    Without a level, trials without an effect show non-inferiority: the right side is power too.
    """
    return figure_svg(figure_id, lambda: _draw(power, assurance, without_effect, targets, alpha))


def _draw(
    power: PowerCurve,
    assurance: PowerCurve,
    without_effect: PowerCurve,
    targets: tuple[float, ...],
    alpha: float | None,
) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.1))
    left, right = canvas.subplots(1, 2)
    _power_panel(left, power, "Power and assurance" if assurance.subjects else "Power", targets)
    _errors(left, assurance, marker="o", markerfacecolor="white", linestyle=(0, (1, 1.5)))
    if alpha is None:
        _power_panel(right, without_effect, "Power with equal treatments", targets)
    else:
        _error_panel(right, without_effect, alpha)
    canvas.tight_layout()
    return canvas


def _power_panel(axes: Axes, power: PowerCurve, title: str, targets: tuple[float, ...]) -> None:
    _panel(axes, power, title)
    axes.set_ylim(0, 1.02)
    for target in targets:
        axes.axhline(target, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))


def _error_panel(axes: Axes, errors: PowerCurve, alpha: float) -> None:
    _panel(axes, errors, "Type I error")
    tops = [s + ERRORS * e for s, e in zip(errors.share, errors.error, strict=True)]
    axes.set_ylim(0, 1.1 * max(2 * alpha, *tops, 0))
    axes.axhline(alpha, color=INK, linewidth=0.9)


def _panel(axes: Axes, curve: PowerCurve, title: str) -> None:
    _errors(axes, curve, marker="o")
    axes.xaxis.set_major_locator(FixedLocator(curve.subjects))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("Participants")
    axes.set_title(title, fontsize=9.5, loc="left", color=INK)
    grid_lines(axes)


def _errors(axes: Axes, curve: PowerCurve, **look: Any) -> None:
    """A curve with the Monte Carlo intervals of its points."""
    # matplotlib: the errors are those of the simulation, and `pointplot` would compute its own
    bars = [ERRORS * error for error in curve.error]
    axes.errorbar(curve.subjects, curve.share, yerr=bars, capsize=2.5, color=ARM_COLOURS[1], **look)
