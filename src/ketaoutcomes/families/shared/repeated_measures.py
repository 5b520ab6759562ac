"""The rows and LS means that every model of a change at each visit has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.families.shared.aliasing import CONFUSED, confused_words, without_aliased
from ketaoutcomes.families.shared.design import Design, LsMeanRows, Term, build_design, crossed
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult
from ketaoutcomes.numerics.neighbours import begins_a_run
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "mmrmt01"
NO_STANDARD_ERROR = (
    "the standard error cannot be computed: the small-sample covariance of the estimate is not "
    "positive"
)
ONE_OUTCOME_EACH = (
    "no participant has two outcomes after baseline, so that the variance of the random effects "
    "cannot be estimated; a model without random effects can be fitted"
)
Estimate = Callable[[FloatArray], ContrastResult]
"""From a combination of coefficients, its estimate."""


@dataclass(frozen=True)
class RepeatedMeasures:
    """The rows of a repeated-measures analysis.

    Attributes
    ----------
    observed : DataFrame
        Rows with an observed outcome.
    design : Design
        Without the columns that others determine.
    visit : int array
        Code of each row's visit among `visits`.
    nominal_days : dict
        Scheduled day of each visit, where it has one.
    y : array, shape (n,)
        The outcome.
    counts : mapping or None
        Number of participants seen by visit and arm, where `observed` does not hold them all.
    """

    observed: pd.DataFrame
    design: Design
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    subject: NDArray[np.int64]
    visit: NDArray[np.int64]
    nominal_days: dict[str, float]
    y: NDArray[np.float64]
    covariates: tuple[str, ...] = ()
    counts: Mapping[tuple[str, str], int] | None = None

    @property
    def seen(self) -> Mapping[tuple[str, str], int]:
        """Number of participants seen by visit and arm."""
        return self.counts if self.counts is not None else self.participants_by("visit")

    def participants_by(self, column: str) -> Mapping[tuple[str, str], int]:
        """Number of participants seen by a column and arm, those of whom there are any."""
        group, groups = pd.factorize(self.observed[column])
        arm, arms = pd.factorize(self.observed["arm"])
        seen = np.zeros((len(groups), len(arms), int(self.subject.max()) + 1), dtype=bool)
        seen[group, arm, self.subject] = True
        return {
            (str(groups[g]), str(arms[a])): int(seen[g, a].sum())
            for g, a in zip(*np.nonzero(seen.any(axis=2)), strict=True)
        }

    def not_estimable(self, visit: str, *arms: str) -> str:
        """Why something of a visit that depends on these arms cannot be estimated."""
        here = self.observed.loc[self.observed["visit"] == visit, "arm"]
        empty = [arm for arm in arms if not (here == arm).any()]
        if empty:
            return f"not estimable: no {' and no '.join(empty)} score at {visit}"
        return f"not estimable: {'; '.join(confused_words(self.design)) or CONFUSED}"


def repeated_measures(
    endpoint: ChangeData | BinaryData,
    reference: str,
    covariates: tuple[str, ...],
    by_visit: tuple[str, ...],
    crossing: Mapping[str, tuple[str, ...]] | None = None,
) -> RepeatedMeasures:
    """Design of the outcome by arm, visit and their interaction, with covariates.

    Visits and arms that nobody was observed in are left out.

    Raises
    ------
    NotEstimableError
        If nobody was observed.

    Parameters
    ----------
    crossing : mapping, optional
        Further factors with their levels, crossed with arm and visit.
    """
    outcome = "change" if isinstance(endpoint, ChangeData) else "outcome"
    observed = endpoint.frame[endpoint.frame[outcome].notna()]
    if observed.empty:
        raise NotEstimableError("no participant has both a baseline score and a later score")
    present = {*observed["visit"].unique(), *observed["arm"].unique()}
    visits = tuple(visit for visit in endpoint.visits if visit in present)
    arms = tuple(arm for arm in endpoint.arms if arm in present)
    arms = tuple(sorted(arms, key=lambda arm: arm != reference))
    crossing = dict(crossing or {})
    factors = {"arm": arms, "visit": visits, **crossing} | {
        name: tuple(sorted(observed[name].unique()))
        for name in covariates
        if not pd.api.types.is_numeric_dtype(observed[name])
    }
    terms = terms_of(tuple(crossing), covariates, by_visit)
    days = endpoint.nominal_days if isinstance(endpoint, ChangeData) else ()
    return RepeatedMeasures(
        observed=observed,
        design=without_aliased(build_design(observed, terms, factors)),
        arms=arms,
        visits=visits,
        subject=_codes(observed["subject"]),
        visit=pd.Categorical(observed["visit"], list(visits)).codes.astype(np.int64),
        nominal_days=dict(zip(endpoint.visits, days, strict=False)),
        y=observed[outcome].to_numpy(dtype=float),
        covariates=covariates,
    )


def _codes(subject: pd.Series) -> NDArray[np.int64]:
    """The subjects' numbers in order; the rows of an endpoint are sorted by them already."""
    if not subject.is_monotonic_increasing:
        return pd.factorize(subject, sort=True)[0].astype(np.int64)
    return np.asarray(np.cumsum(begins_a_run(subject.to_numpy(dtype=object))) - 1)


def terms_of(
    crossing: tuple[str, ...], covariates: tuple[str, ...], by_visit: tuple[str, ...]
) -> tuple[Term, ...]:
    """Arm, visit and what is crossed with them; the covariates, and those by visit."""
    return (
        *crossed("arm", "visit", *crossing),
        *((name,) for name in covariates),
        *((name, "visit") for name in by_visit),
    )


def seen_more_than_once(data: RepeatedMeasures) -> bool:
    """Whether any subject has several outcomes, without which random effects are not identified."""
    return bool(np.bincount(data.subject).max(initial=0) > 1)


def ls_mean_results(
    data: RepeatedMeasures,
    estimand: Estimand,
    means: LsMeanRows,
    common: Result,
    estimate: Estimate,
    conf_level: float,
) -> tuple[Result, ...]:
    """LS means of each arm and differences from the reference where there is one, by visit."""
    L = dict(zip(means.levels, means.L, strict=True))
    counts = data.seen
    reference = estimand.treatment.reference
    others = [arm for arm in data.arms if arm != reference] if reference else []
    results = []
    for visit in data.visits:
        for arm in data.arms:
            row = replace(
                common,
                statistic="LS mean",
                visit=visit,
                arm=arm,
                n=counts.get((visit, arm), 0),
            )
            results.append(
                estimated(row, data, L[visit, arm], estimate, conf_level, test=False),
            )
        for arm in others:
            row = replace(
                common,
                statistic="difference in LS means",
                visit=visit,
                arm=arm,
                reference=reference,
                n=counts.get((visit, arm), 0) + counts.get((visit, reference), 0),
            )
            difference = L[visit, arm] - L[visit, reference]
            results.append(estimated(row, data, difference, estimate, conf_level, test=True))
    return tuple(results)


def estimated(
    row: Result,
    data: RepeatedMeasures,
    c: FloatArray,
    estimate: Estimate,
    conf_level: float,
    *,
    test: bool,
) -> Result:
    """The row with the estimate of a combination, or failed with the reason why it has none."""
    estimable = data.design.estimable(c)
    if estimable is None:
        arms = [arm for arm in (row.arm, row.reference) if arm]
        return replace(row, status="failed", message=data.not_estimable(row.visit, *arms))
    return with_estimate(row, estimate(estimable), conf_level, test=test)


def with_estimate(
    row: Result, estimate: ContrastResult, conf_level: float, *, test: bool
) -> Result:
    """The row with the numbers of an estimate, and its test where there is one."""
    if np.isfinite(estimate.estimate) and not estimate.std_error > 0:
        return replace(row, status="failed", message=NO_STANDARD_ERROR)
    return replace(
        row,
        estimate=estimate.estimate,
        std_error=estimate.std_error,
        df=estimate.df if np.isfinite(estimate.df) else None,
        test_statistic=estimate.statistic if test else None,
        conf_low=estimate.conf_low,
        conf_high=estimate.conf_high,
        conf_level=conf_level,
        p_value=estimate.p_value if test else None,
    )


def failed_difference(common: Result, estimand: Estimand, message: str) -> Result:
    """The row that says why there is no estimate of the estimand's summary."""
    return replace(
        common,
        statistic=main_results()[estimand.summary][1],
        visit=estimand.visit or "",
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        status="failed",
        message=message,
    )
