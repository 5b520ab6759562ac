"""The scales on which parameters are fitted."""

from math import exp, log

from scipy.special import expit, logit

from ketaoutcomes.cohorts.evidence.parameters import FreeParameter

SMALLEST = 1e-6
"""A parameter of 0 is held this far from it on a log or logit scale."""


def to_free(spec: FreeParameter, value: float) -> float:
    """The transformed value."""
    match spec.transform:
        case "log":
            return log(max(value, SMALLEST))
        case "logit":
            return float(logit(min(max(value, SMALLEST), 1 - SMALLEST)))
        case _:
            return value


def to_value(spec: FreeParameter, free: float) -> float:
    """The value of a transformed parameter."""
    match spec.transform:
        case "log":
            return exp(free)
        case "logit":
            return float(expit(free))
        case _:
            return free
