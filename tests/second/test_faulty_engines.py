"""A check that cannot fail checks nothing: faulty engines, and how many of them are caught."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faulty_engines import (
    Mutant,
    Trial,
    binary_trial,
    change_trial,
    mutants,
    paired_shares_trial,
    paired_trial,
    recurrent_trial,
    time_trial,
)
from ketaoutcomes.second.check import FAULTS_CAUGHT, FAULTS_TRIED

FEWEST, LEAST_SHARE = 60, 0.9
NO_DF = "MixedLM has no degrees of freedom, so that p-values have no second route"
SURVIVORS = {
    "random_intercept: one-sided p": NO_DF,
    "random_slope: one-sided p": NO_DF,
}
"""Mutants that the checks do not see, and why."""


@pytest.fixture(scope="module")
def every() -> tuple[Mutant, ...]:
    return tuple(mutants())


def trials() -> Iterator[tuple[str, Trial]]:
    yield "mmrm", change_trial(model="mmrm", by_visit=["baseline"])
    yield "toeplitz", change_trial(model="mmrm", covariance=["toeph"], covariates=["baseline"])
    yield "by arm", change_trial(model="mmrm", covariance_by="arm", covariates=["baseline"])
    yield "intercept", change_trial(model="random_intercept")
    yield "slope", change_trial(model="random_slope")
    yield "conditional mean", change_trial(model="conditional_mean")
    yield "gee of a change", change_trial(model="gee", covariates=["baseline"])
    yield "paired", paired_trial()
    yield "mixed model of pairs", paired_trial(method="mixed model")
    yield "pairs of yes or no", paired_shares_trial()
    yield "exact pairs of yes or no", paired_shares_trial(test="exact")
    yield "proportions", binary_trial(model="proportions", strata=["region"])
    yield "gee", binary_trial(model="gee", correlation="ar1", covariates=["baseline"])
    yield "standardised", binary_trial(model="g_computation", covariates=["baseline", "region"])
    yield "kenward-roger", change_trial(model="mmrm", df="kenward-roger", covariance=["toep"])
    yield "linear", change_trial(model="mmrm", df="kenward-roger-linear", covariance=["ar1h"])
    yield "cr2", change_trial(model="mmrm", coefficient_covariance="cr2")
    yield "cr3", change_trial(model="mmrm", coefficient_covariance="cr3", covariance_by="arm")
    yield "logistic", binary_trial(model="logistic_mixed", covariates=["baseline"])
    yield "times", time_trial(covariates=["baseline", "region"], ties="exact")
    yield "competing", time_trial(competing=["moved"], restricted_mean_test="t")
    yield "recurrent", recurrent_trial(covariates=["region"])


@pytest.mark.parametrize("trial", [pytest.param(t, id=name) for name, t in trials()])
def test_the_second_program_agrees_with_the_engine(trial: Trial) -> None:
    checks = trial.checks(trial.fitted())
    assert checks
    assert [check for check in checks if not check.agrees] == []


def test_faulty_engines_are_caught(every: tuple[Mutant, ...]) -> None:
    missed = {
        mutant.name
        for mutant in every
        if all(check.agrees for check in mutant.trial.checks(mutant.rows()))
    }
    assert len(every) >= FEWEST
    assert missed == set(SURVIVORS)
    assert (len(every), len(every) - len(missed)) == (FAULTS_TRIED, FAULTS_CAUGHT)
    assert 1 - len(missed) / len(every) >= LEAST_SHARE


def test_the_page_of_the_docs_says_how_many_were_caught() -> None:
    page = Path(__file__).parents[2] / "docs" / "methods" / "second-programs.md"
    assert f"Of {FAULTS_TRIED} errors {FAULTS_CAUGHT} are caught" in page.read_text("utf-8")
