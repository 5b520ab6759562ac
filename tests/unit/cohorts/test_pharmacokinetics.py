"""Closed forms of the plasma level against a numerical solution, and published peaks."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ketaoutcomes.cohorts.simulation.pharmacokinetics import (
    ABSORPTION,
    DISPOSITION,
    INFUSION_HOURS,
    NG_PER_ML,
    Absorption,
    Disposition,
    _absorbed,
    level,
    two_compartments,
)

HOURS = np.array([0.0, 0.1, 0.25, 0.5, INFUSION_HOURS, 0.8, 1.0, 2.0, 4.0, 8.0])
CLEARANCE, VOLUME = 1.15, 1.35


def rate_constants(d: Disposition) -> tuple[float, float, float]:
    """k10, k12 and k21 of a two-compartment model from its exponential terms."""
    (a, b), (alpha, beta) = d.weights, d.rates
    k21 = (a * beta + b * alpha) / (a + b)
    k10 = alpha * beta / k21
    return k10, alpha + beta - k21 - k10, k21


def numerical(route: str) -> np.ndarray:
    """The level of ketamine after 1 mg/kg by integration of the differential equations."""
    k10, k12, k21 = rate_constants(DISPOSITION["ketamine"])
    volume = 1 / sum(DISPOSITION["ketamine"].weights)
    infused = route == "intravenous"
    absorption = None if infused else ABSORPTION[route]

    def slope(_hour: float, y: np.ndarray, flow: float) -> list[float]:
        depot, central, outer = y
        emptied = 0.0 if absorption is None else absorption.rate * depot
        return [
            -emptied,
            flow + emptied - (k10 + k12) * central + k21 * outer,
            k12 * central - k21 * outer,
        ]

    y = np.array([0.0 if absorption is None else absorption.available, 0.0, 0.0])
    during, after = HOURS[HOURS <= INFUSION_HOURS], HOURS[HOURS >= INFUSION_HOURS]
    found = []
    for hours, flow in ((during, 1 / INFUSION_HOURS if infused else 0.0), (after, 0.0)):
        solution = solve_ivp(
            slope, (hours[0], hours[-1]), y, t_eval=hours, args=(flow,), rtol=1e-10, atol=1e-13
        )
        y = solution.y[:, -1]
        found.append(solution.y[1])
    return NG_PER_ML * np.concatenate([found[0], found[1][1:]]) / volume


@pytest.mark.parametrize(
    "route", ["intravenous", "intramuscular", "intranasal", "subcutaneous", "sublingual", "oral"]
)
def test_the_closed_form_solves_the_differential_equations(route: str) -> None:
    # The integration has a relative tolerance of 1e-10 a step.
    closed = level("ketamine", route, HOURS)
    np.testing.assert_allclose(closed, numerical(route), rtol=1e-7, atol=1e-6)


def test_both_exponentials_give_clearance_and_volume() -> None:
    made = two_compartments(CLEARANCE, VOLUME, 11 / 60, 2.5)
    assert sum(made.weights) == pytest.approx(1 / VOLUME)
    area = sum(a / r for a, r in zip(made.weights, made.rates, strict=True))
    assert area == pytest.approx(1 / CLEARANCE)


@pytest.mark.parametrize("route", ["intravenous", "intramuscular", "oral"])
def test_the_area_is_the_dose_that_arrives_over_the_clearance(route: str) -> None:
    hours = np.linspace(0, 60, 60_001)
    area = np.trapezoid(level("ketamine", route, hours), hours)
    arrives = 1.0 if route == "intravenous" else ABSORPTION[route].available
    # The trapezium rule at 0.001 h, cut at 24 half-lives.
    assert area == pytest.approx(NG_PER_ML * arrives / CLEARANCE, rel=1e-5)


def test_equal_rates_of_absorption_and_loss_have_their_limit() -> None:
    hours = np.array([0.5, 1.0, 3.0])
    near = _absorbed(Absorption(1.0, 2.0), 2.0 + 1e-6, hours)
    np.testing.assert_allclose(_absorbed(Absorption(1.0, 2.0), 2.0, hours), near, rtol=1e-5)


def test_nothing_is_in_the_blood_before_the_dose() -> None:
    assert level("ketamine", "oral", np.array([-5.0, -0.1])).tolist() == [0.0, 0.0]


# 185 ng/mL at the end of 0.5 mg/kg over 40 minutes (Zarate et al. 2006); nasal esketamine peaks 20
# to 40 minutes after the last spray (prescribing information); sublingual at 0.75 h (Rolan et al.
# 2014); oral at 1 h (Chong et al. 2006). Tolerance: a tenth of the level, a quarter of an hour.
def test_levels_peak_as_published() -> None:
    hours = np.arange(0, 361) / 60

    def peak_hour(drug: str, route: str) -> float:
        return float(hours[level(drug, route, hours).argmax()])

    assert 0.5 * level("ketamine", "intravenous", hours).max() == pytest.approx(185, rel=0.1)
    assert 20 / 60 <= peak_hour("esketamine", "intranasal") <= 40 / 60
    assert peak_hour("ketamine", "sublingual") == pytest.approx(0.75, abs=0.25)
    assert peak_hour("ketamine", "oral") == pytest.approx(1.0, abs=0.25)
