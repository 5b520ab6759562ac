"""A marginal model of repeated outcomes by a second program: estimates, errors and tests."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import Cells
from ketaoutcomes.second.check import (
    OTHER_DERIVATIVE,
    SAME_OPTIMUM,
    Check,
    Second,
    checks_of,
    program_of,
)
from ketaoutcomes.second.reml import (
    KINDS,
    Problem,
    Reml,
    Spread,
    patterns_of,
    satterthwaite,
    solve,
    spread_of,
    start_of,
    structure_of,
)
from ketaoutcomes.second.rows import wald
from ketaoutcomes.second.small_samples import POWERS, kenward_roger, leverage_corrected
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
STATISTICS = ("difference in LS means", "LS mean")
COUNTED = ("between-within", "residual")
"""Degrees of freedom that are counted, not estimated."""
LINEAR = ("us", "cs", "toep")
"""Structures of which Kenward and Roger's form has no second derivatives."""


@dataclass(frozen=True)
class Rules:
    """What a plan says of the uncertainty: as its keys are called."""

    df: str
    covariance: str = "model"


@dataclass(frozen=True)
class Marginal:
    """The model at its optimum; None for what has no second route."""

    rules: Rules
    fit: Reml
    spread: Spread | None
    covariance: FloatArray | None

    def second(self, c: FloatArray, row: Result) -> Second:
        """A combination of the coefficients, its standard error and its test."""
        second = Second(
            program=program_of("scipy", "dense restricted likelihood"),
            tolerance=SAME_OPTIMUM,
            error_tolerance=SAME_OPTIMUM if self.spread is None else OTHER_DERIVATIVE,
            estimate=float(c @ self.fit.beta),
        )
        if self.covariance is not None:
            second = replace(second, std_error=float(np.sqrt(c @ self.covariance @ c)))
        # the degrees of freedom of a sandwich are another quadratic form without a second route
        if self.spread is None or self.rules.covariance != "model":
            return second
        # of one combination Kenward and Roger's degrees of freedom are those of Satterthwaite
        return wald(second, row, satterthwaite(self.fit, self.spread, c))

    def checks(self, cells: Cells, rows: Iterable[Result]) -> tuple[Check, ...]:
        """LS means and their differences."""
        return tuple(
            check
            for row in rows
            if (c := cells.combination(row.visit, row.arm, row.reference)) is not None
            for check in checks_of(row, self.second(c, row))
        )


def has_structure(kept: str) -> bool:
    """Whether a covariance has a second program; those by distance have none."""
    return kept == "us" or kept in KINDS


def structure_in(method: str) -> str:
    """The covariance that the main program kept, from its words of the method; else ""."""
    words = method.split(" covariance", maxsplit=1)[0].rsplit(", ", maxsplit=1)[-1]
    return next((name for name, label in COVARIANCE_LABELS.items() if label == words), "")


def solve_marginal(
    cells: Cells,
    kept: str,
    rules: Rules,
    *,
    place: IntArray | None = None,
    weight: FloatArray | None = None,
    group: IntArray | None = None,
    reml: bool = True,
) -> Marginal:
    """Fit a covariance to the rows of cells.

    Parameters
    ----------
    place : int array, shape (n,), optional
        Where each row stands in its subject's covariance, if not by its visit.
    weight : array, shape (n,), optional
        Factors of the precision of each subject.
    group : int array, shape (n,), optional
        Which covariance each row has.
    """
    n = len(cells.y)
    place = cells.visit if place is None else place
    weight = np.ones(n) if weight is None else weight
    group = np.zeros(n, dtype=np.int64) if group is None else group
    n_places = int(place.max()) + 1
    structure, size = structure_of(kept, n_places)
    patterns = patterns_of(cells.y, cells.X, cells.subject, place, weight, group)
    problem = Problem(patterns, structure, size, n_places, int(group.max()) + 1, reml)
    fit = solve(problem, start_of(problem, cells, kept))
    spread = None if rules.df in COUNTED else spread_of(problem, fit)
    return Marginal(rules, fit, spread, _covariance(rules, kept, problem, fit, spread))


def _covariance(
    rules: Rules, kept: str, problem: Problem, fit: Reml, spread: Spread | None
) -> FloatArray | None:
    """That of the coefficients; None for forms that depend on how V is parametrised."""
    if rules.covariance in POWERS:
        return leverage_corrected(problem, fit, rules.covariance)
    if rules.covariance == "empirical":
        return problem.robust(fit)
    if spread is None or rules.df == "satterthwaite":
        return fit.covariance
    linear = rules.df == "kenward-roger-linear" or (rules.df == "kenward-roger" and kept in LINEAR)
    return kenward_roger(problem, fit, spread) if linear else None
