"""Sites and countries of a trial, each with effects of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import BLOCK, TRIAL, Draws, category
from ketaoutcomes.cohorts.simulation.new_trials import factor_of
from ketaoutcomes.cohorts.simulation.parts_design import Sites
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHAPE_OF_SIZES = 1.5
"""Sites enrol at rates of a gamma distribution of about this shape (Anisimov & Fedorov 2007,
doi:10.1002/sim.2956): few enrol most."""


@dataclass(frozen=True)
class SiteEffects:
    """What the site of each subject of a block changes.

    Attributes
    ----------
    baseline : array
        Points at entry.
    placebo, drug, leaving : array
        Factors of the response to everything but the drug, of the drug effect and of the hazard of
        stopping; 1 on average over sites.
    """

    baseline: FloatArray
    placebo: FloatArray
    drug: FloatArray
    leaving: FloatArray


def with_sites(scenario: Scenario, number: int) -> Scenario:
    """The scenario with so many sites, which differ as its own do, or as usual."""
    sites = (scenario.sites or Sites()).model_copy(update={"number": number})
    return scenario.model_copy(update={"sites": sites})


def shares_of(sites: Sites) -> tuple[float, ...]:
    """The share of the subjects whom each site enrols, the largest first."""
    middle = 1 - (np.arange(sites.number) + 0.5) / sites.number
    rates = gammaincinv(SHAPE_OF_SIZES, middle)
    return tuple((rates / rates.sum()).tolist())


def sites_of(sites: Sites, draws: Draws) -> IntArray:
    """The number of each subject's site, from 0."""
    return category(shares_of(sites), draws.uniform("site"))


def columns_of_site(sites: Sites, draws: Draws) -> Mapping[str, Values]:
    """Site, and country where there are several, as covariates."""
    site = sites_of(sites, draws)
    digits = len(str(sites.number))
    names = np.array([f"Site {place + 1:0{digits}d}" for place in range(sites.number)])
    columns: dict[str, Values] = {"site": names[site]}
    if sites.countries:
        columns["country"] = np.array(list(sites.countries))[_country_of_sites(sites)[site]]
    return columns


def _country_of_sites(sites: Sites) -> IntArray:
    """The number of each site's country: large and small sites are in every country."""
    # The golden ratio spreads the sites evenly over the countries' shares, whatever their number.
    spread = ((np.arange(sites.number) + 0.5) * (np.sqrt(5) - 1) / 2) % 1
    return category(tuple(sites.countries.values()), spread)


def effects_of_sites(sites: Sites, draws: Draws, subjects_a_set: int = 0) -> SiteEffects:
    """What each subject's site changes.

    Parameters
    ----------
    subjects_a_set : int
        So many subjects each share a set of sites; 0 lets all of them, and 1 gives each subject the
        effects of a site of their own: what is found then holds for all sites there could be.
    """
    site = sites_of(sites, draws)

    def effect(purpose: str) -> FloatArray:
        name = f"site {purpose}"
        if subjects_a_set == 1:
            return draws.normal(name)
        sets = (draws.block * BLOCK + np.arange(BLOCK)) // (subjects_a_set or 2**62)
        return _drawn(sites, Draws(draws.seed, TRIAL), name, int(sets[-1]) + 1)[sets, site]

    return SiteEffects(
        baseline=sites.baseline * effect("baseline"),
        placebo=factor_of(sites.placebo, effect("placebo")),
        drug=factor_of(sites.drug, effect("drug")),
        leaving=factor_of(sites.leaving, effect("leaving")),
    )


def _drawn(sites: Sites, draws: Draws, purpose: str, sets: int) -> FloatArray:
    """Standard normal effects of the sites of so many sets, shape (sets, sites).

    Sites of a country share a part of the variance.
    """
    own = draws.generator(purpose).standard_normal((sets, sites.number))
    if not sites.countries:
        return own
    country = draws.generator(f"{purpose} country").standard_normal((sets, len(sites.countries)))
    shared = sites.of_country
    return np.asarray(
        np.sqrt(shared) * country[:, _country_of_sites(sites)] + np.sqrt(1 - shared) * own
    )
