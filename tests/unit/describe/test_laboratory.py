"""Shifts and limits of laboratory values against counts made by hand and by plain loops."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.cohort import LABORATORY_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.data import load_cohort
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.describe.safety.laboratory import laboratory_tables
from ketaoutcomes.describe.safety.laboratory_page import laboratory_blocks
from ketaoutcomes.describe.safety.population import safety_population
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import LaboratoryTest
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import Result, ResultTable
from laboratory_trial import (
    RANGES,
    adlb,
    adqs,
    adsl,
    beyond_by_hand,
    plan_of_laboratory,
    shifts_by_hand,
)

PLAN = AnalysisPlan.model_validate(plan_of_laboratory())


def tables(plan: AnalysisPlan, cohort: Cohort) -> tuple[Result, ...]:
    people = safety_population(plan, cohort, "treatment")
    return tuple(laboratory_tables(plan, cohort, people, 0.95))


def counts(rows: tuple[Result, ...], table: str) -> dict[tuple[str, str], int]:
    own = [row for row in rows if row.table == table and row.estimate]
    return {(row.group, row.arm): round(row.estimate or 0) for row in own}


def loaded(seed: int, number: int = 60) -> Cohort:
    files = {
        "subjects": adsl(number),
        "visits": adqs(number),
        "laboratory": pd.DataFrame(adlb(seed, number)),
    }
    return load_cohort(PLAN, Frames.of(files))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shifts_of_a_simulated_trial_are_those_of_plain_loops(seed: int) -> None:
    rows = tables(PLAN, loaded(seed))
    assert counts(rows, "lbt01") == shifts_by_hand(adlb(seed), 60, "worst")
    assert counts(rows, "lbt02") == shifts_by_hand(adlb(seed), 60, "last")
    assert counts(rows, "lbt01") != counts(rows, "lbt02")


def test_values_beyond_limits_are_those_of_plain_loops() -> None:
    rows = tables(PLAN, loaded(1))
    for group, test, limit in (
        ("ALT: above 1 times the upper limit of normal", "ALT", RANGES["ALT"][1]),
        ("K: above 5.5", "K", 5.5),
    ):
        found = {r.arm: (r.n_events, r.n) for r in rows if r.table == "lbt03" and r.group == group}
        assert found == beyond_by_hand(adlb(1), 60, test, limit)


VALUES = {
    # subject: (day, value, low, high, indicator, marked as baseline)
    "1": [
        (-3, 50, 7, 40, "high", False),
        (0, 20, 7, 40, "normal", True),
        (9, 41, 7, 40, "high", 0),
    ],
    "2": [(0, 20, 7, 40, "normal", True), (5, 45, 7, 40, "high", False), (9, 1, 7, 40, "low", 0)],
    "3": [(0, 20, 7, 40, "normal", True), (5, 41, 7, 40, "high", 0), (9, 20, 7, 40, "normal", 0)],
    "4": [(0, 50, 7, 40, "normal", True), (9, 20, 7, 40, None, False)],  # the indicator counts
    "5": [(0, 20, None, None, None, True), (9, 20, 7, 40, "normal", False)],  # no range at baseline
    "6": [(0, 20, 7, 40, "normal", True)],  # nothing later
    "7": [(9, 60, 7, 40, "high", False)],  # no baseline
}
"""By hand. 2: 5 above and 6 below the range, so low is the worst; 3: worst high, last normal."""


def cohort_of(values: dict[str, list[tuple[Any, ...]]], *, marked: bool = True) -> Cohort:
    frame = pd.DataFrame(
        [
            ("s" + s, "treatment", float(day), "ALT", float(value), "U/L", low, high, said,
             bool(mark) if marked else None, None)
            for s, seen in values.items()
            for day, value, low, high, said, mark in seen
        ],
        columns=list(LABORATORY_COLUMNS),
    ).astype({"low": float, "high": float})  # fmt: skip
    people = ["s" + s for s in values]
    return Cohort(
        subjects=pd.DataFrame({"subject": people}),
        assignments=pd.DataFrame({"subject": people, "phase": "treatment", "arm": "ketamine"}),
        visits=empty_frame(("subject", "phase", "visit", "day", "scale", "score")),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(("subject", "phase", "time", "event", "reason", "entry")),
        source=Source("real", "made by hand"),
        laboratory=frame,
    )


def test_worst_and_last_by_hand() -> None:
    rows = tables(PLAN, cohort_of(VALUES))
    arm = "ketamine"
    assert counts(rows, "lbt01") == {
        ("ALT: normal to high", arm): 2,
        ("ALT: normal to low", arm): 1,
        ("ALT: normal to normal", arm): 1,
    }
    assert counts(rows, "lbt02") == {
        ("ALT: normal to high", arm): 1,
        ("ALT: normal to low", arm): 1,
        ("ALT: normal to normal", arm): 2,
    }
    assert {row.n for row in rows if row.table == "lbt01" and row.arm == arm} == {4}


def test_without_marks_the_last_value_up_to_the_first_dose_is_the_baseline() -> None:
    rows = tables(PLAN, cohort_of({"1": VALUES["1"]}, marked=False))
    assert counts(rows, "lbt01") == {("ALT: normal to high", "ketamine"): 1}


def test_what_the_data_tell_of_a_baseline_stands_for_its_value() -> None:
    cohort = cohort_of({"7": VALUES["7"]})
    told = cohort.laboratory.assign(baseline_indicator="low")
    rows = tables(PLAN, replace(cohort, laboratory=told))
    assert counts(rows, "lbt01") == {("ALT: low to high", "ketamine"): 1}


def test_limits_of_the_plan_stand_instead_of_those_of_the_data() -> None:
    mine = {"ALT": LaboratoryTest(label="ALT", normal_high=15)}
    assert PLAN.safety is not None
    plan = PLAN.model_copy(update={"safety": PLAN.safety.model_copy(update={"laboratory": mine})})
    rows = tables(plan, cohort_of(VALUES))
    groups = {row.group for row in rows if row.table == "lbt01"}
    assert len(groups) == 4
    assert not any("low" in group for group in groups)
    # everybody but 6 and 7 is high at baseline; 4 and 5 have 20 later, which is high
    assert counts(rows, "lbt01") == {("ALT: high to high", "ketamine"): 5}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    cohort = cohort_of(VALUES)
    mixed = cohort.laboratory.sample(frac=1, random_state=seed)
    assert tables(PLAN, replace(cohort, laboratory=mixed)) == tables(PLAN, cohort)


def test_every_cell_adds_up_to_those_with_both_values() -> None:
    rows = tables(PLAN, loaded(2))
    for table in ("lbt01", "lbt02"):
        for test in RANGES:
            for arm in ("placebo", "ketamine"):
                own = [
                    r
                    for r in rows
                    if (r.table, r.arm) == (table, arm) and r.group.startswith(f"{test}: ")
                ]
                assert sum(r.estimate or 0 for r in own) == own[0].n


def test_small_counts_are_hidden_and_not_found_by_subtraction() -> None:
    """Whoever adds up the shown cells of a class at baseline must not find a hidden one."""
    rows = ResultTable(tables(PLAN, loaded(1)))
    shown = suppress(loaded(1), rows, (), 5).results
    for table in ("lbt01", "lbt02"):
        own = [row for row in shown.rows if row.table == table]
        assert all(not row.estimate or row.estimate >= 5 for row in own)
        by_arm: dict[tuple[str, str], list[Result]] = {}
        for row in own:
            by_arm.setdefault((row.arm, row.group.partition(":")[0]), []).append(row)
        for cells in by_arm.values():
            hidden = [row for row in cells if row.estimate is None]
            known = any(row.n is not None for row in cells)
            assert len(hidden) != 1 or not known


def test_the_page_has_a_table_of_each_test_and_one_of_limits() -> None:
    rows = ResultTable(tables(PLAN, loaded(1)))
    blocks = list(laboratory_blocks(Material(PLAN, rows, (), None), "treatment"))  # type: ignore[arg-type]
    assert [block.id for block in blocks] == [
        "lbt01-treatment-alt",
        "lbt01-treatment-k",
        "lbt03-treatment",
    ]
    alt = blocks[0]
    assert alt.rows[0][0].text == "n"
    by_hand = shifts_by_hand(adlb(1), 60, "worst")
    after = [row for row in alt.rows if row[0].text == "High later"]
    want = by_hand.get(("ALT: normal to high", "placebo"), 0)
    places = [row[0].text for row in alt.rows].index("Normal at baseline")
    normal_high = alt.rows[places + 3]
    assert normal_high in after
    assert normal_high[1].text.startswith(f"{want} (")
    assert np.isfinite(want)
