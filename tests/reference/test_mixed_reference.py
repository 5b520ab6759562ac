"""Every reference result of R's lme4, lmerTest, pbkrtest and nlme is reproduced."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from comparisons import close
from survival_files import Case, matrix

from formulas import terms_of
from ketaoutcomes.families.shared.design import (
    Design,
    Term,
    arm_difference_rows,
    build_design,
    ls_mean_rows,
)
from ketaoutcomes.families.shared.term_tests import from_first_level, type_three_rows
from ketaoutcomes.numerics.linear_combination import ContrastResult
from ketaoutcomes.numerics.mixed.generalised import GeneralisedMixedFit, fit_generalised_mixed_model
from ketaoutcomes.numerics.mixed.inference import MixedInference, mixed_contrast, mixed_f_test
from ketaoutcomes.numerics.mixed.linear import LinearMixedFit, fit_linear_mixed_model
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from tolerances import DEGREES_OF_FREEDOM, LAPLACE_BY_LME4, QUADRATURE_BY_LME4, SAME_OPTIMUM

LMER = (
    "fev_intercept",
    "orthodont_intercept",
    "orthodont_slope",
    "sleepstudy_intercept",
    "sleepstudy_slope",
    "sleepstudy_slope_ml",
    "sleepstudy_uncorrelated",
)
GLMER = tuple(f"{data}_q{q}" for data in ("epilepsy", "respiratory") for q in (1, 7, 25))
GLS = ("fev_ar1h_reml", "fev_us_reml", "orthodont_us_ml", "orthodont_us_reml")
P_VALUE = 1e-3
"""Far in the tail a p-value moves by some hundred times the relative error of its df."""
FEV_FACTORS = {
    "RACE": ("Asian", "Black or African American", "White"),
    "SEX": ("Male", "Female"),
    "ARMCD": ("PBO", "TRT"),
    "AVISIT": ("VIS1", "VIS2", "VIS3", "VIS4"),
}


def read_case(root: Path, name: str) -> Case:
    return json.loads((root / "results" / "mixed" / f"{name}.json").read_text())


def test_every_file_has_its_test(reference_dir):
    names = {path.stem for path in (reference_dir / "results" / "mixed").glob("*.json")}
    assert names == {f"{kind}_{n}" for kind, ns in KINDS.items() for n in ns}


KINDS = {"lmer": LMER, "glmer": GLMER, "gls": GLS}


@dataclass(frozen=True)
class Linear:
    """A dataset with its design, as one of R's models has it."""

    frame: pd.DataFrame
    design: Design
    y: np.ndarray
    time: np.ndarray
    subject: np.ndarray


def linear_data(root: Path, data: str) -> Linear:
    if data == "fev":
        frame = pd.read_csv(root / "data" / "fev_data.csv").dropna(subset=["FEV1"])
        design = build_design(frame, terms_of("RACE + SEX + ARMCD * AVISIT"), FEV_FACTORS)
        time = frame["AVISIT"].map(FEV_FACTORS["AVISIT"].index)
        return _linear(frame, design, "FEV1", time, "USUBJID")
    if data == "sleepstudy":
        frame = pd.read_csv(root / "data" / "sleepstudy.csv")
        return _linear(
            frame, build_design(frame, [("Days",)], {}), "Reaction", frame["Days"], "Subject"
        )
    frame = pd.read_csv(root / "data" / "Orthodont.csv")
    frame = frame.assign(agec=frame["age"] - 11, vis=frame["age"].astype(str))
    factors = {"Sex": ("Male", "Female"), "vis": ("8", "10", "12", "14")}
    formula = "Sex * vis" if data == "orthodont_visits" else "Sex * agec"
    design = build_design(frame, terms_of(formula), factors)
    return _linear(frame, design, "distance", frame["agec"], "Subject")


def _linear(frame, design, outcome, time, subject) -> Linear:
    return Linear(
        frame,
        design,
        frame[outcome].to_numpy(dtype=float),
        time.to_numpy(dtype=float),
        pd.factorize(frame[subject])[0],
    )


@lru_cache(maxsize=len(LMER))
def fitted_lmer(root: Path, name: str) -> tuple[LinearMixedFit, Linear, Case]:
    data, effects = name.split("_", 1)
    rows = linear_data(root, data)
    Z = np.column_stack([np.ones(len(rows.y)), rows.time])
    fit = fit_linear_mixed_model(
        rows.y,
        rows.design.X,
        Z[:, :1] if effects == "intercept" else Z,
        rows.subject,
        "diagonal" if effects == "uncorrelated" else "full",
        reml=not effects.endswith("ml"),
    )
    return fit, rows, read_case(root, f"lmer_{name}")


@pytest.mark.parametrize("name", LMER)
def test_lmer_likelihood_and_variances(reference_dir, name):
    fit, rows, case = fitted_lmer(reference_dir, name)
    assert fit.converged
    assert not fit.singular
    close(fit.log_likelihood, case["loglik"], SAME_OPTIMUM)
    close(fit.beta_covariance, matrix(case["vcov"]), SAME_OPTIMUM)
    G, table = fit.random_covariance, case["varcorr"]["vcov"]
    # of the ML fit the covariance of intercept and slope agrees to 1.3e-6: there lme4 ends
    parts = [*np.diag(G), *([G[0, 1]] if len(table) - 1 > len(G) else []), fit.residual_variance]
    close(parts, table, 2 * SAME_OPTIMUM if name.endswith("ml") else SAME_OPTIMUM)
    assert fit.n_obs == case.get("n", len(rows.y))


@pytest.mark.parametrize("name", LMER)
def test_lmer_random_effects(reference_dir, name):
    fit, rows, case = fitted_lmer(reference_dir, name)
    ((column, table),) = case["ranef"].items()
    ours = pd.DataFrame(fit.random_effects, index=pd.unique(rows.frame[column]).astype(str))
    expected = matrix(table)
    scale = np.sqrt(np.diag(fit.random_covariance))
    found = ours.loc[list(map(str, table["rownames"]))].to_numpy()
    # a prediction near zero is compared on the scale of its standard deviation
    np.testing.assert_allclose(found / scale, expected / scale, SAME_OPTIMUM, SAME_OPTIMUM)


def inferences(fit: LinearMixedFit, case: Case):
    yield "satterthwaite", MixedInference(fit)
    if "coefficients_kenward_roger" in case:
        yield "kenward_roger", MixedInference(fit, "kenward-roger")


@pytest.mark.parametrize("name", LMER)
def test_lmer_coefficients_and_terms(reference_dir, name):
    fit, rows, case = fitted_lmer(reference_dir, name)
    for word, inference in inferences(fit, case):
        table = case[f"coefficients_{word}"]
        found = [mixed_contrast(inference, c) for c in np.eye(len(fit.beta))]
        _compare(found, table, "estimate")
        anova = case.get(f"anova_type3_{word}")
        if anova is None:
            continue
        terms = [_of_r(term) for term in case["anova_terms"]]
        tests = [mixed_f_test(inference, _term(rows.design, term)) for term in terms]
        assert [test.num_df for test in tests] == anova["NumDF"]
        close([test.statistic for test in tests], anova["F value"], SAME_OPTIMUM)
        close([test.den_df for test in tests], anova["DenDF"], DEGREES_OF_FREEDOM)
        close([test.p_value for test in tests], anova["Pr(>F)"], P_VALUE)
    if fit.reml:
        close(fit.kenward_roger_covariance, matrix(case["vcov_kenward_roger"]), SAME_OPTIMUM)


def _of_r(term: str) -> Term:
    return () if term == "(Intercept)" else tuple(term.split(":"))


def _term(design: Design, term: Term) -> np.ndarray:
    return from_first_level(design, term, type_three_rows(design, term))


@pytest.mark.parametrize("name", ["fev_intercept", "orthodont_slope"])
def test_lmer_ls_means(reference_dir, name):
    fit, rows, case = fitted_lmer(reference_dir, name)
    for word, inference in inferences(fit, case):
        table = case[f"emmeans_{word}"]
        means = table["means"]
        by = ("AVISIT", "ARMCD") if name == "fev_intercept" else ("Sex",)
        L = ls_mean_rows(rows.design, by)
        assert L.levels == tuple(zip(*(means[factor] for factor in by), strict=True))
        _compare([mixed_contrast(inference, c) for c in L.L], means, "emmean")
        contrasts = table.get("contrasts")
        if contrasts is not None and name == "fev_intercept":
            differences = arm_difference_rows(rows.design, "ARMCD", "AVISIT", "PBO")
            _compare([mixed_contrast(inference, c) for c in differences.L], contrasts, "estimate")


def _compare(found: list[ContrastResult], table: Case, estimate: str) -> None:
    std_error = np.array(table["se" if "se" in table else "SE"])
    difference = np.array([x.estimate for x in found]) - np.array(table[estimate])
    # an estimate near zero is compared on the scale of its standard error
    scale = np.maximum(np.abs(table[estimate]), std_error)
    assert (np.abs(difference) < SAME_OPTIMUM * scale).all()
    close([x.std_error for x in found], std_error, SAME_OPTIMUM)
    close([x.df for x in found], table["df"], DEGREES_OF_FREEDOM)
    if "p" in table:
        close([x.p_value for x in found], table["p"], P_VALUE)


@lru_cache(maxsize=len(GLMER))
def fitted_glmer(root: Path, name: str) -> tuple[GeneralisedMixedFit, Case, float]:
    """The fit, R's, and the log-likelihood of a model with a mean for every row."""
    data, nodes = name.split("_q")
    if data == "epilepsy":
        frame = pd.read_csv(root / "data" / "epilepsy.csv")
        drug, lb = frame["treatment"] != "placebo", np.log(frame["base"] / 4)
        columns = [lb, drug, np.log(frame["age"]), frame["period"] == 4, lb * drug]
        y, family = frame["seizure.rate"].to_numpy(dtype=float), "poisson"
        saturated = float((y * np.log(np.maximum(y, 1)) - y).sum() - _log_factorials(y))
    else:
        frame = pd.read_csv(root / "data" / "respiratory_model.csv")
        columns = [
            frame["centre"] == 2,
            frame["treatment"] == "treatment",
            frame["sex"] == "male",
            frame["baseline"],
            frame["age"],
        ]
        y, family, saturated = frame["y"].to_numpy(dtype=float), "binomial", 0.0
    X = np.column_stack([np.ones(len(y)), *columns]).astype(float)
    subject = pd.factorize(frame["subject"])[0]
    fit = fit_generalised_mixed_model(y, X, subject, family, int(nodes))
    return fit, read_case(root, f"glmer_{name}"), saturated


def _log_factorials(y: np.ndarray) -> float:
    return float(sum(np.log(np.arange(1, int(count) + 1)).sum() for count in y))


@pytest.mark.parametrize("name", GLMER)
def test_glmer(reference_dir, name):
    fit, case, saturated = fitted_glmer(reference_dir, name)
    laplace = name.endswith("_q1")
    tolerance = LAPLACE_BY_LME4 if laplace else QUADRATURE_BY_LME4
    table = case["coefficients"]
    std_error = np.array(table["se"])
    assert fit.converged, fit.messages
    # estimates are compared on the scale of their standard errors
    gap = (fit.beta - np.array(table["estimate"])) / std_error
    assert np.abs(gap).max() < tolerance
    close(np.sqrt(np.diag(fit.beta_covariance)), std_error, tolerance)
    close(fit.sigma, case["varcorr"]["sdcor"][0], tolerance)
    # with more than one node lme4 counts from the saturated model
    expected = case["loglik"] + (0.0 if laplace else saturated)
    close(fit.log_likelihood, expected, 1e-5 if laplace else 1e-7)
    spread = fit.sigma * tolerance
    np.testing.assert_allclose(fit.random_effects[:10], case["ranef_first10"], atol=spread)


@pytest.mark.parametrize("name", GLS)
def test_gls(reference_dir, name):
    data, structure, method = name.split("_")
    rows = linear_data(reference_dir, "orthodont_visits" if data == "orthodont" else data)
    case = read_case(reference_dir, f"gls_{name}")
    visit = np.unique(rows.time, return_inverse=True)[1]
    laid = subject_rows(rows.y, rows.design.X, rows.subject, visit, 4)
    fit = fit_mmrm(pattern_statistics(laid), structure, reml=method == "reml")
    assert fit.convergence.converged
    table = case["coefficients"]
    found = [contrast(Inference(fit, "residual"), c) for c in np.eye(len(fit.beta))]
    n, p = rows.design.X.shape
    # after ML too nlme divides by n - p where it gives standard errors
    scale = 1.0 if method == "reml" else np.sqrt(n / (n - p))
    gap = np.array([x.estimate for x in found]) - np.array(table["estimate"])
    assert np.abs(gap / np.array(table["se"])).max() < NLME
    close([scale * x.std_error for x in found], table["se"], NLME)
    close(scale**2 * fit.beta_covariance, matrix(case["vcov"]), 2 * NLME)
    close(fit.log_likelihood, case["loglik"], SAME_OPTIMUM)
    # nlme's sigma is that of the visit of the first row
    close(np.sqrt(fit.covariance[0, visit[0], visit[0]]), case["sigma"], NLME)


NLME = 1e-4
"""nlme stops at a relative change of the likelihood, at half the digits in the parameters."""
