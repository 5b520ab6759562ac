"""What docs/methods/survival.md says of lifelines still holds, so that the page stays true."""

import inspect
import warnings

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter, statistics
from lifelines.datasets import load_rossi, load_waltons
from lifelines.plotting import add_at_risk_counts
from lifelines.utils import restricted_mean_survival_time

from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.proportional_hazards import model_test
from ketaoutcomes.numerics.survival.restricted_mean import restricted_mean


def test_its_variance_of_a_restricted_mean_is_that_of_one_subject() -> None:
    """Without censoring the variance of a mean is known: that of the times over their number."""
    data = load_waltons().query("E == 1")
    time = data["T"].to_numpy(float)
    cut = np.minimum(time, 50.0)
    curve = KaplanMeierFitter().fit(time)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it integrates a step function by quadrature
        mean, variance = restricted_mean_survival_time(curve, t=50.0, return_variance=True)
    own = restricted_mean(kaplan_meier(time, np.ones(time.size, dtype=bool)), 50.0)
    assert own.estimate == pytest.approx(mean, rel=1e-6)
    assert own.variance == pytest.approx(cut.var() / time.size, rel=1e-9)
    # within the error of that quadrature
    assert variance == pytest.approx(cut.var(), rel=1e-2)


def test_its_test_of_restricted_means_does_nothing() -> None:
    curve = KaplanMeierFitter().fit([1.0, 2.0])
    test = statistics.difference_of_restricted_mean_survival_time_test
    assert test(curve, curve, 1.0) is None


def test_it_counts_at_risk_after_the_tick_unless_asked() -> None:
    asked = inspect.signature(add_at_risk_counts).parameters["at_risk_count_from_start_of_period"]
    assert asked.default is False


def test_its_proportional_hazards_test_differs_and_has_no_global_test() -> None:
    data = load_rossi()
    columns = ["fin", "age", "prio"]
    fit = CoxPHFitter().fit(data[["week", "arrest", *columns]], "week", "arrest")
    used = data[["week", "arrest", *columns]]
    theirs = statistics.proportional_hazard_test(fit, used, time_transform="km").summary
    own = fit_cox(cox_model(data["week"], data["arrest"] == 1, data[columns]))
    test = model_test(own.model, own.beta)
    assert list(theirs.index) == sorted(columns)
    gaps = [
        abs(one.statistic - theirs.loc[name, "test_statistic"])
        for name, one in zip(columns, test.terms, strict=True)
    ]
    assert max(gaps) > 0.01
    assert test.together.df == len(columns)


def test_its_log_rank_test_has_no_strata_and_cox_no_choice_of_ties() -> None:
    for what in (statistics.logrank_test, statistics.multivariate_logrank_test):
        assert "strata" not in inspect.signature(what).parameters
    assert not any("tie" in name for name in inspect.signature(CoxPHFitter).parameters)
