"""`ketaoutcomes.mmrm` with R's own formulas gives every result of R's mmrm and emmeans."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from comparisons import close
from mmrm_files import (
    CALL,
    COVARIANCES,
    DF_METHODS,
    EVERY_LEVEL,
    KENWARD_ROGER_FORMS,
    LEFT_OUT,
    Case,
    fev_data,
    read_case,
)
from survival_files import matrix

import ketaoutcomes as ko
from ketaoutcomes.api.mmrm_result import MmrmResult
from tolerances import DEGREES_OF_FREEDOM, SAME_OPTIMUM

STRUCTURES = ("ad", "ar1", "ar1h", "cs", "csh", "toep", "toeph", "us", "group_cs", "group_toeph")
OTHERS = ("sp_exp", "sp_exp_visitn", "weighted_ar1", "weighted_cs")
CASES = (
    *(f"fev_{name}_{method}" for name in (*STRUCTURES, *OTHERS) for method in ("reml", "ml")),
    "fev_us_contrsum",
    "fev_us_nointeraction",
    "fev_us_onemissingvisit",
)


@lru_cache(maxsize=256)
def fitted(root: Path, name: str, key: str) -> tuple[MmrmResult, Case]:
    """R's call, word for word where it holds the formula."""
    case = read_case(root, name)
    frame = fev_data(root)
    if left_out := LEFT_OUT.search(case["dataset"]):
        frame = frame[frame[left_out["column"]] != left_out["level"]]
    call = CALL.search(case["call"])
    assert call is not None
    at, by = call["at"].strip(), call["by"].strip()
    df_method, vcov = key.split("|")
    form = KENWARD_ROGER_FORMS.get(vcov, "") if df_method == "Kenward-Roger" else ""
    fit = ko.mmrm(
        f"FEV1 ~ {call['formula']} + {call['structure']}({at} | {by})",
        frame,
        visit="AVISIT",
        df=DF_METHODS[df_method] + form,
        vcov=COVARIANCES[vcov],
        weights="WEIGHT" if "weights" in case["call"] else None,
        method="reml" if case.get("reml", True) else "ml",
        levels={k: v for k, v in EVERY_LEVEL.items() if k in call["formula"] and k != "AVISIT"},
        coding="sum" if "contr.sum" in case["dataset"] else "treatment",
    )
    return fit, case


def _keys(root: Path, name: str) -> list[str]:
    return list(read_case(root, name)["results"])


@pytest.mark.parametrize("name", CASES)
def test_fit_and_coefficients(reference_dir, name):
    for key in _keys(reference_dir, name):
        fit, case = fitted(reference_dir, name, key)
        expected = case["results"][key]
        assert fit.converged
        assert (fit.nobs, fit.n_subjects) == (case["n_obs"], case["n_subjects"])
        close(
            [fit.llf, fit.aic, fit.bic], [case[w] for w in ("loglik", "AIC", "BIC")], SAME_OPTIMUM
        )
        close(fit.cov_params(), matrix(expected["vcov_beta"]), SAME_OPTIMUM, key)
        table = expected["coefficients"]
        _compare(fit.tidy(), table, "estimate", key)
        close(fit.bse, table["se"], SAME_OPTIMUM, key)
        close(fit.df, table["df"], DEGREES_OF_FREEDOM, key)


@pytest.mark.parametrize("name", CASES)
def test_ls_means_and_contrasts(reference_dir, name):
    compared = 0
    for key in _keys(reference_dir, name):
        fit, case = fitted(reference_dir, name, key)
        if table := case["results"][key].get("emmeans"):
            means = fit.lsmeans("ARMCD", by="AVISIT")
            assert list(means["AVISIT"]) == table["means"]["AVISIT"]
            assert list(means["ARMCD"]) == table["means"]["ARMCD"]
            _compare(means, table["means"], "emmean", key)
            _compare(fit.contrasts("ARMCD", by="AVISIT"), table["contrasts"], "estimate", key)
            compared += 1
    assert compared


@pytest.mark.parametrize("name", CASES)
def test_terms(reference_dir, name):
    for key in _keys(reference_dir, name):
        fit, case = fitted(reference_dir, name, key)
        for kind in (2, 3):
            table = case["results"][key].get(f"type{kind}")
            if table is not None:
                found = fit.anova(kind).loc[table["terms"]]
                close(found["statistic"], table["F"], SAME_OPTIMUM, key)
                close(found["den_df"], table["den_df"], DEGREES_OF_FREEDOM, key)
                assert list(found["num_df"]) == table["num_df"]


def _compare(found: pd.DataFrame, table: Case, estimate: str, what: str) -> None:
    # an estimate near zero is compared on the scale of its standard error
    scale = np.maximum(np.abs(table[estimate]), table["se"])
    apart = np.abs(found["estimate"].to_numpy() - np.array(table[estimate]))
    assert (apart < SAME_OPTIMUM * scale).all(), what
    close(found["std_error"], table["se"], SAME_OPTIMUM, what)
    close(found["df"], table["df"], DEGREES_OF_FREEDOM, what)
    if "lower" in table:
        close(found["conf_low"], table["lower"], DEGREES_OF_FREEDOM, what)
        close(found["conf_high"], table["upper"], DEGREES_OF_FREEDOM, what)


def test_residuals_and_predictions(reference_dir):
    fit, case = fitted(reference_dir, "fev_us_reml", "Satterthwaite|Asymptotic")
    for kind, theirs in (("raw", "response"), ("pearson", "pearson"), ("scaled", "normalized")):
        close(fit.residuals(kind).iloc[:20], case["residuals_first20"][theirs], SAME_OPTIMUM)
    expected = np.array(case["predict_conditional_first30"])
    found = fit.predict(fev_data(reference_dir), conditional=True)
    close(found.iloc[: len(expected)], expected, SAME_OPTIMUM)
