"""Laboratory and ECG values against their reference range, and beyond limits of the plan.

The worst later value is the one farthest outside its range, of equals the high one. The last value
is that of the last day, of several the worst one (ICH E3, section 14.3.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.safety.adverse_events import share_row
from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.describe.safety.shifts import HIGH, LOW, NORMAL, Shift, counts_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import LaboratoryTest
from ketaoutcomes.results import Result

WORST, LAST, LIMITS = "lbt01", "lbt02", "lbt03"
UPPER: Final = "the upper limit of normal"
RANK: Final = ["known", "abnormal", "outside", "is_high"]
"""What orders values from the best to the worst; one without a class counts least."""


@dataclass(frozen=True)
class Measured:
    """The values of one test in one phase.

    Attributes
    ----------
    rows : DataFrame
        As `Cohort.laboratory`, with `arm`, `group` (low, normal, high or missing) and the ranks.
    """

    name: str
    test: LaboratoryTest
    phase: str
    rows: pd.DataFrame

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes that ranges and indicators can tell apart."""
        ranged = has_range(self.test)
        low = self.test.normal_low is not None if ranged else self._can_be("low", LOW)
        high = self.test.normal_high is not None if ranged else self._can_be("high", HIGH)
        return (*((LOW,) if low else ()), NORMAL, *((HIGH,) if high else ()))

    def _can_be(self, limit: str, word: str) -> bool:
        told = (self.rows["indicator"] == word) | (self.rows["baseline_indicator"] == word)
        return bool(self.rows[limit].notna().any() or told.any())

    @cached_property
    def at_baseline(self) -> pd.DataFrame:
        """The baseline value of each participant, by `subject`.

        That which the data mark; without marks, the last before or on the day of the first dose.
        """
        flagged = self.rows[self.rows["baseline"].eq(other=True)]
        if self.rows["baseline"].isna().all():
            flagged = self.rows[self.rows["day"] <= 0]
        ordered = flagged.sort_values(["subject", "day", *RANK], kind="stable")
        return ordered.drop_duplicates("subject", keep="last").set_index("subject")

    @cached_property
    def later(self) -> pd.DataFrame:
        """All values after the baseline value and after the day of the first dose."""
        since = self.rows["subject"].map(self.at_baseline["day"]).fillna(0.0).clip(lower=0.0)
        marked = self.rows["baseline"].eq(other=True)
        return self.rows[(self.rows["day"] > since) & ~marked]

    @cached_property
    def class_at_baseline(self) -> pd.Series:
        """The class of each baseline value; where it is not in the data, what they tell of it."""
        told = self.rows.dropna(subset=["baseline_indicator"]).drop_duplicates("subject")
        known = self.at_baseline["group"].dropna()
        others = told.set_index("subject")["baseline_indicator"]
        return known.combine_first(others) if not has_range(self.test) else known


def laboratory_tables(
    plan: AnalysisPlan, cohort: Cohort, people: SafetyPopulation, conf_level: float
) -> Iterator[Result]:
    """Shifts to the worst and the last value, and values beyond limits, of each test."""
    tests = plan.safety.laboratory if plan.safety is not None else {}
    here = cohort.laboratory[cohort.laboratory["phase"] == people.phase]
    for name, test in tests.items():
        rows = here[here["test"] == name].merge(people.subjects[["subject", "arm"]], on="subject")
        if len(rows):
            measured = Measured(name, test, people.phase, _ranked(rows, test))
            yield from _shifts(measured, people.arms)
            for arm in people.arms:
                yield from _beyond(measured, arm, conf_level)


def has_range(test: LaboratoryTest) -> bool:
    """Whether the plan gives a limit of normal, which then stands instead of those of the data."""
    return test.normal_low is not None or test.normal_high is not None


def _ranked(rows: pd.DataFrame, test: LaboratoryTest) -> pd.DataFrame:
    """The rows with their class, and how far they are outside the range."""
    ranged = has_range(test)
    low = pd.Series(test.normal_low, rows.index, dtype=float) if ranged else rows["low"]
    high = pd.Series(test.normal_high, rows.index, dtype=float) if ranged else rows["high"]
    low, high = low.astype(float), high.astype(float)
    below, above = rows["value"] < low, rows["value"] > high
    group = pd.Series(NORMAL, rows.index, dtype=object).mask(below, LOW).mask(above, HIGH)
    group = group.mask(low.isna() & high.isna(), None)
    if not ranged:
        group = rows["indicator"].astype(object).combine_first(group)
    outside = pd.concat([low - rows["value"], rows["value"] - high], axis=1).max(axis=1)
    return rows.assign(
        low=low,
        high=high,
        group=group,
        known=group.notna(),
        abnormal=group.isin((LOW, HIGH)),
        outside=outside.clip(lower=0.0).fillna(0.0),
        is_high=group == HIGH,
    )


def _shifts(measured: Measured, arms: tuple[str, ...]) -> Iterator[Result]:
    """Those count whose class is known at baseline and later."""
    before = measured.class_at_baseline
    later = measured.later.dropna(subset=["group"])
    arm_of = dict(zip(measured.rows["subject"], measured.rows["arm"], strict=True))
    for table, order in ((WORST, RANK), (LAST, ["day", *RANK])):
        ordered = later.sort_values(["subject", *order], kind="stable")
        after = ordered.drop_duplicates("subject", keep="last").set_index("subject")["group"]
        both = pd.DataFrame({"before": before, "after": after}).dropna()
        for arm in arms:
            of_arm = both[both.index.map(arm_of) == arm]
            shift = Shift(table, measured.name, measured.phase, arm, measured.classes)
            yield from counts_of(shift, of_arm["before"], of_arm["after"])


def _beyond(measured: Measured, arm: str, conf_level: float) -> Iterator[Result]:
    """The share of participants with a later value beyond each limit, among those with one."""
    test, later = measured.test, measured.later
    later = later[later["arm"] == arm]
    row = Result(table=LIMITS, statistic="proportion", phase=measured.phase, arm=arm)
    known = later[later["high"].notna()]
    cases = [
        *((f"below {limit:g}", later, later["value"] < limit) for limit in test.below),
        *((f"above {limit:g}", later, later["value"] > limit) for limit in test.above),
        *(
            (f"above {times:g} times {UPPER}", known, known["value"] > times * known["high"])
            for times in test.above_times_upper
        ),
    ]
    for words, among, beyond in cases:
        people = among["subject"].nunique()
        count = among.loc[beyond, "subject"].nunique()
        if people:
            group = f"{measured.name}: {words}"
            share = replace(row, group=group, n=people, n_events=count)
            yield share_row(share, count, conf_level)
