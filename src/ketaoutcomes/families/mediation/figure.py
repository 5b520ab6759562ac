"""Figure: the indirect effect under a hidden confounder."""

from matplotlib.figure import Figure as Canvas

from ketaoutcomes.report.figures import ARM_COLOURS, INK, MUTED, WIDTH, figure_svg, grid_lines
from ketaoutcomes.results import Result


def confounding_svg(
    figure_id: str, correlations: tuple[float, ...], curve: tuple[Result, ...]
) -> str:
    """Effect with its interval by correlation of the errors."""
    return figure_svg(figure_id, lambda: _draw(correlations, curve))


def _draw(correlations: tuple[float, ...], curve: tuple[Result, ...]) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.0))
    axes = canvas.add_axes((0.11, 0.17, 0.84, 0.78))
    pairs = sorted(zip(correlations, curve, strict=True), key=lambda pair: pair[0])
    at = [rho for rho, _ in pairs]
    axes.fill_between(
        at,
        [row.conf_low or 0.0 for _, row in pairs],
        [row.conf_high or 0.0 for _, row in pairs],
        color=ARM_COLOURS[1],
        alpha=0.18,
        linewidth=0,
    )
    axes.plot(at, [row.estimate or 0.0 for _, row in pairs], color=ARM_COLOURS[1], marker="o", ms=4)
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("Correlation of the errors of mediator and outcome")
    axes.set_ylabel("Indirect effect, points")
    grid_lines(axes)
    return canvas
