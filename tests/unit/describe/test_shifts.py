"""Shift tables, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from ketaoutcomes.describe.safety.shifts import shift_tables
from ketaoutcomes.describe.safety.vital_signs import Series
from ketaoutcomes.plan.safety import VitalSign

PRESSURE = VitalSign(label="Systolic blood pressure", unit="mmHg", normal_low=90, normal_high=139)
VALUES = {
    ("s1", "a"): (120, 139, 90),  # at both limits: normal to normal
    ("s2", "a"): (120, 150, 100),  # normal to high
    ("s3", "a"): (120, 145, 80),  # 6 above and 10 below: normal to low
    ("s4", "a"): (120, 149, 80),  # 10 above and 10 below: the high one
    ("s5", "a"): (85, 110, np.nan),  # low to normal
    ("s6", "a"): (np.nan, 150, 150),  # no baseline: not counted
    ("s7", "a"): (150, np.nan, np.nan),  # nothing later: not counted
    ("s8", "b"): (160, 170, 165),  # high to high
}


def series_of(sign: VitalSign) -> Series:
    index = pd.MultiIndex.from_tuples(list(VALUES), names=["subject", "arm"])
    frame = pd.DataFrame(list(VALUES.values()), index=index, columns=["0 h", "1 h", "4 h"])
    return Series("SBP", sign, "p", {"0 h": 0.0, "1 h": 1.0, "4 h": 4.0}, frame.astype(float))


def counts(sign: VitalSign) -> dict[tuple[str, str], float | None]:
    rows = shift_tables(("a", "b"), [series_of(sign)])
    return {(row.group.removeprefix("SBP: "), row.arm): row.estimate for row in rows}


def test_shifts_are_those_counted_by_hand() -> None:
    found = counts(PRESSURE)
    assert {key: n for key, n in found.items() if n} == {
        ("normal to normal", "a"): 1,
        ("normal to high", "a"): 2,
        ("normal to low", "a"): 1,
        ("low to normal", "a"): 1,
        ("high to high", "b"): 1,
    }
    assert len(found) == 2 * 9
    of_a = [r.n for r in shift_tables(("a",), [series_of(PRESSURE)])]
    assert of_a == [5] * 9


def test_a_range_of_one_limit_has_two_classes() -> None:
    found = counts(VitalSign(label="Pressure", normal_high=139))
    assert found["normal to high", "a"] == 3
    assert found["normal to normal", "a"] == 2  # s1 and s5
    assert not any("low" in group for group, _ in found)


def test_without_a_range_there_is_no_table() -> None:
    assert counts(VitalSign(label="Pressure")) == {}


def test_a_range_without_a_middle_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be below"):
        VitalSign(label="Pressure", normal_low=139, normal_high=90)
