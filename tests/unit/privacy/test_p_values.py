"""A p-value that was rounded is printed everywhere as what is known of it, and as no more."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketaoutcomes
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.privacy.digits import NOTHING, Coarseness, coarse
from ketaoutcomes.privacy.sides import P_CLASSES
from ketaoutcomes.report.explanation import to_full_precision
from ketaoutcomes.report.numbers import p_cell, p_value
from ketaoutcomes.results import Result, ResultTable, results_from_frame

ERROR, NORMAL = 1.3, 1.959964
THOUSANDTH = 0.001


def difference_of(p: float) -> Result:
    """A difference with its interval and the p-value of a normal test."""
    value = ERROR * float(norm.isf(p / 2))
    return Result(
        table="mmrmt01",
        statistic="difference in LS means",
        estimate=value,
        std_error=ERROR,
        conf_low=value - NORMAL * ERROR,
        conf_high=value + NORMAL * ERROR,
        conf_level=0.95,
        p_value=p,
    )


def range_of(text: str) -> tuple[float, float]:
    """Between which numbers a p-value lies, as a reader takes what is printed."""
    numbers = [float(one) for one in re.findall(r"\d\.\d+|\d\b", text)]
    if "<" in text or ">" in text:
        return (0.0, numbers[0]) if "<" in text else (numbers[0], 1.0)
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    half = 0.5 * 10 ** -len(re.findall(r"\d\.(\d+)", text)[0])
    return numbers[0] - half, numbers[0] + half


ps = st.floats(1e-7, 1.0, exclude_max=True)
levels = st.integers(0, NOTHING)


@given(ps, levels, st.booleans())
def test_what_is_printed_is_true_and_tells_no_more(p: float, level: int, whole: bool) -> None:
    row = difference_of(p)
    shown = coarse(row, Coarseness(error=level, estimate=level if whole else 0))
    ends = shown.ends_of("p_value")
    told = [p_cell(shown), p_value(shown), dict(to_full_precision(shown))["P value"]]
    for text in told[:2] if ends is None else told:
        low, high = range_of(text)
        assert low - 1e-9 <= p <= high + 1e-9, text
        if ends is not None:  # no narrower than what `suppressed` leaves open, but for thousandths
            assert low <= ends[0] + THOUSANDTH / 2 + 1e-9, text
            assert high >= ends[1] - THOUSANDTH / 2 - 1e-9, text


@given(ps, levels)
def test_the_side_of_a_level_is_never_rounded_away(p: float, level: int) -> None:
    shown = coarse(difference_of(p), Coarseness(error=level))
    for alpha in (0.05,) if level >= NOTHING else P_CLASSES[1:-1]:
        if abs(p - alpha) > 1e-9:
            assert shown.p_is_under(alpha) is (p < alpha)


def test_a_class_is_no_number() -> None:
    """The case of the issue: 0.012 known to lie between 0.01 and 0.05 is not 0.030."""
    shown = coarse(difference_of(0.012), Coarseness(error=4, estimate=4))
    assert (p_cell(shown), p_value(shown)) == ("0.01 to 0.05", "p between 0.01 and 0.05")
    few = coarse(difference_of(0.012), Coarseness(error=NOTHING, estimate=NOTHING))
    assert (p_cell(few), p_value(few)) == ("<0.05", "p < 0.05")


def test_a_withheld_p_value_is_said_to_be_withheld() -> None:
    row = replace(difference_of(0.2), p_value=None, suppressed="p_value")
    assert (p_cell(row), p_value(row)) == ("[c]", "p [c]")
    assert p_cell(replace(row, suppressed="")) == "–"


def test_the_table_of_results_says_in_which_range_it_lies() -> None:
    rows = (coarse(difference_of(0.012), Coarseness(error=4, estimate=4)),)
    frame = ResultTable(rows).to_frame()
    assert list(frame["p_value_range"]) == ["0.01 to 0.05"]
    assert results_from_frame(frame).rows == rows
    assert list(ResultTable((difference_of(0.012),)).to_frame()["p_value_range"]) == [""]


def test_a_level_inside_a_range_is_not_decided() -> None:
    shown = coarse(difference_of(0.012), Coarseness(error=4, estimate=4))
    assert shown.p_is_under(0.025) is None
    with pytest.raises(ValueError, match="no p-value"):
        replace(shown, p_value=None).p_is_under(0.05)


def test_every_page_writes_p_values_in_the_one_way() -> None:
    """No page of a run formats the number itself; `api/` shows fits of the caller's own data."""
    root = Path(ketaoutcomes.__file__).parent
    of_run = [p for p in root.rglob("*.py") if "api" not in p.parts and p.name != "numbers.py"]
    by_hand = re.compile(r"p_(cell|value)\(\w+\.p_value|\.p_value:\.|number\(\w+\.p_value")
    assert [p.name for p in of_run if by_hand.search(p.read_text())] == []
