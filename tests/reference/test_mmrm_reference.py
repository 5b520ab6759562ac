"""Every reference result of R's mmrm is reproduced."""

from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparisons import close
from mmrm_files import Case, FevModel, fev_data, fev_model, inferences, read_case
from survival_files import matrix

from ketaoutcomes.families.shared.design import arm_difference_rows, ls_mean_rows, rows_for
from ketaoutcomes.families.shared.term_tests import type_three_rows, type_two_rows
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast, f_test
from ketaoutcomes.numerics.mmrm.residuals import predict, residuals
from tolerances import DEGREES_OF_FREEDOM, SAME_OPTIMUM

STRUCTURES = ("ad", "ar1", "ar1h", "cs", "csh", "toep", "toeph", "us", "group_cs", "group_toeph")
SPATIAL_AND_WEIGHTED = ("sp_exp", "sp_exp_visitn", "weighted_ar1", "weighted_cs")
MODELS = (
    *(
        f"fev_{model}_{method}"
        for model, method in product((*STRUCTURES, *SPATIAL_AND_WEIGHTED), ("reml", "ml"))
    ),
    "fev_us_contrsum",
    "fev_us_nointeraction",
    "fev_us_onemissingvisit",
)
OTHER_SHAPES = ("fev_us_nointercept", "fev_us_df_md", "fev_ar1_keep_visit_level")
P_VALUE = 1e-3
"""Far in the tail a p-value moves by some hundred times the relative error of its df."""


@lru_cache(maxsize=len(MODELS))
def fitted(root: Path, name: str) -> FevModel:
    return fev_model(root, name)


def test_every_file_has_its_test(reference_dir):
    names = {path.stem for path in (reference_dir / "results" / "mmrm").glob("*.json")}
    assert names == {*MODELS, *OTHER_SHAPES}


@pytest.mark.parametrize("name", MODELS)
def test_likelihood_and_covariance(reference_dir, name):
    model = fitted(reference_dir, name)
    fit, case = model.fit, model.case
    assert fit.convergence.converged
    assert case["theta_gradient_max"] < 1e-9, "R itself is not at its optimum"
    assert (fit.n_obs, fit.n_subjects) == (case["n_obs"], case["n_subjects"])
    close(fit.theta, case["theta"], SAME_OPTIMUM)
    close(np.linalg.inv(fit.theta_covariance), case["theta_hessian"], SAME_OPTIMUM)
    criteria = ("loglik", "AIC", "AICc", "BIC")
    found = (fit.log_likelihood, fit.aic, fit.aicc, fit.bic)
    close(found, [case[word] for word in criteria], SAME_OPTIMUM)
    close(fit.beta_covariance, matrix(case["beta_vcov_asymptotic"]), SAME_OPTIMUM)
    close(_covariance(model), _expected_covariance(case), SAME_OPTIMUM)


def _covariance(model: FevModel) -> np.ndarray:
    """R shows a spatial covariance at distances 0 and 1."""
    fit = model.fit
    if model.structure != "sp_exp":
        return np.squeeze(fit.covariance)
    return np.squeeze(fit.model.structure.matrix(fit.theta[None], 1 - np.eye(2)))


def _expected_covariance(case: Case) -> np.ndarray:
    table = case["covariance"]
    return matrix(table) if "values" in table else np.array([matrix(t) for t in table.values()])


@pytest.mark.parametrize("name", MODELS)
def test_coefficients(reference_dir, name):
    model = fitted(reference_dir, name)
    for key, inference, expected in inferences(model):
        table = expected["coefficients"]
        assert len(model.design.names) == len(table["names"])
        close(inference.covariance, matrix(expected["vcov_beta"]), SAME_OPTIMUM, key)
        _compare(_contrasts(inference, np.eye(len(table["names"]))), table, "estimate", key)


@pytest.mark.parametrize("name", MODELS)
def test_ls_means(reference_dir, name):
    model = fitted(reference_dir, name)
    means = ls_mean_rows(model.design, ("AVISIT", "ARMCD"))
    differences = arm_difference_rows(model.design, "ARMCD", "AVISIT", "PBO")
    compared = 0
    for key, inference, expected in inferences(model):
        if "emmeans" in expected:
            table = expected["emmeans"]
            cells = table["means"]["AVISIT"], table["means"]["ARMCD"]
            assert means.levels == tuple(zip(*cells, strict=True))
            _compare(_contrasts(inference, means.L), table["means"], "emmean", key)
            _compare(_contrasts(inference, differences.L), table["contrasts"], "estimate", key)
            compared += 1
    assert compared


@pytest.mark.parametrize("name", MODELS)
def test_terms(reference_dir, name):
    model = fitted(reference_dir, name)
    compared = 0
    for key, inference, expected in inferences(model):
        for kind, rows in (("type3", type_three_rows), ("type2", type_two_rows)):
            table = expected.get(kind)
            if table is not None:
                tests = [
                    f_test(inference, rows(model.design, tuple(term.split(":"))))
                    for term in table["terms"]
                ]
                _compare_f(tests, table, f"{key} {kind}")
                compared += 1
    assert compared


def _contrasts(inference: Inference, L: np.ndarray) -> list[ContrastResult]:
    return [contrast(inference, row) for row in L]


def _compare(found: list[ContrastResult], table: Case, estimate: str, what: str) -> None:
    std_error = np.array(table["se"])
    # an estimate near zero is compared on the scale of its standard error
    difference = np.array([x.estimate for x in found]) - np.array(table[estimate])
    scale = np.maximum(np.abs(table[estimate]), std_error)
    assert (np.abs(difference) < SAME_OPTIMUM * scale).all(), what
    close([x.std_error for x in found], table["se"], SAME_OPTIMUM, what)
    close([x.df for x in found], table["df"], DEGREES_OF_FREEDOM, what)
    close([x.p_value for x in found], table["p"], P_VALUE, what)
    if "lower" in table:
        close([x.conf_low for x in found], table["lower"], DEGREES_OF_FREEDOM, what)
        close([x.conf_high for x in found], table["upper"], DEGREES_OF_FREEDOM, what)


def _compare_f(tests: list[Any], table: Case, what: str) -> None:
    assert [test.num_df for test in tests] == table["num_df"], what
    close([test.den_df for test in tests], table["den_df"], DEGREES_OF_FREEDOM, what)
    close([test.statistic for test in tests], table["F"], SAME_OPTIMUM, what)
    close([test.p_value for test in tests], table["p"], P_VALUE, what)


def test_model_without_intercept(reference_dir):
    """R codes it by all races and all cells but the last; the same space, other coefficients."""
    model = fitted(reference_dir, "fev_us_nointercept")
    close(model.fit.log_likelihood, model.case["loglik"], SAME_OPTIMUM)
    close(model.fit.theta, model.case["theta"], SAME_OPTIMUM)
    frame, design = model.frame, model.design
    cells = frame["AVISIT"] + frame["ARMCD"]
    theirs = np.hstack([pd.get_dummies(frame["RACE"]), pd.get_dummies(cells).iloc[:, :-1]])
    into_ours = np.linalg.lstsq(design.X, theirs.astype(float), rcond=None)[0]
    L = np.linalg.inv(into_ours)
    for key, inference, expected in inferences(model):
        known = {k: v[:-1] for k, v in expected["coefficients"].items()}
        _compare(_contrasts(inference, L), known, "estimate", key)
        table = expected["type3"]
        race = rows_for(design, frame.assign(ARMCD="TRT", AVISIT="VIS4"))
        tests = [f_test(inference, race), f_test(inference, L[3:])]
        _compare_f(tests, table, key)


def test_several_contrasts_at_once(reference_dir):
    """R's df_md on two blocks of contrasts and its df_1d on one."""
    case = read_case(reference_dir, "fev_us_df_md")
    model = fitted(reference_dir, "fev_us_reml")
    visit_four = np.array(case["L2"][-1], dtype=float)
    keys = [key for key in case if "|" in key]
    assert len(keys) == 7
    for key in keys:
        inference, expected = model.inference(key), case[key]
        for block in ("L", "L2"):
            test, table = f_test(inference, np.array(case[block], dtype=float)), expected[block]
            assert test.num_df == table["num_df"]
            close(test.den_df, table["denom_df"], DEGREES_OF_FREEDOM, key)
            close(test.statistic, table["f_stat"], SAME_OPTIMUM, key)
            close(test.p_value, table["p_val"], P_VALUE, key)
        one, table = contrast(inference, visit_four), expected["one"]
        close([one.estimate, one.std_error], [table["est"], table["se"]], SAME_OPTIMUM, key)
        close(one.df, table["df"], DEGREES_OF_FREEDOM, key)


@pytest.mark.parametrize("keep", [True, False], ids=["keep", "drop"])
def test_absent_visit_keeps_its_place_in_the_structure(reference_dir, keep):
    model = fev_model(reference_dir, "fev_ar1_keep_visit_level", keep_absent_visit=keep)
    expected = model.case["keep_levels" if keep else "drop_levels"]
    fit = model.fit
    close(fit.theta, expected["theta"], SAME_OPTIMUM)
    close(fit.log_likelihood, expected["loglik"], SAME_OPTIMUM)
    close(fit.covariance[0], matrix(expected["covariance"]), SAME_OPTIMUM)
    inference = Inference(fit)
    _compare(_contrasts(inference, np.eye(2)), expected["coefficients"], "estimate", "")


def test_residuals(reference_dir):
    model = fitted(reference_dir, "fev_us_reml")
    found, subject = residuals(model.fit, model.rows), pd.factorize(model.frame["USUBJID"])[0]
    visit = model.frame["AVISIT"].map(model.visits.index).to_numpy()
    for ours, theirs in (
        (found.response, "response"),
        (found.pearson, "pearson"),
        (found.normalised, "normalized"),
    ):
        first = ours[subject, visit][:20]
        close(first, model.case["residuals_first20"][theirs], SAME_OPTIMUM, theirs)


def test_predictions(reference_dir):
    """Given a subject's other outcomes; R's first 30 rows, observed or not."""
    model = fitted(reference_dir, "fev_us_reml")
    expected = np.array(model.case["predict_conditional_first30"])
    every = fev_data(reference_dir).iloc[: len(expected)]
    subjects = list(dict.fromkeys(model.frame["USUBJID"]))
    shape = (len(subjects), len(model.visits), -1)
    grid = fev_data(reference_dir).set_index("USUBJID").loc[subjects].reset_index()
    prediction = predict(model.fit, model.rows, rows_for(model.design, grid).reshape(shape))
    at = every["USUBJID"].map(subjects.index), every["AVISIT"].map(model.visits.index)
    columns = (prediction.mean, prediction.std_error, prediction.conf_low, prediction.conf_high)
    close(np.column_stack([column[at] for column in columns]), expected, SAME_OPTIMUM)
