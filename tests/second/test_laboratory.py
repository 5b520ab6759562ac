"""Laboratory tables by DuckDB are those of the frames, and faulty counting is found out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data import load_cohort
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.describe.safety.laboratory import laboratory_tables
from ketaoutcomes.describe.safety.population import safety_population
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import LaboratoryTest
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import Check, disagreements
from ketaoutcomes.second.laboratory import check_laboratory
from ketaoutcomes.second.run import second_checks
from laboratory_trial import adlb, adqs, adsl, plan_of_laboratory

PLAN = AnalysisPlan.model_validate(plan_of_laboratory())
Values = pd.DataFrame
PEOPLE = 60


def trial(seed: int) -> Cohort:
    files = {
        "subjects": adsl(PEOPLE),
        "visits": adqs(PEOPLE),
        "laboratory": pd.DataFrame(adlb(seed, PEOPLE)),
    }
    return load_cohort(PLAN, Frames.of(files))


def with_own_range(plan: AnalysisPlan) -> AnalysisPlan:
    mine = {"ALT": LaboratoryTest(label="ALT", normal_high=25, above=(30.0,))}
    assert plan.safety is not None
    return plan.model_copy(update={"safety": plan.safety.model_copy(update={"laboratory": mine})})


def rows_of(plan: AnalysisPlan, cohort: Cohort) -> tuple[Result, ...]:
    people = safety_population(plan, cohort, "treatment")
    return tuple(laboratory_tables(plan, cohort, people, 0.95))


def checks_of_rows(
    plan: AnalysisPlan, cohort: Cohort, rows: tuple[Result, ...]
) -> tuple[Check, ...]:
    with duckdb.connect() as connection:
        for name, frame in cohort.frames().items():
            connection.register(name, frame)
        return tuple(check_laboratory(connection, plan, rows))


def unmarked(values: Values) -> Values:
    return values.assign(baseline=None)


def without_ranges(values: Values) -> Values:
    return values.assign(low=np.nan, high=np.nan)


def told_at_baseline(values: Values) -> Values:
    """Baseline values gone, and what the data tell of them in every row."""
    told = values.loc[values["baseline"].eq(True)].set_index("subject")["indicator"]
    told = told[~told.index.duplicated()]
    later = values[~values["baseline"].eq(True)]
    return later.assign(baseline_indicator=later["subject"].map(told))


def gaps(values: Values) -> Values:
    some = np.random.default_rng(7).random(len(values)) < 0.3
    return values.assign(indicator=values["indicator"].mask(some), high=values["high"].mask(some))


SHAPES = (lambda values: values, unmarked, without_ranges, told_at_baseline, gaps)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("narrowed", [lambda plan: plan, with_own_range])
def test_both_programs_count_alike(
    shape: Callable[[Values], Values], narrowed: Callable[[AnalysisPlan], AnalysisPlan]
) -> None:
    cohort = trial(1)
    cohort = replace(cohort, laboratory=shape(cohort.laboratory))
    plan = narrowed(PLAN)
    rows = rows_of(plan, cohort)
    checks = checks_of_rows(plan, cohort, rows)
    assert {check.result for check in checks} == {row.id for row in rows}
    assert any(row.estimate for row in rows)
    assert disagreements(checks) == ()


def later_dropped(values: Values) -> Values:
    """The last values of five participants never arrived."""
    return values[
        ~((values["day"] > 20) & values["subject"].isin(sorted(set(values["subject"]))[:5]))
    ]


def other_unit(values: Values) -> Values:
    return values.assign(value=values["value"] * 1.1)


def screening_as_baseline(values: Values) -> Values:
    return values.assign(baseline=values["day"] < 0)


FAULTS: tuple[tuple[str, Callable[[Values], Values]], ...] = (
    ("lbt02", later_dropped),
    ("lbt03", other_unit),
    ("lbt01", screening_as_baseline),
)


@pytest.mark.parametrize(("table", "fault"), FAULTS)
def test_counts_of_other_values_are_found_out(
    table: str, fault: Callable[[Values], Values]
) -> None:
    cohort = trial(2)
    faulty = rows_of(PLAN, replace(cohort, laboratory=fault(cohort.laboratory)))
    lost = {check.result for check in disagreements(checks_of_rows(PLAN, cohort, faulty))}
    assert any(row.table == table and row.id in lost for row in faulty)


@pytest.mark.parametrize("quantity", ["estimate", "conf_low", "conf_high"])
def test_a_moved_number_is_found_out(quantity: str) -> None:
    cohort = trial(3)
    rows = rows_of(PLAN, cohort)
    (mine, *_) = [row for row in rows if row.table == "lbt03" and row.n_events]
    changes: dict[str, Any] = {quantity: getattr(mine, quantity) + 1e-4}
    checks = checks_of_rows(PLAN, cohort, (replace(mine, **changes),))
    assert [check.quantity for check in disagreements(checks)] == [quantity]


def test_a_run_that_checks_all_checks_laboratory_values() -> None:
    cohort = trial(1)
    plan = PLAN.model_copy(update={"check": "all"})
    rows = rows_of(plan, cohort)
    checked = second_checks(plan, cohort, {}, rows)
    assert checked.remarks == ()
    assert {check.result for check in checked.checks} == {row.id for row in rows}
