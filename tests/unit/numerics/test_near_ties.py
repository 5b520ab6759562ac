"""Times that differ by rounding only are one time for every method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.numerics.survival.competing_risks import cumulative_incidence
from ketaoutcomes.numerics.survival.concordance import concordance
from ketaoutcomes.numerics.survival.counting import SurvivalDataError, observations
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import Ties, cox_model
from ketaoutcomes.numerics.survival.fine_gray import fit_fine_gray
from ketaoutcomes.numerics.survival.frailty import fit_frailty
from ketaoutcomes.numerics.survival.gray_test import gray_test
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank
from ketaoutcomes.numerics.survival.max_combo import max_combo
from ketaoutcomes.numerics.survival.mean_cumulative import mean_cumulative
from ketaoutcomes.numerics.survival.near_ties import tied
from ketaoutcomes.numerics.survival.pseudo_values import pseudo_restricted_mean, pseudo_survival
from ketaoutcomes.numerics.survival.restricted_mean import restricted_mean
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean
from ketaoutcomes.numerics.survival.time_splitting import split_at_events
from ketaoutcomes.numerics.survival.turnbull import turnbull

FloatArray = np.ndarray

# Ages subtracted from one another: five times, of which two are written in two ways.
_FOUR_WAYS_OF_03 = [0.3, 0.1 + 0.2, 0.5 - 0.2, 0.9 - 0.6]
TIME = np.array(
    [
        *_FOUR_WAYS_OF_03,
        *(0.4, 0.7 - 0.3, 0.5, 0.8 - 0.3, 0.6, 0.3 + 0.3, 0.7, 1.0 - 0.3),
    ]
)
EVENT = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1], bool)
GROUP = np.arange(12) % 2


def test_ages_subtracted_as_in_r() -> None:
    """R survival 3.5-3 of the same numbers: survfit, coxph and survdiff with timefix = TRUE."""
    assert np.unique(TIME).size == 7
    curve = kaplan_meier(TIME, EVENT)
    np.testing.assert_allclose(curve.times, [0.3, 0.4, 0.5, 0.6, 0.7], rtol=1e-12)
    np.testing.assert_allclose(curve.survival, [0.75, 0.65625, 0.4375, 0.328125, 0], rtol=1e-12)
    beta = fit_cox(cox_model(TIME, EVENT, GROUP[:, None])).beta[0]
    assert beta == pytest.approx(0.244810819767, rel=1e-9)
    assert log_rank(TIME, EVENT, GROUP).statistic == pytest.approx(0.165165165165, rel=1e-9)


def test_ties_hang_together_and_become_the_smallest() -> None:
    eps = 1e-8
    (column,) = tied(np.array([5 + 2 * eps, 5.0, 5 + eps, 6.0, np.inf]))
    assert column.tolist() == [5, 5, 5, 6, np.inf]
    low, high = tied(np.array([1.0, 2.0 + 1e-12]), np.array([2.0, np.inf]))
    assert (low.tolist(), high.tolist()) == ([1, 2], [2, np.inf])
    assert tied(np.zeros(0))[0].size == 0


def test_a_row_that_is_nothing_but_rounding_is_refused_as_in_r() -> None:
    with pytest.raises(SurvivalDataError, match="not after its entry"):
        observations([5, 5 + 1e-12], [1, 1], [0, 5])


@dataclass(frozen=True)
class Trial:
    """Times, kinds of events and groups, as every method takes what it needs."""

    time: FloatArray
    cause: FloatArray
    group: FloatArray

    @property
    def event(self) -> FloatArray:
        return self.cause > 0


def _cox(ties: Ties) -> Callable[[Trial], FloatArray]:
    return lambda d: fit_cox(cox_model(d.time, d.event, d.group[:, None], ties=ties)).beta


ROUTES: dict[str, Callable[[Trial], Any]] = {
    "Kaplan-Meier": lambda d: kaplan_meier(d.time, d.event).survival,
    "restricted mean": lambda d: restricted_mean(kaplan_meier(d.time, d.event), 4.0).estimate,
    "regression of it": lambda d: (
        regress_restricted_mean(
            d.time, d.event, np.column_stack([np.ones(d.time.size), d.group]), d.group, 4.0
        ).beta
    ),
    "pseudo-values": lambda d: pseudo_survival(d.time, d.event, [2.5]),
    "pseudo-values of the mean": lambda d: pseudo_restricted_mean(d.time, d.event, [2.5]),
    "log-rank": lambda d: log_rank(d.time, d.event, d.group).statistic,
    "Peto": lambda d: log_rank(d.time, d.event, d.group, Weight("peto-peto")).statistic,
    "max-combo": lambda d: max_combo(d.time, d.event, d.group).z,
    "Efron": _cox("efron"),
    "Breslow": _cox("breslow"),
    "exact": _cox("exact"),
    "frailty": lambda d: fit_frailty(d.time, d.event, d.group[:, None], d.cause, variance=0.5).beta,
    "Aalen-Johansen": lambda d: cumulative_incidence(d.time, d.cause, n_causes=2).probability,
    "Gray": lambda d: gray_test(d.time, d.cause, d.group).statistic,
    "Fine-Gray": lambda d: fit_fine_gray(d.time, d.cause, d.group[:, None]).beta,
    "concordance": lambda d: concordance(d.time, d.event, d.group).estimate,
    "split rows": lambda d: split_at_events(d.time, d.event).row,
    "Turnbull": lambda d: turnbull(d.time, np.where(d.event, d.time, np.inf)).survival,
    "mean number": lambda d: (
        mean_cumulative(np.arange(d.time.size), 0 * d.time, d.time, d.event).mean
    ),
}


@pytest.mark.parametrize("route", ROUTES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_rounding_changes_nothing(route: str, seed: int) -> None:
    """Tied times, each moved by at most 1e-10 of itself, give the same numbers by every method."""
    rng = np.random.default_rng(seed)
    n = 40
    time = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], n // 5)
    group = rng.permutation(np.arange(n) % 2)
    cause = rng.permutation(np.repeat([0, 1, 1, 2], n // 4))
    moved = time * (1 + rng.uniform(-1e-10, 1e-10, n))
    before, after = (ROUTES[route](Trial(t, cause, group)) for t in (time, moved))
    # a time is moved to the smallest of its tie, so that areas move by 1e-10 of themselves
    np.testing.assert_allclose(after, before, rtol=1e-8, atol=1e-8)
