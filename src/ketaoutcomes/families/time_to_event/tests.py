"""Tests of whether two curves differ: log-rank, weighted, and combined over groups."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.families.time_to_event.hazard_ratio import cox_of
from ketaoutcomes.families.time_to_event.plan import WeightedCombination
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank
from ketaoutcomes.numerics.survival.max_combo import max_combo
from ketaoutcomes.report.labels import plain
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


def combination_results(arms: TwoArms) -> tuple[Result, ...]:
    """The combined test and the hazard ratio that belongs to it; nothing without a combination."""
    if arms.analysis.combination is None:
        return ()
    return _combined(arms, arms.analysis.combination)


def _combined(arms: TwoArms, combination: WeightedCombination) -> tuple[Result, ...]:
    words = f"weighted combination over {plain(combination.by)}"
    test = replace(arms.between("weighted combination log-rank test"), method=words)
    ratio = replace(arms.between("hazard ratio (weighted combination)"), method=words)
    groups = [_group(arms, combination.by, label) for label in combination.weights]
    lacking = _lacking(arms, combination, groups)
    if lacking:
        return tuple(replace(row, status="failed", message=lacking) for row in (test, ratio))
    weights = np.array(list(combination.weights.values()))
    roots = np.sqrt(weights / weights.sum())
    each = np.array([_z(group) for group in groups])
    if not np.isfinite(each).all():
        message = f"a group of {combination.by} has no event while both arms were at risk"
        return tuple(replace(row, status="failed", message=message) for row in (test, ratio))
    z = float(roots @ each)
    test = replace(test, test_statistic=z, p_value=float(2 * norm.sf(abs(z))))
    return (test, _ratio(arms, ratio, groups, roots))


def _group(arms: TwoArms, by: str, label: str) -> TwoArms:
    """One group; strata that are the groups themselves drop out."""
    here = arms.frame[arms.frame[by].astype(str) == label].reset_index(drop=True)
    strata = tuple(name for name in arms.analysis.strata if name != by)
    analysis = arms.analysis.model_copy(update={"strata": strata})
    return replace(arms.kept(here), analysis=analysis)


def _lacking(arms: TwoArms, combination: WeightedCombination, groups: list[TwoArms]) -> str:
    """Why the groups cannot be combined, or nothing."""
    labels = pd.Series(arms.frame[combination.by].astype(str).unique())
    strangers = sorted(labels[~labels.isin(list(combination.weights))])
    if strangers:
        return f"no weight for {combination.by} {', '.join(strangers)}"
    for label, group in zip(combination.weights, groups, strict=True):
        if not all(group.of(arm)[1].any() for arm in (arms.active, arms.reference)):
            return f"{combination.by} {label} has no event in an arm"
    return ""


def _z(group: TwoArms) -> float:
    test = log_rank(
        group.time,
        group.event,
        group.rows["arm"],
        strata=stratum_codes(group),
        entry=group.entry,
        groups=(group.reference, group.active),
    )
    return test.z


def _ratio(arms: TwoArms, row: Result, groups: list[TwoArms], roots: np.ndarray) -> Result:
    """Log hazard ratios weighed so that the estimate over its error is the combined statistic.

    Lawrence & Hung 2003, Biom J 45:143-152: with information I_k of group k the weights are
    proportional to sqrt(w_k I_k), and the standard error is one over their sum.
    """
    fits = [fit_cox(cox_of(group, hazard_design(group))) for group in groups]
    if not all(fit.convergence.converged for fit in fits):
        return replace(row, status="failed", message="a group has no finite hazard ratio")
    each = np.array([fit.beta[0] for fit in fits])
    weights = roots / np.array([fit.std_error[0] for fit in fits])
    return arms.ratio(row, float(weights @ each / weights.sum()), float(1 / weights.sum()))
