"""Partial likelihood with its derivatives, for three rules of tied events.

Cox 1972, J R Stat Soc B 34:187-220; Breslow 1974, Biometrics 30:89-99; Efron 1977, J Am Stat Assoc
72:557-565.
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray, IntArray
from ketaoutcomes.numerics.survival.cox_exact import exact_terms
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel


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


def terms_at(model: CoxModel, beta: FloatArray) -> Terms:
    """Moments of the covariates in each term, with risks scaled so that the greatest is 1."""
    sets, X, w = model.sets, model.X, model.data.weight
    _, risk = relative_risk(model, beta)
    p = X.shape[1]
    upper = np.triu_indices(p)
    columns = np.concatenate([np.ones((X.shape[0], 1)), X, X[:, upper[0]] * X[:, upper[1]]], axis=1)
    columns *= (w * risk)[:, None]
    at_risk, dying = sets.sum_at_risk(columns), sets.sum_deaths(columns)
    m = np.bincount(sets.death_set, minlength=sets.size)
    place = np.arange(sets.deaths.size) - np.repeat(np.cumsum(m) - m, m)
    thinned = place / m[sets.death_set] if model.ties == "efron" else np.zeros(place.size)
    moments = at_risk[sets.death_set] - thinned[:, None] * dying[sets.death_set]
    total, mean = moments[:, 0], moments[:, 1 : p + 1] / moments[:, :1]
    second = np.empty((total.size, p, p))
    second[:, upper[0], upper[1]] = moments[:, p + 1 :] / moments[:, :1]
    second[:, upper[1], upper[0]] = second[:, upper[0], upper[1]]
    second -= mean[:, :, None] * mean[:, None, :]
    weight = (sets.sum_deaths(w[:, None])[:, 0] / m)[sets.death_set]
    return Terms(sets.death_set, thinned, weight, total, mean, second)


def evaluate(model: CoxModel, beta: FloatArray) -> Evaluation:
    """Log partial likelihood, score and information at beta."""
    if model.ties == "exact":
        return _evaluate_exact(model, beta)
    deaths, w = model.sets.deaths, model.data.weight
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = terms_at(model, beta)
    if not (terms.total > 0).all():
        return _out_of_reach(beta.size)
    eta, _ = relative_risk(model, beta)
    log_likelihood = w[deaths] @ (eta[deaths] - eta.max()) - terms.weight @ np.log(terms.total)
    score = w[deaths] @ model.X[deaths] - terms.weight @ terms.mean
    information = np.einsum("t,tpq->pq", terms.weight, terms.second)
    return Evaluation(float(log_likelihood), score, information)


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
