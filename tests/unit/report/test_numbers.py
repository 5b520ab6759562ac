"""A number has as many decimals as its error allows to read, and all of a table the same."""

import pytest

from ketaoutcomes.report.numbers import (
    decimals_of,
    decimals_of_all,
    decimals_of_spread,
    estimate,
    with_decimals_alike,
)
from ketaoutcomes.results import Result


def score(value: float, std_error: float) -> Result:
    return Result(
        table="mmrmt01",
        statistic="LS mean",
        unit="points",
        estimate=value,
        std_error=std_error,
    )


@pytest.mark.parametrize(
    ("value", "std_error", "decimals"),
    [
        (-6.3, 1.4, 1),
        (0.042, 0.025, 3),
        (0.03, 0.12, 2),
        (0.3, 0.4, 1),
        (-12.2, 0.04, 1),
    ],
)
def test_decimals_follow_the_error(value: float, std_error: float, decimals: int) -> None:
    assert decimals_of(score(value, std_error)) == decimals


def test_a_table_has_the_decimals_of_its_coarsest_number() -> None:
    hidden = Result(table="mmrmt01", statistic="LS mean", unit="points", status="suppressed")
    assert decimals_of_all([score(0.03, 0.12), score(0.04, 0.02), hidden]) == 2
    assert decimals_of_all([hidden]) == 1


@pytest.mark.parametrize(
    ("deviations", "decimals"),
    [
        ((13.3, 6.0), 1),
        ((1.3, 1.4), 1),
        ((0.71, 0.84), 2),
        ((0.194, 0.2), 2),
        ((0.064,), 3),
        ((), 1),
    ],
)
def test_standard_deviations_keep_two_digits(deviations: tuple[float, ...], decimals: int) -> None:
    """A matrix once said "SD 0.1" at each of seven visits of a scale in hundredths."""
    assert decimals_of_spread(deviations) == decimals


@pytest.mark.parametrize(
    ("std_error", "unit", "written"), [(0.006, "g/cm²", "0.019"), (0.2, "hours", "0.02")]
)
def test_small_scores_in_units_of_their_own_keep_their_digits(std_error, unit, written):
    """Means of a bone density once read "0.0 (0.0)" all over the table."""
    row = Result(
        table="mmrmt01",
        statistic="LS mean",
        estimate=0.019,
        std_error=std_error,
        unit=unit,
    )
    assert estimate(row) == written
    (alike,) = with_decimals_alike([row])
    assert estimate(alike) == written
