"""What is written beside an axis stays on the paper and apart."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.report.figures import WIDTH, room_for_sides, write_sides

LONG = ("lower with Esketamine as labelled + antidepressant", "lower with Placebo + antidepressant")
SHORT = ("more with Saline", "more with Ketamine 0.5 mg/kg")


@pytest.mark.parametrize("sides", [LONG, SHORT, LONG[::-1]])
def test_sides_of_a_forest_are_within_the_paper_and_do_not_meet(sides: tuple[str, str]) -> None:
    below = room_for_sides(sides)
    canvas = Canvas(figsize=(WIDTH, 1 + below))
    renderer = FigureCanvasAgg(canvas).get_renderer()
    axes = canvas.add_axes((0.33, below / (1 + below), 0.37, 1 / (1 + below)))
    axes.set_xlabel("Difference in proportions, percentage points")
    write_sides(axes, sides)
    left, right = (words.get_window_extent(renderer) for words in axes.texts)
    assert min(left.y0, right.y0) >= 0
    assert left.x1 < right.x0
    canvas.draw(renderer)
    label = axes.xaxis.label.get_window_extent(renderer)
    assert max(left.y1, right.y1) <= label.y0
