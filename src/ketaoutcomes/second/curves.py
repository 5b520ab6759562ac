"""Curves and tests of times by lifelines and statsmodels, and sums in plain loops."""

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.errors import NotEstimableError

FloatArray = NDArray[np.float64]
ROUNDING = 1e-12
NEWTON_STEPS, SMALL_STEP = 25, 1e-9


@cache
def lifelines() -> Any:
    """The library, loaded only where a plan needs it."""
    import lifelines as library  # noqa: PLC0415

    return library


@dataclass(frozen=True)
class Steps:
    """A curve at the times of its events: at risk, events and survival, one of each a time.

    `last` is the end of follow-up, at which the curve ends.
    """

    times: FloatArray
    at_risk: FloatArray
    events: FloatArray
    survival: FloatArray
    last: float

    def at(self, day: float) -> float:
        """Survival just after a day."""
        before = self.survival[self.times <= day]
        return float(before[-1]) if before.size else 1.0

    def log_variance(self, day: float) -> float:
        """Greenwood's sum up to a day; infinite where nobody is left."""
        here = self.times <= day
        n, d = self.at_risk[here], self.events[here]
        left = n - d
        if (left == 0).any():
            return float("inf")
        return float((d / (n * left)).sum())

    def median(self, share: float = 0.5) -> float | None:
        """The first time at which at least this share had the event; midway on a flat stretch.

        The rule of R's `quantile.survfit`: a stretch that no event ends lasts to the end of
        follow-up.
        """
        below = self.survival <= 1 - share + ROUNDING
        if not below.any():
            return None
        place = int(np.argmax(below))
        flat = abs(self.survival[place] - (1 - share)) < ROUNDING
        if flat:
            ends = [*self.times[place + 1 :], self.last]
            return float(self.times[place] + ends[0]) / 2
        return float(self.times[place])

    def area(self, tau: float, start: float = 0.0) -> tuple[float, float]:
        """Area under the curve from a start to tau, and Greenwood's variance of it."""
        edges = np.array([start, *self.times[(self.times > start) & (self.times < tau)], tau])
        heights = np.array([self.at(edge) for edge in edges[:-1]])
        areas = np.diff(edges) * heights
        variance = 0.0
        for t, n, d in zip(self.times, self.at_risk, self.events, strict=True):
            if t < tau and n > d:
                after = areas[edges[:-1] >= t].sum()
                variance += after**2 * d / (n * (n - d))
        return float(areas.sum()), variance


def kaplan_meier_steps(time: FloatArray, event: NDArray[np.bool_]) -> Steps:
    """By lifelines' KaplanMeierFitter."""
    table = lifelines().KaplanMeierFitter().fit(time, event)
    steps = table.event_table.iloc[1:]
    if (time == 0).any():
        steps = table.event_table
    survival = table.survival_function_.iloc[:, 0].reindex(steps.index).to_numpy(dtype=float)
    happened = steps["observed"].to_numpy(dtype=float) > 0
    return Steps(
        steps.index.to_numpy(dtype=float)[happened],
        steps["at_risk"].to_numpy(dtype=float)[happened],
        steps["observed"].to_numpy(dtype=float)[happened],
        survival[happened],
        float(time.max()),
    )


def log_rank(
    time: FloatArray, event: FloatArray, group: FloatArray, strata: FloatArray | None
) -> tuple[float, float]:
    """Chi-squared and p-value by statsmodels' survdiff."""
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415 - slow to import

    statistic, p_value = survdiff(time, event, group, strata=strata)
    return float(statistic), float(p_value)


def cox(
    time: FloatArray,
    event: FloatArray,
    X: FloatArray,
    *,
    ties: str,
    strata: FloatArray | None = None,
    entry: FloatArray | None = None,
) -> tuple[float, float]:
    """Log hazard ratio of the first column and its standard error, by statsmodels."""
    if ties == "exact":
        return _exact(time, event, X, strata, entry)
    if entry is not None:  # statsmodels errs where times are tied and entry is delayed
        codes = np.zeros(len(time)) if strata is None else strata
        beta, inverse = solve_by_loops(AtRisk(time, entry, event > 0, X, codes), ties=ties)
        return float(beta[0]), float(np.sqrt(inverse[0, 0]))
    from statsmodels.duration.hazard_regression import PHReg  # noqa: PLC0415 - slow to import

    centred = X - X.mean(axis=0)
    size = np.where(centred.std(axis=0) > 0, centred.std(axis=0), 1.0)
    model = PHReg(time, centred / size, status=event, ties=ties, strata=strata)
    fit = fitted(model)
    return float(fit.params[0] / size[0]), float(fit.bse[0] / size[0])


def fitted(model: Any) -> Any:
    """A fit of a model of statsmodels.

    Raises
    ------
    NotEstimableError
        If its search does not end at an optimum.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning  # noqa: PLC0415 - slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return model.fit(disp=False)
        except ConvergenceWarning:
            raise NotEstimableError("its search for the optimum did not converge") from None


@dataclass(frozen=True)
class AtRisk:
    """Rows at risk for `entry < t <= time`, with codes of strata."""

    time: FloatArray
    entry: FloatArray
    event: NDArray[np.bool_]
    X: FloatArray
    strata: FloatArray

    def score_parts(self, beta: FloatArray, *, ties: str) -> FloatArray:
        """Each row's part in the score of Cox's likelihood, shape (n, p).

        Lin & Wei 1989, JASA 84:1074-1078; of d tied events Efron's k-th leaves each of them the
        share 1 - k / d at risk, Breslow's leaves them whole.
        """
        parts, weight = np.zeros_like(self.X), np.exp(self.X @ beta)
        for stratum in np.unique(self.strata):
            mine = self.strata == stratum
            for t in np.unique(self.time[mine & self.event]):
                tied = mine & self.event & (self.time == t)
                here = np.flatnonzero(mine & (self.time >= t) & (self.entry < t))
                d = int(tied.sum())
                for k in range(d):
                    left = 1 - k / d if ties == "efron" else 1.0
                    share = np.where(tied[here], left, 1.0) * weight[here]
                    mean = share @ self.X[here] / share.sum()
                    parts[tied] += (self.X[tied] - mean) / d
                    parts[here] -= (share / share.sum())[:, None] * (self.X[here] - mean)
        return parts

    def score(self, beta: FloatArray, ties: str) -> FloatArray:
        """The score, shape (p,)."""
        return np.asarray(self.score_parts(beta, ties=ties).sum(axis=0))


def solve_by_loops(rows: AtRisk, *, ties: str) -> tuple[FloatArray, FloatArray]:
    """The root of the score by Newton's steps, and the inverse of the information.

    The information is the difference of scores.
    """
    p = rows.X.shape[1]
    size = np.where(rows.X.std(axis=0) > 0, rows.X.std(axis=0), 1.0)
    beta: FloatArray = np.zeros(p)
    inverse: FloatArray = np.eye(p)
    for _ in range(NEWTON_STEPS):
        information = np.empty((p, p))
        for place in range(p):
            step = np.zeros(p)
            step[place] = 1e-5 / size[place]
            moved = rows.score(beta - step, ties) - rows.score(beta + step, ties)
            information[place] = moved / (2 * step[place])
        inverse = np.asarray(np.linalg.inv((information + information.T) / 2), dtype=float)
        move = inverse @ rows.score(beta, ties)
        beta = beta + move
        if np.abs(move * size).max() < SMALL_STEP:
            break
    return beta, inverse


def _exact(
    time: FloatArray,
    event: FloatArray,
    X: FloatArray,
    strata: FloatArray | None,
    entry: FloatArray | None,
) -> tuple[float, float]:
    """Cox's exact likelihood: conditional logistic regression with a group a time of events."""
    strata = np.zeros(len(time)) if strata is None else strata
    entry = np.full(len(time), -np.inf) if entry is None else entry
    happened, rows, groups = [], [], []
    for number, (t, s) in enumerate(
        {(t, s) for t, s, e in zip(time, strata, event, strict=True) if e}
    ):
        here = np.flatnonzero((time >= t) & (entry < t) & (strata == s))
        happened.append((time[here] == t) & (event[here] > 0))
        rows.append(X[here])
        groups.append(np.full(here.size, number))
    from statsmodels.discrete.conditional_models import ConditionalLogit  # noqa: PLC0415 - slow to import

    fit = ConditionalLogit(
        np.concatenate(happened).astype(float), np.concatenate(rows), groups=np.concatenate(groups)
    ).fit(disp=False, method="newton", tol=1e-10)
    return float(fit.params[0]), float(fit.bse[0])


def interval_of_survival(
    s: float, log_variance: float, scale: str, conf_level: float
) -> tuple[float, float] | None:
    """The limits of a survival probability on a scale, each written out; None where there are none.

    Kalbfleisch & Prentice 2002, section 1.4.
    """
    if not 0 < s < 1 or not np.isfinite(log_variance):
        return None
    from scipy.stats import norm  # noqa: PLC0415 - slow to import

    z = float(norm.isf((1 - conf_level) / 2))
    e = z * np.sqrt(log_variance)
    if scale == "log-log":
        k = np.exp(e / abs(np.log(s)))
        return float(s**k), float(s ** (1 / k))
    if scale == "log":
        return float(s * np.exp(-e)), float(min(s * np.exp(e), 1.0))
    if scale == "plain":
        return float(max(s - e * s, 0.0)), float(min(s + e * s, 1.0))
    if scale == "logit":
        odds, w = s / (1 - s), e / (1 - s)
        low, high = odds * np.exp(-w), odds * np.exp(w)
        return float(low / (1 + low)), float(high / (1 + high))
    x, w = np.arcsin(np.sqrt(s)), 0.5 * e * np.sqrt(s / (1 - s))
    return float(np.sin(max(x - w, 0)) ** 2), float(np.sin(min(x + w, np.pi / 2)) ** 2)


def codes_of(frame: pd.DataFrame, names: tuple[str, ...]) -> FloatArray | None:
    """A number for each combination of strata; None without strata."""
    if not names:
        return None
    each = frame[list(names)].astype(str)
    kinds = each.drop_duplicates()  # joined once, however many rows have them
    keys = pd.Series(kinds.agg("|".join, axis=1).to_numpy(), pd.MultiIndex.from_frame(kinds))
    codes = pd.Series(pd.factorize(keys, sort=True)[0].astype(float), keys.index)
    found = codes.reindex(pd.MultiIndex.from_frame(each))
    return np.asarray(found, dtype=float)
