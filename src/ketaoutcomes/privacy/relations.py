"""Published numbers that are functions of counts: the kinds of relation that a family can register.

A reader is taken to know each formula exactly, with every constant in it: what a number betrays of
a count is then how many of its values give the number to the digits shown. Where a formula holds
only nearly, as for a Cox model with covariates, this errs to the safe side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol, runtime_checkable

import numpy as np

from ketaoutcomes.numerics.allowed import STEPS, BoolArray, FloatArray
from ketaoutcomes.privacy.digits import (
    EXACT,
    Coarseness,
    df_step,
    told_of_df,
    told_of_error,
    told_of_estimate,
)
from ketaoutcomes.results import Result


@runtime_checkable
class Redrawn(Protocol):
    """A relation whose rows are not rounded one by one but published anew, all together."""

    def redrawn(self, level: int) -> Mapping[int, Result]:
        """The rows as they are published at a level of coarsening, by their numbers."""


WHOLE: Final = 1e-6
"""How near to a whole number a sum of whole numbers comes."""

NOT_BELOW: Final = 1e-3
"""A count in a denominator is at least this; a count of zero then fits nothing."""


class Relation(Protocol):
    """What rows tell of one or two counts.

    Attributes
    ----------
    cells : tuple of int
        The counts, by their cells in the book.
    rows : tuple of int
        The rows that are coarsened together, by their numbers.
    aspect : str
        What of them is: "error", that is all around the estimate, "estimate" or "df".
    """

    @property
    def cells(self) -> tuple[int, ...]:
        """The counts, by their cells in the book."""

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are coarsened together."""

    @property
    def aspect(self) -> str:
        """What of the rows is coarsened: "error", "estimate" or "df"."""

    def fits(self, level: int) -> BoolArray:
        """Which offsets from the true counts agree with the rows at a level of coarsening."""


NEARLY: Final = 1.15
"""Within this factor the times at risk of two arms are known, by the participants of each."""


@dataclass(frozen=True)
class InformationBound:
    """A standard error whose square is a sum of inverse counts: 1/d1 + 1/d2, or 1/n of an arm.

    So of the logarithm of a hazard, time or rate ratio with the events of two arms (exactly in an
    exponential model), and of means and their differences with the numbers of subjects. Other tests
    `beside` a ratio have nearly the p-value of its own.

    Attributes
    ----------
    known : float
        What inverse counts that are no matter of this relation add to the sum.
    """

    cells: tuple[int, ...]
    counts: tuple[int, ...]
    rows: tuple[int, ...]
    row: Result
    beside: tuple[Result, ...] = ()
    known: float = 0.0
    aspect: ClassVar[str] = "error"

    def fits(self, level: int) -> BoolArray:
        """Where the sum of inverse counts gives the standard error to the digits shown."""
        low, high = told_of_error(self.row, Coarseness(error=level), self.beside)
        true = sum(map(_inverse, self.counts)) + self.known
        ratio = np.sqrt((_over_cells(self.counts, _inverse) + self.known) / true)
        return np.asarray((ratio >= low - EXACT) & (ratio <= high + EXACT))


@dataclass(frozen=True)
class RatioOfCounts:
    """A rate ratio, which is nearly that of the events of two arms.

    It is the ratio of events over that of the times at risk, which a reader knows to `NEARLY`.
    """

    cells: tuple[int, int]
    counts: tuple[int, int]
    rows: tuple[int, ...]
    row: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """Where the ratio of the counts moves by no more than the digits and the times leave."""
        value = self.row.estimate or 0.0
        one, other = (np.maximum(count + STEPS, NOT_BELOW) / count for count in self.counts)
        moved = one[:, None] / other[None, :]
        low, high = told_of_estimate(self.row, Coarseness(estimate=level))
        ends = (value + low) / NEARLY - value, (value + high) * NEARLY - value
        return within(value * moved - value, ends)


@dataclass(frozen=True)
class Share:
    """A share, or the difference of two, that times the subjects gives a count."""

    cells: tuple[int, ...]
    wholes: tuple[float, ...]
    rows: tuple[int, ...]
    row: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """Where the share moves by no more than what the digits leave open."""
        signs = (1.0, -1.0)[: len(self.cells)]
        steps = [s * STEPS / n for s, n in zip(signs, self.wholes, strict=True)]
        moved = steps[0] if len(steps) == 1 else steps[0][:, None] + steps[1][None, :]
        return within(moved, told_of_estimate(self.row, Coarseness(estimate=level)))


@dataclass(frozen=True)
class InverseOfCount:
    """An estimate that is inverse to a count, all else being known: a shift to tip a difference."""

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    count: int
    row: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """Where a constant over the count gives the estimate to the digits shown."""
        value = self.row.estimate or 0.0
        moved = value * self.count / np.maximum(self.count + STEPS, NOT_BELOW) - value
        return within(moved, told_of_estimate(self.row, Coarseness(estimate=level)))


@dataclass(frozen=True)
class DegreesOfFreedom:
    """Degrees of freedom that are a number of subjects less that of parameters."""

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    row: Result
    aspect: ClassVar[str] = "df"

    def fits(self, level: int) -> BoolArray:
        """Where they move by no more than what the step leaves open."""
        df = self.row.df or 0.0
        step = df_step(df, level)
        if step is None:
            return np.ones(STEPS.size, dtype=bool)
        told = round(df / step) * step if step else df
        moved = df + STEPS - told
        return np.asarray(np.abs(moved) <= max(step / 2, 0.5) + EXACT)


@dataclass(frozen=True)
class Quantile:
    """Degrees of freedom that follow from an interval, its standard error and a p-value.

    The width of an interval over the standard error is the quantile of t, and a p-value is that of
    t, too: degrees of freedom that are withheld could be worked out.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    row: Result
    aspect: ClassVar[str] = "error"

    def fits(self, level: int) -> BoolArray:
        """Where some standard error gives the interval and the p-value to the digits shown."""
        df = np.maximum((self.row.df or 0.0) + STEPS, 1.0)
        told = told_of_df(self.row, Coarseness(error=level), df)
        return np.asarray(told | (STEPS == 0))  # the p-value may be that of a slightly other test


@dataclass(frozen=True)
class Mixture:
    """A mean over two arms, from which their shares of the subjects follow.

    Attributes
    ----------
    part, whole : int
        The subjects of the arm and of both.
    points : tuple of Result
        The means of the arm, of the other one, and over both.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    part: int
    whole: int
    points: tuple[Result, Result, Result]
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """Where the mean over both moves by no more than the digits of the three leave open."""
        one, other, _ = (row.estimate or 0.0 for row in self.points)
        part = self.part / self.whole
        weights = (part, 1 - part, -1.0)
        told = [told_of_estimate(row, Coarseness(estimate=level)) for row in self.points]
        ends = [
            sorted(-weight * end for end in both)
            for weight, both in zip(weights, told, strict=True)
        ]
        open_ = sum(low for low, _ in ends), sum(high for _, high in ends)
        return within(STEPS / self.whole * (one - other), open_)


def whole_sum(estimate: float, n: float, kind: int) -> float:
    """Of numbers with this mean their sum; with this SD n times the sum of squares about it."""
    return estimate * n if kind == 1 else estimate**2 * n * (n - 1)


@dataclass(frozen=True)
class WholeSum:
    """A mean or SD of numbers in whole units, which few numbers of subjects can give.

    Attributes
    ----------
    count : int
    unit : float
        In which the numbers are measured.
    kind : int
        1 of a mean, 2 of a standard deviation.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    count: int
    unit: float
    kind: int
    row: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """The numbers of subjects with which some whole sum gives the mean to the digits shown."""
        value = self.row.estimate or 0.0
        low, high = told_of_estimate(self.row, Coarseness(estimate=level))
        ends = [max(value + low, 0.0) if self.kind > 1 else value + low, value + high]
        n = np.maximum(self.count + STEPS, self.kind)
        least, most = (
            np.array([whole_sum(end, one, self.kind) for one in n]) / self.unit**self.kind
            for end in ends
        )
        found = np.ceil(least - WHOLE) <= np.floor(most + WHOLE)
        return np.asarray((found | (STEPS == 0)) & (self.count + STEPS >= self.kind))


def within(moved: FloatArray, open_: tuple[float, float]) -> BoolArray:
    """Where a number that is moved so far is still one that what is published leaves open."""
    return np.asarray((moved >= open_[0] - EXACT) & (moved <= open_[1] + EXACT))


def _inverse(count: float) -> float:
    return 1.0 / max(count, NOT_BELOW)


def _over_cells(counts: tuple[int, ...], of: Callable[[float], float]) -> FloatArray:
    """The sum of a function of one or two counts at all their offsets."""
    sides = [np.array([of(count + step) for step in STEPS]) for count in counts]
    return sides[0] if len(sides) == 1 else sides[0][:, None] + sides[1][None, :]
