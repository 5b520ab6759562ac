"""Plasma levels after doses by any route: closed forms, superposed over doses.

Disposition is a sum of exponentials, C(t) = D sum_j A_j exp(-l_j t) after a bolus; one term is the
one-compartment model. Input by infusion of length T at a constant rate, or of first order with rate
ka and bioavailability F, is convolved with each term (Gibaldi & Perrier 1982, Pharmacokinetics, 2nd
edn, chapters 1 and 2). Times are hours, doses mg/kg, levels ng/mL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.parts_design import Dosing, Drug, Route

FloatArray = NDArray[np.float64]

NG_PER_ML = 1000.0
"""A mg/kg over L/kg is a mg/L; a thousand ng/mL."""

REFERENCE_KG = 75.0
"""Body weight where a scenario has no covariate `weight`."""

INFUSION_HOURS = 40 / 60
"""The usual infusion (Zarate et al. 2006, doi:10.1001/archpsyc.63.8.856)."""


@dataclass(frozen=True)
class Disposition:
    """Exponential terms of the level after a bolus of 1 mg/kg.

    Attributes
    ----------
    weights : tuple of float
        A_j in kg/L.
    rates : tuple of float
        l_j an hour.
    """

    weights: tuple[float, ...]
    rates: tuple[float, ...]


@dataclass(frozen=True)
class Absorption:
    """Bioavailability and first-order rate of absorption, an hour."""

    available: float
    rate: float


def two_compartments(
    clearance: float, central_volume: float, fast_half_life: float, slow_half_life: float
) -> Disposition:
    """Both terms from clearance (L/h/kg), central volume (L/kg) and half-lives (h).

    They solve A1 + A2 = 1/V and A1/l1 + A2/l2 = 1/CL.
    """
    fast, slow = np.log(2) / fast_half_life, np.log(2) / slow_half_life
    first = (1 / clearance - 1 / (central_volume * slow)) / (1 / fast - 1 / slow)
    return Disposition(
        (float(first), float(1 / central_volume - first)), (float(fast), float(slow))
    )


# Ketamine: clearance 19 mL/min/kg, half-lives 11 min and 2.5 h (Clements, Nimmo & Grant 1982,
# doi:10.1002/jps.2600710516; slow half-life 2 h in Yanagihara et al. 2003, doi:10.1002/bdd.336);
# the central volume gives the 185 ng/mL of Zarate et al. 2006 at the end of 0.5 mg/kg over 40 min.
# Esketamine is taken to be disposed of alike (Wang et al. 2019, doi:10.2147/DDDT.S224553).
# Midazolam: clearance 4.4 mL/min/kg, half-life 2.9 h, volume 1.1 L/kg (PMC1874433).
_KETAMINE = two_compartments(1.15, 1.35, 11 / 60, 2.5)
DISPOSITION: Mapping[Drug, Disposition] = MappingProxyType(
    {
        "ketamine": _KETAMINE,
        "esketamine": _KETAMINE,
        "midazolam": two_compartments(0.264, 0.5, 12 / 60, 2.9),
    }
)

# Bioavailability: intramuscular 93 % (Clements et al. 1982), sublingual 29 %, peak at 0.75 h (Rolan
# et al. 2014, doi:10.1111/bcp.12264), oral 20 % (Yanagihara et al. 2003; 23 %, peak at 1 h in Chong
# et al. 2006, Pain Med 7:469), nasal 45 % (Yanagihara et al. 2003) and for esketamine 48 %, peak 20
# to 40 minutes after the last spray (SPRAVATO prescribing information). A study of nasal racemic
# ketamine measured only 11 to 17 % (doi:10.1002/phar.2669). Rates put the peak at the times given.
# Subcutaneous: as much as from the muscle, as in rats (PMID 29895202), and slower; the rate, with a
# peak at half an hour, is assumed.
ABSORPTION: Mapping[Route, Absorption] = MappingProxyType(
    {
        "intramuscular": Absorption(0.93, 6.0),
        "subcutaneous": Absorption(0.93, 2.6),
        "intranasal": Absorption(0.48, 2.6),
        "sublingual": Absorption(0.29, 1.3),
        "oral": Absorption(0.20, 0.8),
    }
)

# Strength relative to the racemate, by weight. Esketamine: twice, as in anaesthesia (Engelhardt et
# al. 1998, Anaesthesist 47:184-192). Midazolam at 0.045 mg/kg sedates and leaves CADSS nearly flat
# (Murrough et al. 2013, doi:10.1176/appi.ajp.2013.13030392); it does not raise blood pressure.
STRENGTH: Mapping[Drug, Mapping[str, float]] = MappingProxyType(
    {
        "ketamine": MappingProxyType({"mood": 1.0}),
        "esketamine": MappingProxyType({"mood": 2.0, "other": 2.0}),
        "midazolam": MappingProxyType({"mood": 0.0, "CADSS": 0.6, "MOAA/S": 3.0, "other": 0.0}),
        "placebo": MappingProxyType({"mood": 0.0, "other": 0.0}),
    }
)


def strength(drug: Drug, effect: str) -> float:
    """How strong a drug is in an effect, relative to the same weight of racemic ketamine."""
    known = STRENGTH[drug]
    return known.get(effect, known.get("other", 1.0))


def available(route: Route) -> float:
    """The share of a dose that reaches the blood."""
    return 1.0 if route == "intravenous" else ABSORPTION[route].available


def mg_per_kg(dosing: Dosing, weight: FloatArray | None) -> FloatArray | float:
    """The dose of an arm in mg/kg, for each subject where it depends on body weight."""
    if dosing.unit == "mg/kg":
        return dosing.dose
    return dosing.dose / (REFERENCE_KG if weight is None else weight)


def level(drug: Drug, route: Route, hours: FloatArray) -> FloatArray:
    """Level in ng/mL at hours after a dose of 1 mg/kg; nothing before it."""
    after = np.maximum(hours, 0.0)
    total = np.zeros_like(after)
    disposition = DISPOSITION[drug]
    for weight, rate in zip(disposition.weights, disposition.rates, strict=True):
        if route == "intravenous":
            total += weight * _infused(rate, after)
        else:
            total += weight * _absorbed(ABSORPTION[route], rate, after)
    return NG_PER_ML * total


def _infused(rate: float, hours: FloatArray) -> FloatArray:
    """One term after an infusion: (exp(-l (t - T)+) - exp(-l t)) / (l T)."""
    since_end = np.maximum(hours - INFUSION_HOURS, 0.0)
    return (np.exp(-rate * since_end) - np.exp(-rate * hours)) / (rate * INFUSION_HOURS)


def _absorbed(absorption: Absorption, rate: float, hours: FloatArray) -> FloatArray:
    """One term after first-order input: F ka (exp(-l t) - exp(-ka t)) / (ka - l), or its limit."""
    ka = absorption.rate
    if abs(ka - rate) < 1e-9 * ka:
        return absorption.available * ka * hours * np.exp(-ka * hours)
    return absorption.available * ka * (np.exp(-rate * hours) - np.exp(-ka * hours)) / (ka - rate)


def peak_level(drug: Drug, route: Route) -> float:
    """Highest level after 1 mg/kg, on a grid of minutes."""
    return float(level(drug, route, np.arange(0, 361) / 60).max())
