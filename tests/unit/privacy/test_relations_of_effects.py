"""What curves of doses, and effects through a mediator, tell of how many were analysed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ketaoutcomes.families.dose_response.hide import curve_of_rows
from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST, ENOUGH, SD = 11, 5, 8.0
COUNTS = {"none": 7, "low": 30, "high": 34}


def interval(estimate: float, error: float) -> dict[str, float]:
    return {
        "estimate": estimate, "std_error": error, "conf_low": estimate - 1.959964 * error,
        "conf_high": estimate + 1.959964 * error, "conf_level": 0.95,
    }  # fmt: skip


def doses() -> list[Result]:
    """Means of three doses, the curve through them and a contrast, of a model with one SD."""
    row = Result(table="drst01", statistic="", analysis="d", phase="p", visit="v", endpoint="e")
    errors = {arm: SD / math.sqrt(n) for arm, n in COUNTS.items()}
    means = [
        replace(row, statistic="LS mean", arm=arm, n=n, **interval(-4.3 - k, errors[arm]))
        for k, (arm, n) in enumerate(COUNTS.items())
    ]
    pair = math.hypot(errors["none"], errors["high"])
    others = {"E0": errors["none"], "Emax": pair, "trend contrast": pair}
    return [*means, *(replace(row, statistic=k, **interval(-4.3, e)) for k, e in others.items())]


def errors_of(row: Result) -> tuple[float, float]:
    """Between which numbers the standard error lies, by itself and by both limits."""
    found = [row.ends_of("std_error")] if row.std_error else [(0.0, math.inf)]
    found = [one or (row.std_error - 1e-9, row.std_error + 1e-9) for one in found]
    if row.conf_low is not None and row.conf_high is not None:
        low, high = (
            row.ends_of(name) or (getattr(row, name),) * 2 for name in ("conf_low", "conf_high")
        )
        width = 2 * 1.959964
        found.append(((high[0] - low[1]) / width - 1e-9, (high[1] - low[0]) / width + 1e-9))
    return max(low for low, _ in found), min(high for _, high in found)


def could_be(row: Result, error_of) -> list[int]:
    low, high = errors_of(row)
    return [n for n in range(1, 60) if low <= error_of(n) <= high]


@pytest.mark.parametrize("statistic", ["E0", "Emax", "trend contrast"])
def test_the_curve_does_not_tell_how_many_had_no_dose(statistic: str) -> None:
    """The error of the curve at dose nought is that of the arm, whose own error is rounded."""

    def error(n: int) -> float:
        alone = SD / math.sqrt(n)
        return alone if statistic == "E0" else math.hypot(alone, SD / math.sqrt(COUNTS["high"]))

    shown = ResultTable(tuple(doses()))
    before = next(row for row in shown.rows if row.statistic == statistic)
    assert could_be(before, error) == [COUNTS["none"]]
    rows = suppress(NOBODY, shown, (), SMALLEST).results.rows
    after = next(row for row in rows if row.statistic == statistic)
    assert after.estimate == before.estimate
    assert len(could_be(after, error)) >= ENOUGH


def test_the_band_of_a_curve_goes_with_its_errors() -> None:
    grid = np.linspace(0, 1, 5)
    record = DoseResponseRecord(
        analysis="d", unit="mg", doses=grid, means=grid, low=grid, high=grid, grid=grid,
        curve=grid, curve_low=grid - 1, curve_high=grid + 1,
    )  # fmt: skip
    shown = doses()
    assert curve_of_rows(record, shown, SMALLEST) is record
    rows = suppress(NOBODY, ResultTable(tuple(shown)), (), SMALLEST).results.rows
    bare = curve_of_rows(record, rows, SMALLEST)
    assert np.isnan(bare.curve_low).all()
    assert np.isnan(bare.curve_high).all()
    assert (bare.curve == record.curve).all()


@pytest.mark.parametrize("statistic", ["total effect", "effect of treatment on the mediator"])
def test_a_mediated_effect_does_not_tell_how_many_of_an_arm_had_both(statistic: str) -> None:
    """Of 40 and 36 randomised, 4 and 15 had no mediator: 1/n1 + 1/n2 with the other known."""
    counts = {"drug": (40, 36), "placebo": (36, 21)}
    flow = [
        Result(table="dst01", statistic=name, phase="p", arm=arm, analysis=analysis, n=n)
        for arm, both in counts.items()
        for (name, analysis), n in zip((("assigned", ""), ("analysed", "m")), both, strict=True)
    ]
    error = SD * math.sqrt(1 / 36 + 1 / 21)
    effect = Result(
        table="medt01", statistic=statistic, analysis="m", phase="p", visit="v", endpoint="e",
        arm="drug", reference="placebo", n=57, **interval(-3.2, error),
    )  # fmt: skip
    shown = ResultTable((*flow, effect))
    rows = suppress(NOBODY, shown, (), SMALLEST, ("randomised",)).results.rows
    analysed, found = (
        next(row for row in rows if row.statistic == name) for name in ("analysed", statistic)
    )
    assert analysed.n != 36
    assert found.estimate == -3.2

    def with_drug(n: int) -> float:
        return SD * math.sqrt(1 / n + 1 / 21)

    assert could_be(effect, with_drug) == [36]
    assert len(could_be(found, with_drug)) >= ENOUGH
