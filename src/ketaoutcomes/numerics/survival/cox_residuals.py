"""Residuals of a proportional hazards model, with Efron's or Breslow's ties.

Therneau, Grambsch & Fleming 1990, Biometrika 77:147-160; Therneau & Grambsch 2000, Modeling
Survival Data, chapters 4 and 7.
"""

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_likelihood import (
    Terms,
    relative_risk,
    some_terms_at,
    terms_at,
)
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel


def martingale_residuals(model: CoxModel, beta: FloatArray) -> FloatArray:
    """Events observed minus expected of each row, shape (n,)."""
    terms, (_, risk), sets = terms_at(model, beta), relative_risk(model, beta), model.sets
    steps = sets.sum_by_set(np.stack([terms.hazard, terms.thinned * terms.hazard], 1))
    expected = sets.accumulate(steps[:, :1])[:, 0]
    expected[sets.deaths] -= steps[sets.death_set, 1]
    return model.data.event - risk * expected


def deviance_residuals(model: CoxModel, beta: FloatArray) -> FloatArray:
    """Martingale residuals brought to symmetry, shape (n,)."""
    martingale = martingale_residuals(model, beta)
    events = model.data.event
    expected = np.where(events, events - martingale, 1.0)
    squared = -2 * (martingale + events * np.log(expected))
    return np.sign(martingale) * np.sqrt(np.maximum(squared, 0.0))


def score_residuals(model: CoxModel, beta: FloatArray) -> FloatArray:
    """Contribution of each row to the score, without its case weight, shape (n, p)."""
    terms, (_, risk), sets, X = (
        terms_at(model, beta),
        relative_risk(model, beta),
        model.sets,
        model.X,
    )
    hazard, thinned = terms.hazard[:, None], terms.thinned[:, None]
    steps = sets.sum_by_set(np.concatenate([hazard, hazard * terms.mean], 1))
    spared = sets.sum_by_set(thinned * np.concatenate([hazard, hazard * terms.mean], 1))
    met = sets.accumulate(steps)
    met[sets.deaths] -= spared[sets.death_set]
    residuals = -risk[:, None] * (X * met[:, :1] - met[:, 1:])
    residuals[sets.deaths] += schoenfeld_residuals(model, beta)
    return residuals


def schoenfeld_residuals(model: CoxModel, beta: FloatArray) -> FloatArray:
    """Covariates of each death less their mean at risk, in order of stratum and time."""
    residuals: FloatArray = model.X[model.sets.deaths]
    for deaths, terms in some_terms_at(model, beta):
        residuals[deaths] -= means_at_risk(terms)
    return residuals


def means_at_risk(terms: Terms) -> FloatArray:
    """Mean of the covariates at risk when each death of whole sets fell, shape (n_terms, p)."""
    starts = np.flatnonzero(np.diff(terms.sets, prepend=-1))
    m = np.diff(starts, append=terms.sets.size)
    mean = np.add.reduceat(terms.mean, starts, axis=0) / m[:, None]
    return np.repeat(mean, m, axis=0)
