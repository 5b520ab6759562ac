"""What two assumptions about missing scores, side by side, tell of how many were missing."""

import math
from dataclasses import replace

import pytest

from ketaoutcomes.privacy.coarsen import Coarsened, coarse_results
from ketaoutcomes.privacy.digits import Coarseness
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST, ENOUGH = 11, 5
N, DRAWN = 60, "multiple imputation (20, bayesian), ANCOVA, Rubin's rules"
MEANS = "conditional mean imputation, ANCOVA, jackknife standard error"


def of_arm(analysis: str, arm: str, estimate: float, method: str = DRAWN) -> Result:
    return Result(
        table="impt01", statistic="LS mean", analysis=analysis, endpoint="e", phase="p", visit="v",
        arm=arm, estimate=estimate, std_error=1.1, conf_low=estimate - 2.2,
        conf_high=estimate + 2.2, conf_level=0.95, df=88.1, n=N, method=method,
    )  # fmt: skip


def difference(active: Result, reference: Result, error: float = 1.5) -> Result:
    apart = (active.estimate or 0.0) - (reference.estimate or 0.0)
    return replace(
        active, statistic="difference in LS means", reference=reference.arm, estimate=apart,
        std_error=error, conf_low=apart - 1.96 * error, conf_high=apart + 1.96 * error,
        p_value=math.erfc(abs(apart) / error / math.sqrt(2)), n=2 * N,
    )  # fmt: skip


def seen(arm: str, missing: int) -> list[Result]:
    row = Result(table="mist01", statistic="observed", endpoint="e", phase="p", visit="v", arm=arm,
                 estimate=float(N - missing), n=N)  # fmt: skip
    return [row, replace(row, statistic="missing", estimate=float(missing))]


def side_by_side(missing: int, delta: float, method: str = DRAWN) -> list[Result]:
    """At random, and with delta added to each imputed score of the drug."""
    rows = [*seen("drug", missing), *seen("placebo", 20)]
    for name, points in (("random", 0.0), ("delta", delta)):
        drug = of_arm(name, "drug", -11.5137 + points * missing / N, method)
        placebo = of_arm(name, "placebo", -7.3118, method)
        rows += [drug, placebo, difference(drug, placebo)]
    return rows


def ends(row: Result) -> tuple[float, float]:
    if row.estimate is None:
        return -math.inf, math.inf
    return row.ends_of("estimate") or (row.estimate, row.estimate)


def could_be_missing(rows: tuple[Result, ...], delta: float, *about: str) -> list[int]:
    """The adversary: delta times the share imputed is how far two estimates lie apart."""
    one, other = (
        ends(row)
        for row in rows
        if row.table == "impt01" and (row.statistic, row.arm) == (about[0], about[1])
    )
    low, high = other[0] - one[1], other[1] - one[0]
    return [m for m in range(N + 1) if low - 1e-9 <= delta * m / N <= high + 1e-9]


@pytest.mark.parametrize("statistic", ["LS mean", "difference in LS means"])
@pytest.mark.parametrize("missing", [1, 3, 7, 10])
@pytest.mark.parametrize("delta", [0.5, 4.0, -8.0])
def test_delta_does_not_tell_how_many_were_missing(
    statistic: str, missing: int, delta: float
) -> None:
    shown = ResultTable(tuple(side_by_side(missing, delta)))
    assert could_be_missing(shown.rows, delta, statistic, "drug") == [missing]
    rows = suppress(NOBODY, shown, (), SMALLEST).results.rows
    left = could_be_missing(rows, delta, statistic, "drug")
    assert missing in left
    assert len(left) >= ENOUGH


def test_the_first_analysis_keeps_its_digits() -> None:
    shown = ResultTable(tuple(side_by_side(3, 4.0)))
    rows = suppress(NOBODY, shown, (), SMALLEST).results.rows
    first = [row for row in rows if row.analysis == "random"]
    assert first == [row for row in shown.rows if row.analysis == "random"]


def test_what_was_shown_anyway_is_not_rounded() -> None:
    """20 of 60 were missing in both arms: nothing is hidden."""
    shown = ResultTable(tuple(side_by_side(20, 4.0)))
    assert suppress(NOBODY, shown, (), SMALLEST).results.rows == shown.rows


def test_what_lies_around_goes_where_it_tells_who_was_analysed() -> None:
    """A row that is published anew keeps no error that another relation would have rounded."""
    row = difference(of_arm("delta", "drug", -11.5), of_arm("delta", "placebo", -7.3))
    anew = replace(row, estimate=-4.0, suppressed="estimate:0.7 std_error:0.2")
    level = Coarseness(error=3, df=1)
    (found,) = coarse_results((row,), Coarsened({0: level}, {}, {0: anew}))
    assert (found.estimate, found.std_error, found.conf_low, found.p_value, found.df) == (
        -4.0, None, None, None, None,
    )  # fmt: skip
    assert "std_error" in found.suppressed.split()
    assert "estimate:0.7" in found.suppressed.split()
    (same,) = coarse_results((row,), Coarsened({}, {}, {0: anew}))
    assert same == anew


def test_conditional_means_are_compared_with_a_model_of_what_was_seen() -> None:
    """Jump to reference shrinks a difference by about the share that was imputed."""
    missing = 4
    rows = [*seen("drug", missing), *seen("placebo", 20)]
    mmrm = [
        replace(of_arm("mmrm", arm, estimate), table="mmrmt01", method="REML", n=n)
        for arm, estimate, n in (("drug", -11.5, N - missing), ("placebo", -7.3, 40))
    ]
    jump = [
        of_arm("jump", "drug", -11.5 + 4.2 * missing / N, MEANS),
        of_arm("jump", "placebo", -7.3, MEANS),
    ]
    shown = ResultTable((*rows, *mmrm, *jump, difference(*jump)))
    found = suppress(NOBODY, shown, (), SMALLEST).results.rows
    told = next(r for r in found if (r.analysis, r.statistic, r.arm) == ("jump", "LS mean", "drug"))
    low, high = ends(told)
    left = [m for m in range(N + 1) if low <= -11.5 + 4.2 * m / N <= high]
    assert missing in left
    assert len(left) >= ENOUGH
    main = next(r for r in found if r.analysis == "mmrm" and r.arm == "drug")
    assert main.estimate == -11.5
