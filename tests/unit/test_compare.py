"""Two results tables, value by value."""

import pytest

from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.runs.compare import Tolerance, difference

ROW = Result(table="mmrmt01", statistic="mean", arm="a", estimate=2.0, n=10)


def table(*rows: Result) -> ResultTable:
    return ResultTable(rows)


def other(**fields: object) -> Result:
    return Result(
        **{"table": "mmrmt01", "statistic": "mean", "arm": "a", "estimate": 2.0, **fields}
    )


def test_the_same_table_has_no_difference() -> None:
    assert not difference(table(ROW), table(ROW), Tolerance())


def test_added_removed_and_changed_are_told_by_id() -> None:
    gone, come = other(arm="b"), other(arm="c")
    found = difference(table(ROW, gone), table(other(estimate=2.5, n=10), come), Tolerance())
    assert found.removed == ("mmrmt01/b/mean",)
    assert found.added == ("mmrmt01/c/mean",)
    assert [str(change) for change in found.changed] == [
        "mmrmt01/a/mean: estimate 2 -> 2.5 (by +0.5)"
    ]


@pytest.mark.parametrize(
    ("tolerance", "changed"),
    [
        (Tolerance(), True),
        (Tolerance(relative=1e-3), True),
        (Tolerance(relative=0.011), False),
        (Tolerance(absolute=0.021), False),
        (Tolerance(absolute=0.019), True),
    ],
)
def test_tolerances(tolerance: Tolerance, changed: bool) -> None:
    found = difference(table(ROW), table(other(estimate=2.02, n=10)), tolerance)
    assert bool(found) is changed


def test_a_number_that_went_is_a_change_at_any_tolerance() -> None:
    found = difference(table(ROW), table(other(estimate=None, n=10)), Tolerance(absolute=100))
    assert [str(change) for change in found.changed] == ["mmrmt01/a/mean: estimate 2 -> none"]
