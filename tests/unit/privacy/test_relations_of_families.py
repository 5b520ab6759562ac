"""What families tell the audit of their numbers, against counts that were worked out by hand."""

import math
from dataclasses import replace

import pytest

from empty_cohort import NOBODY
from ketaoutcomes.numerics.allowed import REACH, STEPS
from ketaoutcomes.privacy.labels import without_labels
from ketaoutcomes.privacy.relations import WholeSum
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.privacy.tests_of_hypotheses import as_in_their_rows
from ketaoutcomes.results import Result, ResultTable


def left(relation, level: int = 0) -> list[int]:
    """The counts that a relation leaves, from the true one and those around it."""
    fits = relation.fits(level)
    return [relation.count + int(step) for step, fit in zip(STEPS, fits, strict=True) if fit]


def of_arm(statistic: str, estimate: float, n: int, arm: str = "a", **more: object) -> Result:
    return Result(
        table="cet01", statistic=statistic, analysis="value", phase="p", arm=arm,
        estimate=estimate, n=n, **more,
    )  # fmt: skip


def told(row: Result) -> tuple[float, float]:
    """Between which numbers a reader knows the estimate of a row to lie."""
    if row.estimate is None:
        return -math.inf, math.inf
    return row.ends_of("estimate") or (row.estimate, row.estimate)


def test_a_mean_of_whole_scores_has_few_denominators() -> None:
    """627 / 34 in lowest terms: of 34 participants, and no other number near it."""
    row = Result(table="vst01", statistic="mean", estimate=627 / 34, n=34)
    relation = WholeSum((0,), (0,), 34, 1.0, 1, row)
    assert left(relation) == [34]
    halves = replace(row, estimate=20.5, n=30)
    even = left(WholeSum((0,), (0,), 30, 1.0, 1, halves))
    assert even == [n for n in range(30 - REACH, 30 + REACH + 1) if n % 2 == 0]


def test_rounding_leaves_enough_of_them() -> None:
    row = Result(table="vst01", statistic="mean", estimate=627 / 34, std_error=2.4, n=34)
    relation = WholeSum((0,), (0,), 34, 1.0, 1, row)
    assert len(left(relation, 1)) >= 5


def test_successes_of_few_are_not_told_by_costs() -> None:
    """4 of 17 and 9 of 30: two net benefits would give both, and so would the mean effect."""
    shares = {"a": (4, 17), "b": (9, 30)}
    means = [
        of_arm("mean effect", k / n, n, arm, std_error=math.sqrt(k / n * (1 - k / n) / (n - 1)))
        for arm, (k, n) in shares.items()
    ]
    effect = 4 / 17 - 9 / 30
    net = [
        of_arm(
            name, worth * effect - 700.0, 47, reference="b", std_error=9000.0,
            group=f"at {worth:,.0f} USD per success",
        )
        for name, worth in (
            ("incremental net monetary benefit", 50_000),
            ("net monetary benefit at another worth", 25_000),
        )
    ]  # fmt: skip
    rows = suppress(NOBODY, ResultTable((*means, *net)), (), 11).results.rows
    one, other, *benefits = map(told, rows)
    low, high = (benefits[0][0] - benefits[1][1]), (benefits[0][1] - benefits[1][0])
    fits = [
        (k, m)
        for k in range(18)
        for m in range(31)
        if one[0] <= k / 17 <= one[1]
        and other[0] <= m / 30 <= other[1]
        and low <= 25_000 * (k / 17 - m / 30) <= high
    ]
    assert (4, 9) in fits
    assert min(len({pair[side] for pair in fits}) for side in (0, 1)) >= 5


def test_pooled_rows_keep_no_number_of_the_first() -> None:
    rows = tuple(
        Result(
            table="gcmt01", statistic="standardised risk", analysis="g", group=f"race: {race}",
            estimate=share, std_error=0.1, conf_low=share - 0.2, conf_high=share + 0.2, n=10,
        )
        for race, share in (("one", 0.4), ("two", 0.6))
    )  # fmt: skip
    (row,) = without_labels(rows, {"one", "two"})
    assert row.group == "race: other"
    assert (row.estimate, row.std_error, row.conf_low, row.conf_high, row.n) == (None,) * 5


def test_names_of_hypotheses_are_no_labels_of_the_data() -> None:
    row = Result(table="multt01", statistic="adjusted p", analysis="g", group="both relapse")
    assert without_labels((row,), {"relapse"}) == (row,)


@pytest.mark.parametrize("p", [0.012, 0.3])
def test_an_adjusted_p_value_tells_no_more_of_a_ratio_than_its_row(p: float) -> None:
    about = {"analysis": "t", "phase": "p", "arm": "a", "reference": "b", "estimate": 0.5}
    ratio = Result(table="ttet01", statistic="hazard ratio", suppressed="std_error", **about)
    tested = Result(
        table="multt01", statistic="adjusted p", group="both t", std_error=0.3, p_value=p, **about
    )
    _, found = as_in_their_rows((ratio, tested), (ratio, tested))
    assert (found.std_error, found.estimate) == (None, 0.5)
    assert found.ends_of("p_value") == pytest.approx((0.0, 0.05) if p < 0.05 else (0.05, 1.0))
    free = replace(ratio, suppressed="")
    assert tuple(as_in_their_rows((free, tested), (free, tested))) == (free, tested)


def test_a_withheld_risk_difference_does_not_stand_with_its_hypothesis() -> None:
    """Responders of both arms follow from it; the p-value keeps its side of 0.05."""
    common = {"analysis": "a", "phase": "p", "visit": "v", "arm": "drug", "reference": "placebo"}
    was = Result(table="rspt01", statistic="risk difference", estimate=0.12873563218, **common)
    gone = replace(was, estimate=None, status="suppressed", suppressed="estimate")
    tested = Result(
        table="multt01", statistic="adjusted p", estimate=was.estimate, p_value=0.031, **common
    )
    _, found = as_in_their_rows((gone, tested), (was, tested))
    assert found.estimate is None
    assert found.p_is_under(0.05) is True
    assert tuple(as_in_their_rows((was, tested), (was, tested))) == (was, tested)


def test_who_is_missing_over_all_arms_is_protected() -> None:
    """83 of 90 have a value: mean and SD of whole tenths told 83, and so that 7 have none."""
    arms, size = ("one", "other"), 45
    rows = [Result(table="dst01", statistic="assigned", phase="p", arm=arm, n=size) for arm in arms]
    mean = Result(table="dmt01", statistic="mean", phase="p", group="bmi", n=83)
    spread = replace(mean, statistic="SD", estimate=4.213270877119666)
    rows += [replace(mean, estimate=26.686746987951814), spread]
    shown = suppress(NOBODY, ResultTable(tuple(rows)), (), 11, ("randomised",)).results.rows
    told = next(row for row in shown if row.statistic == "mean")
    low, high = told.ends_of("estimate") or (told.estimate, told.estimate)
    left = [
        n for n in range(79, 91)
        if math.floor(high * n * 10 + 1e-6) >= math.ceil(low * n * 10 - 1e-6)
    ]  # fmt: skip
    assert "n" in {word.partition(":")[0] for word in told.suppressed.split()}
    assert len(left) >= 5
