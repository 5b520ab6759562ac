"""What is written beside an axis stays on the paper and apart."""

import math
import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.recurrent_events.page import recurrent_svg
from ketaoutcomes.families.recurrent_events.record import MeanCurve, RecurrentRecord
from ketaoutcomes.families.repeated_measures.page import _draw_correlation
from ketaoutcomes.families.shared.ticks import curve_ticks
from ketaoutcomes.families.time_to_event.figures import (
    _draw_incidence,
    _draw_survival,
    hazard_svg,
    incidence_svg,
    survival_svg,
)
from ketaoutcomes.families.time_to_event.record import (
    HazardTrend,
    IncidenceCurve,
    SurvivalCurve,
    SurvivalRecord,
)
from ketaoutcomes.report.figures import (
    WIDTH,
    figure_style,
    legible,
    room_for_sides,
    spread,
    within,
    write_sides,
)
from ketaoutcomes.report.forest import ForestRow, forest_svg

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


LABELS = {"a": "Placebo", "b": "Ketamine"}


def survival_record(end: float, every: float | None) -> SurvivalRecord:
    """Two curves to a day, with the ticks of the plan or their own."""
    ticks = tuple(curve_ticks(end, every)[0].tolist())
    times = np.linspace(end / 4, end, 4)
    heights = np.array([0.9, 0.7, 0.5, 0.4])
    risk = tuple(1000 - k for k in range(len(ticks)))
    curves = tuple(
        SurvivalCurve(a, times, heights, heights - 0.1, heights + 0.1, times[:1], risk, ())
        for a in LABELS
    )
    incidence = tuple(
        IncidenceCurve(a, "died", times, 1 - heights, 1 - heights, 1 - heights) for a in LABELS
    )
    return SurvivalRecord("x", ticks, curves, incidence=incidence)


@pytest.mark.parametrize("every", [None, 1, 5, 28, 30])
@pytest.mark.parametrize("end", [0.04, 1, 8, 56, 365, 1172, 44319])
def test_labels_and_numbers_at_risk_do_not_touch(end: float, every: float | None) -> None:
    """Hours to a century, whatever the plan's step; every figure has a width and two ticks."""
    record = survival_record(end, every)
    assert len(record.ticks) > 1
    canvas = _draw_survival(record, LABELS, "relapse")
    renderer = FigureCanvasAgg(canvas).get_renderer()
    canvas.draw(renderer)
    (axes,) = canvas.axes
    assert axes.get_xlim()[1] == end
    labels = [label for label in axes.get_xticklabels() if label.get_text()]
    at_risk = [text for text in axes.texts if text.get_text().isdigit()]
    assert len(at_risk) == len(LABELS) * len(labels)
    for texts in (labels, at_risk[: len(labels)]):
        boxes = [text.get_window_extent(renderer) for text in texts]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


@pytest.mark.parametrize("number", [1, 2, 3, 6])
@pytest.mark.parametrize("letters", [6, 30, 90])
def test_the_legend_leaves_room_for_the_panels(number: int, letters: int) -> None:
    """Six arms of long names once made a legend so wide that no panel was left."""
    labels = {chr(97 + k): f"{k} " + "dose in " * (letters // 8) for k in range(number)}
    record = survival_record(365, 56)
    curves = tuple(replace(record.curves[0], arm=arm) for arm in labels)
    incidence = tuple(
        replace(record.incidence[0], arm=arm, cause=cause)
        for arm in labels
        for cause in ("the event", "died", "left")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        canvas = _draw_incidence(
            replace(record, curves=curves, incidence=incidence), labels, "fall"
        )
        renderer = FigureCanvasAgg(canvas).get_renderer()
        canvas.draw(renderer)
    (legend,) = canvas.legends
    box = legend.get_window_extent(renderer)
    assert box.x0 >= 0
    assert box.x1 <= canvas.bbox.width
    lowest = min(axes.get_tightbbox(renderer).y0 for axes in canvas.axes if axes.get_visible())
    assert box.y1 <= lowest + 1
    for axes in canvas.axes:
        assert axes.get_position().height * canvas.get_figheight() > 1.2


@pytest.mark.parametrize("end", [0.04, 8, 1172])
def test_no_figure_of_curves_is_empty_where_ticks_are_few(end: float) -> None:
    """Only the start is a tick: the axis goes to the last time all the same."""
    record = survival_record(end, None)
    curves = tuple(replace(curve, at_risk=curve.at_risk[:1]) for curve in record.curves)
    alone = replace(record, ticks=(0.0,), curves=curves)
    mean = MeanCurve("a", *(np.array([end / 2, end]) for _ in range(4)), at_risk=(9,))
    assert survival_svg("x", alone, LABELS, "relapse")
    assert incidence_svg("x", alone, LABELS, "relapse")
    assert recurrent_svg("x", RecurrentRecord("x", (0.0,), (mean,)), LABELS, "fall")


def test_every_label_is_shown_where_there_is_room() -> None:
    assert legible((0, 30, 60, 90), 100, 4.0) == (0, 30, 60, 90)
    assert len(legible(range(0, 2000, 5), 2000, 4.0)) < 15
    assert legible((), 1, 4.0) == ()


@pytest.mark.parametrize("visits", [2, 16, 17, 40, 100])
def test_correlations_of_any_number_of_visits(visits: int) -> None:
    canvas = Canvas(figsize=(WIDTH, 3.1))
    axes = canvas.add_axes((0.09, 0.22, 0.4, 0.67))
    names = tuple(f"Day {7 * k}" for k in range(visits))
    _draw_correlation(axes, names, np.eye(visits) * 4 + 1, "")
    canvas.draw(FigureCanvasAgg(canvas).get_renderer())
    shown = [label.get_text() for label in axes.get_xticklabels()]
    assert shown == list(names[:: math.ceil(visits / 12)])
    assert [label.get_text().split("  ")[0] for label in axes.get_yticklabels()] == shown


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize(
    "numbers",
    [(1.2, 0.5, math.inf), (1e-12, 1e-300, 1e300), (1e12, 0.0, math.inf), (0.0, 0.0, 3.0)],
)
def test_a_forest_with_limits_that_no_axis_can_show(numbers, ratio: bool) -> None:
    rows = (ForestRow("x", "text", *numbers, True), ForestRow("y", "text", 1.0, 0.8, 1.2, False))
    svg = forest_svg("f", rows, "Ratio", ("less", "more"), ratio=ratio)
    assert "nan" not in svg


def test_a_hazard_ratio_with_residuals_beyond_any_number() -> None:
    at = np.linspace(1, 9, 9)
    trend = HazardTrend(at, 900 * np.sin(at), at, 0 * at, at - 800, at + 800)
    assert "nan" not in hazard_svg("h", trend, 1.0)


def drawn_incidence(record: SurvivalRecord) -> Canvas:
    """The figure of competing events before it is written."""
    with figure_style("x"):
        return _draw_incidence(record, LABELS, "relapse")


def test_no_panel_of_competing_events_cuts_a_curve() -> None:
    """The panels share one axis, and the last curve is the highest: it rises to 0.33."""
    record = survival_record(100, None)
    days = np.array([10.0, 100.0])
    rising = {"the event": 0.02, "other": 0.05, "left": 0.33}
    curves = tuple(
        IncidenceCurve(curve.arm, cause, days, *(np.array([0.0, top]) for _ in range(3)))
        for cause, top in rising.items()
        for curve in record.curves
    )
    canvas = drawn_incidence(replace(record, incidence=curves))
    panels = [axes for axes in canvas.axes if axes.lines]
    assert len(panels) == len(rising)
    for axes in panels:
        low, high = axes.get_ylim()
        assert low == 0
        assert all(line.get_ydata().max() <= high for line in axes.lines)
    assert panels[0].get_title(loc="left") == "Relapse"


@given(
    heights=st.lists(st.floats(0, 1), min_size=1, max_size=8),
    size=st.floats(0.01, 0.1),
)
def test_names_of_curves_stay_apart_and_inside_the_axis(heights: list[float], size: float) -> None:
    sizes = [size] * len(heights)
    assert size * len(heights) <= 1
    placed = within(spread(heights, sizes), sizes, (0.0, 1.0))
    ordered = sorted(placed)
    assert ordered[0] >= size / 2 - 1e-9
    assert ordered[-1] <= 1 - size / 2 + 1e-9
    assert all(b - a >= size - 1e-9 for a, b in pairwise(ordered))
