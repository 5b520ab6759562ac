"""Partial likelihood with its derivatives, for three rules of tied events.

Cox 1972, J R Stat Soc B 34:187-220; Breslow 1974, Biometrics 30:89-99; Efron 1977, J Am Stat Assoc
72:557-565.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray, IntArray
from ketaoutcomes.numerics.survival.cox_exact import exact_terms
from ketaoutcomes.numerics.survival.cox_risk_sets import ALL_ROWS, CoxModel

_DEATHS_AT_A_TIME = 500_000


@dataclass(frozen=True)
class Evaluation:
    """The partial likelihood at one value of beta."""

    log_likelihood: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True)
class Terms:
    """One term for each death: its risk set, thinned by the deaths already counted at that time.

    Attributes
    ----------
    sets : array, shape (n_terms,)
        Set of each term, sorted.
    thinned : array, shape (n_terms,)
        Share by which the tied deaths are discounted: 0, 1/m, 2/m ... for Efron, 0 for Breslow.
    weight, hazard : array, shape (n_terms,)
        Mean weight of the deaths at that time, and that divided by the sum of risks.
    mean : array, shape (n_terms, p)
        Mean of the covariates, weighted by risk.
    second : array, shape (n_terms, p, p)
        Covariance of the covariates, weighted by risk.
    """

    sets: IntArray
    thinned: FloatArray
    weight: FloatArray
    total: FloatArray
    mean: FloatArray
    second: FloatArray

    @property
    def hazard(self) -> FloatArray:
        """Step of the baseline hazard."""
        return self.weight / self.total


def relative_risk(model: CoxModel, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Linear predictor, and its exponential scaled so that the greatest is 1."""
    eta = model.X @ beta + model.offset
    return eta, np.exp(eta - eta.max())


@dataclass(frozen=True)
class Sums:
    """Moments of the covariates over the risk sets, and what each death takes of its set.

    Attributes
    ----------
    at_risk, dying : array, shape (n_sets, 1 + p + p (p + 1) / 2)
        Sums over those at risk and over the deaths.
    thinned, weight : array, shape (n_terms,)
        As of `Terms`.
    """

    at_risk: FloatArray
    dying: FloatArray
    thinned: FloatArray
    weight: FloatArray


def _sums_at(model: CoxModel, risk: FloatArray) -> Sums:
    sets, scaled = model.sets, model.data.weight * risk
    own = scaled[sets.deaths]
    dying = [sets.sum_by_set(column * own) for column in model.moments(sets.deaths)]
    efron = model.ties == "efron"
    return Sums(
        sets.sum_at_risk(model.moments(), scaled),
        np.column_stack(dying),
        sets.share_before if efron else np.zeros(sets.deaths.size),
        model.death_weight,
    )


def terms_at(model: CoxModel, beta: FloatArray) -> Terms:
    """Moments of the covariates in each term, with risks scaled so that the greatest is 1."""
    sums = _sums_at(model, relative_risk(model, beta)[1])
    return _terms(model, sums, ALL_ROWS)


def some_terms_at(model: CoxModel, beta: FloatArray) -> Iterator[tuple[slice, Terms]]:
    """The terms of all deaths, those of some sets at a time, and which deaths they are.

    The moments of all deaths of millions of rows take as much memory as the rows.
    """
    sums = _sums_at(model, relative_risk(model, beta)[1])
    ends = np.cumsum(model.sets.n_deaths)
    first = 0
    while first < model.sets.deaths.size:
        most = first + _DEATHS_AT_A_TIME
        place = max(int(np.searchsorted(ends, most, side="right")) - 1, 0)
        end = int(ends[place] if ends[place] > first else ends[place + 1])
        yield slice(first, end), _terms(model, sums, slice(first, end))
        first = end


def _terms(model: CoxModel, sums: Sums, deaths: slice) -> Terms:
    """The terms of some deaths."""
    p, death_set = model.X.shape[1], model.sets.death_set[deaths]
    upper = np.triu_indices(p)
    thinned = sums.thinned[deaths, None]
    moments = sums.at_risk[death_set]
    moments -= thinned * sums.dying[death_set]
    total, mean = moments[:, 0], moments[:, 1 : p + 1] / moments[:, :1]
    second = np.empty((total.size, p, p))
    second[:, upper[0], upper[1]] = moments[:, p + 1 :] / moments[:, :1]
    second[:, upper[1], upper[0]] = second[:, upper[0], upper[1]]
    second -= mean[:, :, None] * mean[:, None, :]
    return Terms(death_set, sums.thinned[deaths], sums.weight[deaths], total, mean, second)


def evaluate(model: CoxModel, beta: FloatArray) -> Evaluation:
    """Log partial likelihood, score and information at beta.

    All but the sum of the risks is summed by risk set, not by death: the moments enter score and
    information times what depends on that sum alone.
    """
    if model.ties == "exact":
        return _evaluate_exact(model, beta)
    sets, w, p = model.sets, model.data.weight, beta.size
    eta, risk = relative_risk(model, beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = _sums_at(model, risk)
        total = sums.at_risk[sets.death_set, 0] - sums.thinned * sums.dying[sets.death_set, 0]
    if not (total > 0).all():
        return _out_of_reach(p)
    deaths = sets.deaths
    log_likelihood = w[deaths] @ (eta[deaths] - eta.max()) - sums.weight @ np.log(total)
    hazard, thinned = sums.weight / total, sums.thinned
    whole, part = sets.sum_by_set(hazard), sets.sum_by_set(hazard * thinned)
    moments = whole @ sums.at_risk[:, 1:] - part @ sums.dying[:, 1:]
    score = w[deaths] @ model.X[deaths] - moments[:p]
    information = np.empty((p, p))
    i, j = np.triu_indices(p)
    information[i, j] = information[j, i] = moments[p:]
    # the means weighted by risk are (at_risk - thinned dying) / total
    rate = hazard / total
    squares = [sets.sum_by_set(rate * thinned**power)[:, None] for power in range(3)]
    a, d = sums.at_risk[:, 1 : p + 1], sums.dying[:, 1 : p + 1]
    information -= a.T @ (squares[0] * a - squares[1] * d)
    information -= d.T @ (squares[2] * d - squares[1] * a)
    return Evaluation(float(log_likelihood), score, 0.5 * (information + information.T))


def _out_of_reach(p: int) -> Evaluation:
    """Where the risks of a whole risk set vanish beside the greatest: no step may end here."""
    return Evaluation(-np.inf, np.zeros(p), np.eye(p))


def _evaluate_exact(model: CoxModel, beta: FloatArray) -> Evaluation:
    deaths = model.sets.deaths
    eta, risk = relative_risk(model, beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_total, mean, second = exact_terms(model.sets, model.X, risk)
    if not np.isfinite(log_total).all():
        return _out_of_reach(beta.size)
    log_likelihood = np.sum(eta[deaths] - eta.max()) - log_total.sum()
    score = model.X[deaths].sum(axis=0) - mean.sum(axis=0)
    return Evaluation(float(log_likelihood), score, second.sum(axis=0))
