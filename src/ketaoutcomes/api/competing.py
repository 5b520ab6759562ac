"""Times to events of several kinds: their incidence, and the hazard of its subdistribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api.designs import design_of
from ketaoutcomes.api.hazards import NOT_CONVERGED, tidy_ratios
from ketaoutcomes.api.shown import Tidied
from ketaoutcomes.api.survival import ALL, taken
from ketaoutcomes.api.tables import Rows, rows_of
from ketaoutcomes.errors import DataError, ModelError, Problem
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival import competing_risks
from ketaoutcomes.numerics.survival.competing_risks import CumulativeIncidence, mean_time_in_state
from ketaoutcomes.numerics.survival.cox_fit import CoxFit
from ketaoutcomes.numerics.survival.cox_risk_sets import Ties
from ketaoutcomes.numerics.survival.fine_gray import fit_fine_gray
from ketaoutcomes.numerics.survival.gray_test import gray_test
from ketaoutcomes.numerics.survival.intervals import IntervalType

IntArray = NDArray[np.intp]


@dataclass(frozen=True, repr=False)
class Incidences(Tidied):
    """Aalen-Johansen estimates of the incidence of each kind of event in each arm.

    Attributes
    ----------
    curves : mapping of str to CumulativeIncidence
        Arm -> its curves as arrays; column 0 of each is "no event yet".
    causes : tuple
        The kinds, in the order of the further columns.
    tests : DataFrame
        Gray's test of each kind; empty with one arm.
    """

    curves: Mapping[Any, CumulativeIncidence]
    causes: tuple[Any, ...]
    tests: pd.DataFrame
    conf_level: float
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        return f"Cumulative incidence ({self.conf_level:.0%} CI)"

    @property
    def notes(self) -> tuple[str, ...]:
        """Gray's tests in words, and rows that were left out."""
        told = self.tests.dropna().itertuples()
        return (
            *(
                f"Gray's test, {t.cause}: chi-squared {t.statistic:.4g}, df {t.df}, "
                f"p = {t.p_value:.4g}."
                for t in told
            ),
            *self.left_out,
        )

    def tidy(self) -> pd.DataFrame:
        """One row an arm, kind and time: probability of having had it by then."""
        parts = [
            pd.DataFrame(
                {
                    "arm": arm,
                    "cause": cause,
                    "time": curve.times,
                    "n_at_risk": curve.n_at_risk,
                    "n_events": curve.n_events[:, place - 1],
                    "estimate": curve.probability[:, place],
                    "std_error": curve.std_error[:, place],
                    "conf_low": curve.conf_low[:, place],
                    "conf_high": curve.conf_high[:, place],
                }
            )
            for arm, curve in self.curves.items()
            for place, cause in enumerate(self.causes, start=1)
        ]
        return pd.concat(parts, ignore_index=True)

    def mean_times(self, tau: float) -> pd.DataFrame:
        """Mean time up to `tau` without an event, and lost to each kind, in each arm."""
        states = ("no event", *self.causes)
        rows = [
            {"arm": arm, "state": state, "estimate": float(area)}
            for arm, curve in self.curves.items()
            for state, area in zip(states, mean_time_in_state(curve, tau), strict=True)
        ]
        return pd.DataFrame(rows)

    def summary(self) -> Any:
        """Incidence of each kind at the end of follow-up, with Gray's tests below."""
        found = super().summary()
        last = found.frame.groupby(["arm", "cause"], sort=False).tail(1)
        return type(found)(found.title, last, found.notes)


def cumulative_incidence(
    data: Any,
    *,
    time: str,
    event: str,
    arm: str | None = None,
    censored: object = 0,
    interval: IntervalType = "log-log",
    conf_level: float = 0.95,
) -> Incidences:
    """Estimate the probability of each kind of event by time, and compare arms by Gray's test.

    Parameters
    ----------
    data, time, arm
        As of `kaplan_meier`.
    event : str
        Column of the kind of event, a number or a word.
    censored
        What that column holds where follow-up ended without an event.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    """
    rows = rows_of(data, time, event, arm)
    codes, causes = _codes(rows, event, censored)
    ends = rows.numbers(time)
    levels = rows.levels(arm) if arm else (ALL,)
    curves = {}
    for level in levels:
        here = (rows.frame[arm] == level).to_numpy() if arm else np.ones(ends.size, np.bool_)
        curves[level] = taken(
            competing_risks.cumulative_incidence,
            ends[here],
            codes[here],
            interval,
            conf_level,
            n_causes=len(causes),
        )
    tests = (
        [
            _gray(ends, codes, rows.frame[arm], place, cause)
            for place, cause in enumerate(causes, start=1)
        ]
        if arm and len(levels) > 1
        else []
    )
    columns = ["cause", "statistic", "df", "p_value"]
    return Incidences(curves, causes, pd.DataFrame(tests, columns=columns), conf_level, rows.notes)


def _gray(
    time: Any, codes: IntArray, arm: pd.Series, place: int, cause: object
) -> tuple[object, float, int, float]:
    found = taken(gray_test, time, codes, arm.astype(str), place)
    return cause, found.statistic, found.df, found.p_value


def _codes(
    rows: Rows, event: str, censored: object, first: object = None
) -> tuple[IntArray, tuple[Any, ...]]:
    """0 where censored, else 1, 2 ... for the kinds, which are named in that order."""
    values = rows.frame[event]
    kinds = [level for level in rows.levels(event) if level != censored]
    if not kinds:
        problem = Problem(
            f"column `{event}`",
            f"events next to `{censored}`, which stands for censored",
            "none",
            "name the value of those censored, as in censored='none'",
        )
        raise DataError("there is no event", (problem,))
    if first is not None:
        rows.levels(event, first)
        kinds = sorted(kinds, key=lambda kind: kind != first)
    codes = np.zeros(len(values), dtype=np.intp)
    for code, kind in enumerate(kinds, start=1):
        codes[(values == kind).to_numpy()] = code
    return codes, tuple(kinds)


@dataclass(frozen=True, repr=False)
class FineGray(Tidied):
    """A proportional hazards model of the subdistribution of one kind of event.

    Attributes
    ----------
    names : tuple of str
        Of the coefficients.
    fit : CoxFit
        The same as arrays; the variance is robust, by subject.
    cause
        The kind of event.
    """

    names: tuple[str, ...]
    fit: CoxFit
    cause: Any
    conf_level: float
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        return f"Fine-Gray model of `{self.cause}`: subdistribution hazard ratios"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    @property
    def params(self) -> pd.Series:
        """Log hazard ratios."""
        return pd.Series(self.fit.beta, index=list(self.names))

    def cov_params(self) -> pd.DataFrame:
        """Covariance of the log hazard ratios."""
        names = list(self.names)
        return pd.DataFrame(self.fit.covariance, index=names, columns=names)

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient: hazard ratio with its interval; the error is of its logarithm."""
        half = float(norm.isf((1 - self.conf_level) / 2))
        return tidy_ratios(self.names, self.fit.beta, self.fit.std_error, half)


def fine_gray(
    data: Any,
    *,
    time: str,
    event: str,
    cause: object = 1,
    censored: object = 0,
    arm: str | None = None,
    reference: object = None,
    covariates: Sequence[str] = (),
    ties: Ties = "efron",
    conf_level: float = 0.95,
) -> FineGray:
    """Fit the subdistribution hazard of one kind of event (Fine & Gray 1999).

    Parameters
    ----------
    data, time, event, censored, arm
        As of `cumulative_incidence`.
    cause
        The kind of event, as the column has it.
    reference : optional
        The arm that the others are compared with; by default the first level.
    covariates : sequence of str
        Further columns of the model; words are factors.
    ties : {"efron", "breslow"}

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    ModelError
        If the model has no finite estimate.
    """
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    rows = rows_of(data, time, event, arm, covariates)
    codes, _ = _codes(rows, event, censored, first=cause)
    design = design_of(rows, covariates, arm=arm, reference=reference)
    fit = taken(fit_fine_gray, rows.numbers(time), codes, design.X, 1, ties=ties)
    if not fit.convergence.converged:
        raise ModelError(NOT_CONVERGED.format(fit.convergence.message))
    return FineGray(design.names, fit, cause, conf_level, rows.notes)
