"""Tests of two survival curves: the log-rank test and those that look where it is weak."""

from dataclasses import replace

from ketaoutcomes.families.time_to_event.two_arms import TwoArms, stratum_codes
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank
from ketaoutcomes.numerics.survival.max_combo import max_combo
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import WeightedTest

WEIGHTS: dict[WeightedTest, Weight] = {
    "Gehan-Breslow": Weight("gehan-breslow"),
    "Tarone-Ware": Weight("tarone-ware"),
    "Peto-Peto": Weight("peto-peto"),
    "Fleming-Harrington (1, 0)": Weight("fleming-harrington", 1, 0),
    "Fleming-Harrington (0, 1)": Weight("fleming-harrington", 0, 1),
    "Fleming-Harrington (1, 1)": Weight("fleming-harrington", 1, 1),
}


def survival_tests(arms: TwoArms) -> tuple[Result, ...]:
    """The log-rank test, and the tests that the plan names beside it, stratified as it is."""
    return (
        _log_rank(arms),
        *(
            _max_combo(arms) if name == "max-combo" else _weighted(arms, name)
            for name in arms.analysis.weighted_tests
        ),
    )


def _log_rank(arms: TwoArms) -> Result:
    """Log-rank test, stratified as the plan says (Mantel 1966, Cancer Chemother Rep 50:163-170)."""
    words = "stratified log-rank" if arms.analysis.strata else "log-rank"
    return _tested(arms, replace(arms.between("log-rank test"), method=words), Weight())


def _weighted(arms: TwoArms, name: WeightedTest) -> Result:
    row = replace(arms.between(f"{name} test"), method=f"log-rank with {name} weights")
    return _tested(arms, row, WEIGHTS[name])


def _tested(arms: TwoArms, row: Result, weight: Weight) -> Result:
    test = log_rank(
        arms.time,
        arms.event,
        arms.rows["arm"],
        weight,
        strata=stratum_codes(arms),
        entry=arms.entry,
        groups=(arms.reference, arms.active),
    )
    if test.reason:
        return replace(row, status="failed", message=test.reason)
    return replace(row, test_statistic=test.statistic, df=float(test.df), p_value=test.p_value)


def _max_combo(arms: TwoArms) -> Result:
    """The most extreme of four Fleming-Harrington tests."""
    test = max_combo(
        arms.time,
        arms.event,
        arms.rows["arm"],
        strata=stratum_codes(arms),
        entry=arms.entry,
        groups=(arms.reference, arms.active),
    )
    method = "most extreme of Fleming-Harrington (0, 0), (0, 1), (1, 0) and (1, 1)"
    row = replace(arms.between("max-combo test"), method=method)
    if test.reason:
        return replace(row, status="failed", message=test.reason)
    return replace(row, test_statistic=test.statistic, p_value=test.p_value)
