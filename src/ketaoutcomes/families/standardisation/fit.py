"""Risks standardised over covariates: arms, and levels of factors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.aliasing import (
    CONFUSED,
    aliased_remarks,
    confused_words,
    without_aliased,
)
from ketaoutcomes.families.shared.design import Design, build_design, rows_for
from ketaoutcomes.families.shared.separated import FinitePart, penalised_odds_ratio
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE
from ketaoutcomes.numerics.standardisation import (
    LogisticFitError,
    StandardisedRisks,
    logistic_fit,
    standardised_risks,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "gcmt01"


@dataclass(frozen=True)
class _Fit:
    """The rows of a logistic regression.

    Attributes
    ----------
    part : FinitePart or None
        The finite coefficients, where outcomes are separated.
    """

    design: Design
    outcome: FloatArray
    conf_level: float
    covariates: tuple[str, ...]
    part: FinitePart | None = None

    def risks(self, row: Result, factor: str, reference: str) -> Iterator[Result]:
        """Risk with everybody at each level of a factor, and its difference from the reference.

        The levels are arms if the factor is "arm", else they stand in `group`.
        """
        levels = self.design.factors[factor]
        frame = self.design.frame
        at = {
            level: self._at(frame.astype({factor: object}).assign(**{factor: level}))
            for level in levels
        }
        failed = [level for level in levels if isinstance(at[level], str)]
        for level in failed:
            named = replace(_named(row, factor, level, reference), statistic="standardised risk")
            yield replace(named, reference="", status="failed", message=str(at[level]))
        known = {level: found for level, found in at.items() if not isinstance(found, str)}
        if not known:
            return
        found = self._standardised(tuple(known.values()))
        places = list(known)
        unit = np.eye(len(places))
        for place, level in enumerate(places):
            named = _named(row, factor, level, reference)
            count = int((frame[factor] == level).sum())
            risk = replace(named, statistic="standardised risk", reference="", n=count)
            if self._certain(known[level]):
                words = f"{self._why(factor, level)}: the model has no interval for the risk"
                risk = replace(risk, status="warning", message=words)
                yield replace(risk, estimate=float(found.risk[place]))
                continue
            yield self._of_level(risk, float(found.risk[place]), found.std_error(unit[place]))
        for level in levels:
            if level == reference:
                continue
            named = replace(_named(row, factor, level, reference), n=len(frame))
            reason = self._no_difference(factor, (level, reference), at)
            if reason:
                yield replace(named, status="failed", message=reason)
                yield from self._penalised(named, factor, level)
                continue
            c = unit[places.index(level)] - unit[places.index(reference)]
            yield self._compared(named, float(c @ found.risk), found.std_error(c))

    def _at(self, frame: pd.DataFrame) -> tuple[FloatArray, FloatArray] | str:
        """Rows of a setting and the risks among them that are certain; or why there are none."""
        rows, p = rows_for(self.design, frame), len(self.design.kept)
        outside = (np.abs(rows[:, p:]) > NOT_ESTIMABLE).any() or np.isnan(rows).any()
        X, certain = rows[:, :p], np.full(len(rows), np.nan)
        if self.part is not None and not outside:
            sides = self.part.separation.sides(X)
            certain = np.where(sides > 0, 1.0, np.where(sides < 0, 0.0, np.nan))
            X = self.part.space.reduced(X)
            outside = np.isnan(X[sides == 0]).any()
            X = np.where((sides != 0)[:, None], 0.0, X)
        if outside:
            return f"not estimable: {'; '.join(confused_words(self.design)) or CONFUSED}"
        return X, certain

    def _standardised(self, at: tuple[tuple[FloatArray, FloatArray], ...]) -> StandardisedRisks:
        settings = tuple(X for X, _ in at)
        if self.part is None:
            return standardised_risks(self.design.X, self.outcome, settings)
        X = self.part.design(self.design.X)
        certain = tuple(risks for _, risks in at)
        return standardised_risks(X, self.outcome, settings, certain, ~self.part.separated)

    @staticmethod
    def _certain(at: tuple[FloatArray, FloatArray] | str) -> bool:
        """Whether every risk of a setting is 0 or 1."""
        return not isinstance(at, str) and not np.isnan(at[1]).any()

    def _no_difference(
        self,
        factor: str,
        levels: tuple[str, str],
        at: Mapping[str, tuple[FloatArray, FloatArray] | str],
    ) -> str:
        """Why two levels cannot be compared; "" if they can."""
        if any(level not in at for level in levels):
            return f"not estimable: no participant with an outcome in {' or '.join(levels)}"
        for level in levels:
            found = at[level]
            if isinstance(found, str):
                return found
            if self._certain(found):
                return f"not estimable on the odds scale: {self._why(factor, level)}"
        return ""

    def _why(self, factor: str, level: str) -> str:
        y = self.outcome[(self.design.frame[factor] == level).to_numpy()]
        if y.size and y.min() == y.max():
            return f"{'every' if y[0] else 'no'} participant in {level} met the criterion"
        return f"the covariates separate the outcomes in {level}"

    def _penalised(self, row: Result, factor: str, level: str) -> Iterator[Result]:
        """Next to arms that cannot be compared, their odds ratio by penalised likelihood."""
        if factor != "arm":
            return
        frame = self.design.frame
        found = penalised_odds_ratio(
            replace(row, arm=level), frame, self.outcome, self.covariates, self.conf_level
        )
        if found is not None:
            yield found

    def _of_level(self, row: Result, risk: float, error: float) -> Result:
        """A risk with an interval on the scale of the logit, which stays within 0 and 1."""
        if not 0 < risk < 1:  # the log odds are infinite
            return replace(row, estimate=risk, std_error=error)
        logit, half = np.log(risk / (1 - risk)), self._half(error) / (risk * (1 - risk))
        low, high = (float(1 / (1 + np.exp(-x))) for x in (logit - half, logit + half))
        return replace(
            row,
            estimate=risk,
            std_error=error,
            conf_low=low,
            conf_high=high,
            conf_level=self.conf_level,
        )

    def _compared(self, row: Result, estimate: float, error: float) -> Result:
        half = self._half(error)
        statistic = estimate / error if error > 0 else None
        return replace(
            row,
            estimate=estimate,
            std_error=error,
            conf_low=estimate - half,
            conf_high=estimate + half,
            conf_level=self.conf_level,
            test_statistic=statistic,
            p_value=None if statistic is None else float(2 * distributions.norm.sf(abs(statistic))),
        )

    def _half(self, error: float) -> float:
        return float(distributions.norm.ppf(0.5 + self.conf_level / 2)) * error


def fit_standardisation_analysis(
    name: str,
    analysis: StandardisationAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Standardised risks of the arms and of the levels of each factor of `by`."""
    frame = endpoint.frame[endpoint.frame["visit"] == (estimand.visit or "")]
    told: tuple[Remark, ...] = ()
    if analysis.missing_as == "failure":
        told = _as_harmed(endpoint, frame)
        frame = frame.assign(outcome=frame["outcome"].fillna(float(endpoint.unwanted)))
    frame = frame[frame["outcome"].notna()].reset_index(drop=True)
    if frame.empty:
        raise NotEstimableError(f"no participant has an outcome at {estimand.visit}")
    active, reference = estimand.treatment.active, estimand.treatment.reference
    row = Result(
        table=TABLE,
        statistic="risk difference",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        visit=estimand.visit or "",
        method="logistic regression, standardised; influence-function standard errors",
    )
    between = replace(row, arm=active, reference=reference)
    try:
        fit = _fit(analysis, frame, endpoint.arms, conf_level)
        rows = tuple(fit.risks(row, "arm", reference))
        by = tuple(
            result
            for factor in analysis.by
            for result in fit.risks(row, factor, fit.design.factors[factor][0])
        )
    except (NotEstimableError, LogisticFitError, ValueError, KeyError) as error:
        return Fitted(name, (replace(between, status="failed", message=str(error)),))
    return Fitted(name, (*rows, *by), remarks=(*told, *aliased_remarks(fit.design)))


def _as_harmed(endpoint: BinaryData, frame: pd.DataFrame) -> tuple[Remark, ...]:
    """Of an unwanted event the failure is to have had it."""
    missing = int(frame["outcome"].isna().sum())
    if not (missing and endpoint.unwanted):
        return ()
    what = "{count} without an outcome count as having had the event, which is the failure"
    where = f"endpoint `{endpoint.name}`"
    remedy = "Write `missing_as: excluded` to leave them out, or `event_is: wanted`"
    return (Remark(what, where, remedy, count=missing, total=len(frame)),)


def _fit(
    analysis: StandardisationAnalysis,
    frame: pd.DataFrame,
    arms: tuple[str, ...],
    conf_level: float,
) -> _Fit:
    """Design of arm and covariates; a factor's reference is its most frequent level.

    Raises
    ------
    ValueError
        If a factor of `by` is a number.
    """
    names = analysis.covariate_names
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(frame[name])]
    wrong = sorted(set(numeric) & set(analysis.by))
    if wrong:
        raise ValueError(f"`by` takes factors, and {', '.join(wrong)} is a number")
    seen = tuple(arm for arm in arms if (frame["arm"] == arm).any())
    factors = {"arm": seen} | {
        name: tuple(str(level) for level in frame[name].value_counts(sort=True).index)
        for name in names
        if name not in numeric
    }
    design = without_aliased(build_design(frame, ((name,) for name in ("arm", *names)), factors))
    y = frame["outcome"].to_numpy(dtype=float)
    try:
        logistic_fit(design.X, y)
    except LogisticFitError:
        part = FinitePart.of(design.X, y)
        if not part.separated.any():
            raise
        if part.separated.all():
            raise NotEstimableError(_all_separated(frame)) from None
        return _Fit(design, y, conf_level, names, part)
    return _Fit(design, y, conf_level, names)


def _all_separated(frame: pd.DataFrame) -> str:
    """Why nothing of a model can be estimated."""
    if frame["outcome"].min() == frame["outcome"].max():
        who = "every" if frame["outcome"].iloc[0] else "no"
        return f"not estimable: {who} participant met the criterion"
    return "not estimable: arm and covariates separate all outcomes"


def _named(row: Result, factor: str, level: str, reference: str) -> Result:
    """The row of a level: an arm, or a level of another factor in the group."""
    if factor == "arm":
        return replace(row, arm=level, reference=reference)
    return replace(row, group=f"{factor}: {level}", reference=reference)
