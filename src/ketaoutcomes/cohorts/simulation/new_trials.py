"""A new trial has a drug effect, a placebo response and adverse-event rates of its own."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ketaoutcomes.cohorts.simulation.draws import Draws
from ketaoutcomes.cohorts.simulation.parts_events import AdverseEvent
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]
Drawn = TypeVar("Drawn", float, FloatArray)

DRUG = "drug effect"
PLACEBO = "placebo response"
AMOUNTS = ("mean", "sd", "others_mean", "others_sd")
"""What grows with an effect; the share of responders does not."""


def factor_of(sd: float, drawn: Drawn) -> Drawn:
    """The multiple of the typical trial: log-normal, 1 on average.

    Parameters
    ----------
    sd : float
        SD between trials of the logarithm.
    drawn : float or array
        Standard normal.
    """
    return np.exp(sd * drawn - sd**2 / 2)


def percent_in_trial(percent: FloatArray, shift: float | FloatArray) -> FloatArray:
    """Per cent with an adverse event in a trial whose log odds are higher by `shift`.

    What nobody or everybody has in the typical trial, nobody or everybody has in any.
    """
    return np.asarray(100 * expit(logit(percent / 100) + shift))


def factors_of_first_trial(scenario: Scenario, seed: int) -> dict[str, float]:
    """The multiples of `drug` effect and `placebo` response of the trial of this seed."""
    draws, spread = Draws(seed, 0), scenario.between_trials
    return {
        "drug": factor_of(spread.drug, draws.of_trial(DRUG)),
        "placebo": factor_of(spread.placebo, draws.of_trial(PLACEBO)),
    }


def first_trial(scenario: Scenario, seed: int) -> Scenario:
    """The scenario as the trial of this seed has it."""
    draws, spread = Draws(seed, 0), scenario.between_trials
    severity = scenario.severity
    changed = {
        name: getattr(severity, name).model_copy(
            update={field: factor * getattr(getattr(severity, name), field) for field in AMOUNTS}
        )
        for name, factor in factors_of_first_trial(scenario, seed).items()
    }
    events = {
        term: _in_trial(event, spread.adverse_events * draws.of_trial(term))
        for term, event in scenario.adverse_events.items()
    }
    return scenario.model_copy(
        update={"severity": severity.model_copy(update=changed), "adverse_events": events}
    )


def _in_trial(event: AdverseEvent, shift: float) -> AdverseEvent:
    """An adverse event with the percentages of a trial."""
    typical = np.array(list(event.percent.values()), dtype=float)
    percent = percent_in_trial(typical, shift).tolist()
    update: dict[str, object] = {"percent": dict(zip(event.percent, percent, strict=True))}
    if event.spontaneous_percent is not None:
        alone = np.array([event.spontaneous_percent])
        update["spontaneous_percent"] = float(percent_in_trial(alone, shift)[0])
    return event.model_copy(update=update)
