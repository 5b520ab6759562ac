"""Effects of studies by what the studies are like: in groups, and regressed on a number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ketaoutcomes.numerics.meta_analysis.pooling import Pooled, pool
from ketaoutcomes.numerics.meta_analysis.regression import Regression, indicators, regress
from ketaoutcomes.numerics.meta_analysis.spread import FloatArray
from ketaoutcomes.plan.synthesis import Pooling
from ketaoutcomes.results import Result
from ketaoutcomes.studies import StudyResult

LEAST_FOR_A_CHARACTERISTIC = 10
"""Studies for each coefficient: Cochrane Handbook for Systematic Reviews, 10.11.5.1."""


@dataclass(frozen=True)
class Effects:
    """The studies of an outcome with their effects, and how they are pooled."""

    studies: tuple[StudyResult, ...]
    y: FloatArray
    v: FloatArray
    pooling: Pooling
    conf_level: float

    def pool(self) -> Pooled:
        """The effects together."""
        pooling = self.pooling
        return pool(
            self.y,
            self.v,
            pooling.between_studies,
            pooling.interval,
            self.conf_level,
            fewer_df=pooling.fewer_df,
        )

    def only(self, kept: list[bool]) -> "Effects":
        """Some of them."""
        studies = tuple(s for s, keep in zip(self.studies, kept, strict=True) if keep)
        mask = np.array(kept)
        return replace(self, studies=studies, y=self.y[mask], v=self.v[mask])

    def regress(self, X: FloatArray) -> Regression:
        """The effects on characteristics."""
        return regress(
            self.y,
            self.v,
            X,
            self.pooling.between_studies,
            knapp_hartung=self.pooling.interval == "hartung-knapp",
            conf_level=self.conf_level,
        )

    @property
    def subjects(self) -> int | None:
        """Subjects of all studies; None where one does not tell them."""
        told = [study.subjects for study in self.studies]
        known = [n for n in told if n is not None]
        return sum(known) if len(known) == len(told) else None


def groups_of(effects: Effects, label: str) -> dict[str, Effects]:
    """The studies of each value of a characteristic."""
    values = _values(effects, label)
    return {
        value: effects.only([other == value for other in values]) for value in sorted(set(values))
    }


def _values(effects: Effects, label: str) -> list[str]:
    return [study.characteristic(label) or "not reported" for study in effects.studies]


def between_groups_test(row: Result, effects: Effects, label: str) -> Result | None:
    """The test that all groups have one mean effect; None where there is a single group.

    Studies are regressed on their group, with one variance about the means, as their number in a
    group seldom tells a variance of its own.
    """
    X = indicators(_values(effects, label))
    k, p = X.shape
    if p == 1:
        return None
    row = replace(row, statistic="test between groups", group=label)
    if k <= p:
        return replace(row, status="warning", message="no more studies than groups")
    return _cautioned(_with_test(row, effects.regress(X)), k, p - 1)


def regression_rows(row: Result, effects: Effects, label: str) -> Iterator[Result]:
    """Slope, what it leaves and explains, on the studies that tell the characteristic."""
    numbers = [study.number(label) for study in effects.studies]
    known = [number is not None for number in numbers]
    here = effects.only(known)
    x = np.array([number for number in numbers if number is not None])
    row = replace(row, group=label, n=here.subjects)
    k = x.size
    if np.unique(x).size < 2 or k < 3:
        message = "the regression needs three studies that report it, and two values"
        yield replace(row, statistic="slope", n=None, status="warning", message=message)
        return
    # a year is far from 0: about its mean the numbers keep their digits
    found = here.regress(np.column_stack([np.ones(k), x - x.mean()]))
    slope = replace(
        row,
        statistic="slope",
        estimate=float(found.beta[1]),
        std_error=float(found.std_error[1]),
        conf_low=float(found.conf_low[1]),
        conf_high=float(found.conf_high[1]),
        conf_level=effects.conf_level,
    )
    yield _cautioned(_with_test(slope, found), k, 1)
    row = replace(row, n=None)
    yield replace(row, statistic="studies", estimate=float(k))
    yield replace(row, statistic="variance left between studies", estimate=found.tau2)
    if found.explained is not None:
        share = 100 * found.explained
        yield replace(row, statistic="variance explained", estimate=share, unit="%")


def _with_test(row: Result, found: Regression) -> Result:
    words = (
        f"F on {found.df} and {found.df_residual:g} df"
        if np.isfinite(found.df_residual)
        else f"chi-squared on {found.df} df"
    )
    return replace(
        row,
        test_statistic=found.statistic,
        df=float(found.df),
        p_value=found.p_of_all,
        method=f"mixed-effects meta-regression, {words}",
    )


def _cautioned(row: Result, studies: int, coefficients: int) -> Result:
    """Few studies for each coefficient are told with the result."""
    if studies >= LEAST_FOR_A_CHARACTERISTIC * coefficients:
        return row
    wanted = LEAST_FOR_A_CHARACTERISTIC * coefficients
    message = f"{studies} studies; at least {wanted} are recommended"
    return replace(row, status="warning", message=message)
