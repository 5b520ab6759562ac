"""Which results of an analysis are to be checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import exp

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import Check, Second, checks_of

SHOWN = ("ok", "warning")
Route = Callable[[Result], Second | None]
"""From a result, what the second program gives for it; None where it has no route."""


@dataclass(frozen=True)
class Asked:
    """The results of an analysis, and which of them the plan wants checked.

    Attributes
    ----------
    visit : str
        That of the estimand; "" where it has none.
    arms : tuple of str
        The active arm, then the reference where there is one.
    every : bool
        `check: all`; else only the comparison that the estimand asks for.
    """

    rows: tuple[Result, ...]
    visit: str
    arms: tuple[str, ...]
    every: bool

    def of(self, *statistics: str, table: str = "", contrast: bool = True) -> Iterator[Result]:
        """The estimated results with one of these statistics that are to be checked.

        Parameters
        ----------
        contrast : bool
            Whether headline results are those between the arms of the estimand.
        """
        for row in self.rows:
            named = row.statistic in statistics and table in ("", row.table)
            if named and row.status in SHOWN and (self.every or self._headline(row, contrast)):
                yield row

    def _headline(self, row: Result, contrast: bool) -> bool:
        at = self.visit in ("", row.visit) or not row.visit
        arms = tuple(arm for arm in (row.arm, row.reference) if arm)
        return at and (arms == self.arms if contrast else set(arms) <= set(self.arms))

    def checked(
        self, statistic: str, route: Route, *, table: str = "", contrast: bool = True
    ) -> tuple[Check, ...]:
        """The checks of all results with a statistic."""
        found = ((row, route(row)) for row in self.of(statistic, table=table, contrast=contrast))
        return tuple(
            check for row, second in found if second is not None for check in checks_of(row, second)
        )


def asked_of(plan: AnalysisPlan, name: str, rows: tuple[Result, ...]) -> Asked:
    """The results of an analysis and what of them is to be checked."""
    estimand = plan.estimands[plan.analyses[name].estimand]
    arms = tuple(arm for arm in (estimand.treatment.active, estimand.treatment.reference) if arm)
    return Asked(
        tuple(row for row in rows if row.analysis == name),
        estimand.visit or "",
        arms,
        plan.check == "all",
    )


def wald(second: Second, row: Result, df: float | None = None) -> Second:
    """With the interval and the test of an estimate and its standard error.

    Parameters
    ----------
    df : float, optional
        Of t; without it the normal distribution is the reference.
    """
    if second.estimate is None or second.std_error is None or row.conf_level is None:
        return second
    from scipy import stats  # noqa: PLC0415 - slow to import

    law = stats.norm() if df is None else stats.t(df)
    half = float(law.isf((1 - row.conf_level) / 2)) * second.std_error
    z = second.estimate / second.std_error if second.std_error else float("nan")
    return replace(
        second,
        conf_low=second.estimate - half,
        conf_high=second.estimate + half,
        test_statistic=z,
        p_value=float(2 * law.sf(abs(z))),
    )


def exponentiated(second: Second) -> Second:
    """A log ratio as a ratio; its standard error stays that of the logarithm."""

    def ratio(value: float | None) -> float | None:
        return None if value is None else exp(value)

    return replace(
        second,
        estimate=ratio(second.estimate),
        conf_low=ratio(second.conf_low),
        conf_high=ratio(second.conf_high),
    )
