"""A number of a run next to the one that a second program gives.

Nothing in this folder imports `ketaoutcomes.numerics` or the code that fits an analysis: two
programs that share code share its errors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from math import isfinite
from typing import Final, Literal

from ketaoutcomes.results import Result

Quantity = Literal[
    "estimate", "std_error", "test_statistic", "conf_low", "conf_high", "p_value", "n"
]
QUANTITIES: Final[tuple[Quantity, ...]] = (
    "estimate",
    "std_error",
    "test_statistic",
    "conf_low",
    "conf_high",
    "p_value",
)

FAULTS_TRIED, FAULTS_CAUGHT = 121, 119
"""Faulty engines in the tests of this version, and those of which a check finds out."""

SMALLEST_P: Final = 1e-6
"""P-values below this are compared as if they were this: no reader sees a difference."""


@dataclass(frozen=True)
class Tolerance:
    """How far two programs may differ, relative to the size of the number, and why."""

    value: float
    reason: str


SAME_SUM: Final = Tolerance(1e-8, "both evaluate the same closed formula; they differ by rounding")
SAME_COUNT: Final = Tolerance(0.0, "both count participants or events")
SAME_OPTIMUM: Final = Tolerance(
    1e-5, "each program stops its iterations slightly before the optimum"
)
SAME_LIMIT: Final = Tolerance(
    1e-6, "each program finds the limit with its own root finder, to a finite tolerance"
)
OTHER_DERIVATIVE: Final = Tolerance(
    1e-3, "the second program takes derivatives of the likelihood numerically"
)
LIBRARY_OPTIMUM: Final = Tolerance(
    2e-4, "the library stops its iteration at a looser criterion than the main program"
)


@dataclass(frozen=True, kw_only=True)
class Second:
    """What a second program gives for one result; None where it gives no such quantity.

    Attributes
    ----------
    program : str
        Name, version and route, as `program_of` writes them.
    tolerance : Tolerance
        Of the estimate, and of all that has no tolerance of its own.
    error_tolerance : Tolerance, optional
        Of standard error, test, limits and p-value.
    """

    program: str
    tolerance: Tolerance
    error_tolerance: Tolerance | None = None
    estimate: float | None = None
    std_error: float | None = None
    test_statistic: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    p_value: float | None = None

    def tolerance_of(self, quantity: Quantity) -> Tolerance:
        """How far a quantity may differ."""
        if quantity == "estimate" or self.error_tolerance is None:
            return self.tolerance
        return self.error_tolerance


@dataclass(frozen=True, kw_only=True)
class Check:
    """One quantity of a result by two programs.

    Attributes
    ----------
    result : str
        Id of the result.
    quantity : str
        The column of the results table.
    program : str
        The second program with its version.
    first, second : float
        What the main program and the second program give; `second` is NaN where the second
        program found that there is no such number.
    difference : float
        Absolute difference over the size of the number: for estimates and limits the larger of
        the number itself and its standard error, for p-values at least 1e-6.
    tolerance : float
        The largest difference at which they agree.
    reason : str
        Why the tolerance is not smaller.
    """

    result: str
    quantity: Quantity
    program: str
    first: float
    second: float
    difference: float
    tolerance: float
    reason: str

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; a NaN never is."""
        return self.difference <= self.tolerance


@cache
def program_of(package: str, route: str) -> str:
    """`lifelines 0.30.3, KaplanMeierFitter`."""
    return f"{package} {_version_of(package)}, {route}"


_version_of: Final = cache(version)
"""Of a package whose description is read once, not for each route."""


def checks_of(row: Result, second: Second) -> tuple[Check, ...]:
    """Every quantity that both the result and the second program have."""
    return tuple(
        _check(row, quantity, first, given, second)
        for quantity in QUANTITIES
        if (first := getattr(row, quantity)) is not None
        and (given := getattr(second, quantity)) is not None
    )


def n_check(row: Result, program: str, count: int) -> Check:
    """The number of subjects of a result, which both programs must count alike.

    Raises
    ------
    ValueError
        If the result has none.
    """
    if row.n is None:
        raise ValueError(f"{row.id} counts no participants")
    return Check(
        result=row.id,
        quantity="n",
        program=program,
        first=float(row.n),
        second=float(count),
        difference=float(abs(row.n - count)),
        tolerance=SAME_COUNT.value,
        reason=SAME_COUNT.reason,
    )


def _check(row: Result, quantity: Quantity, first: float, given: float, second: Second) -> Check:
    tolerance = second.tolerance_of(quantity)
    return Check(
        result=row.id,
        quantity=quantity,
        program=second.program,
        first=first,
        second=given,
        difference=_difference(first, given, _size(row, quantity, first)),
        tolerance=tolerance.value,
        reason=tolerance.reason,
    )


def _difference(first: float, second: float, size: float) -> float:
    """Relative difference; infinite where the second is no number, for JSON has no NaN."""
    if not isfinite(second):
        return float("inf")
    gap = abs(first - second)
    return gap / size if size > 0 else gap


def _size(row: Result, quantity: Quantity, first: float) -> float:
    """What a difference is measured by."""
    if quantity == "p_value":
        return max(abs(first), SMALLEST_P)
    if quantity in ("estimate", "conf_low", "conf_high"):
        return max(abs(first), row.std_error or 0.0)
    # a statistic near zero is not known to more digits than one of size one
    return max(abs(first), 1.0) if quantity == "test_statistic" else abs(first)


def disagreements(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks outside their tolerance."""
    return tuple(check for check in checks if not check.agrees)
