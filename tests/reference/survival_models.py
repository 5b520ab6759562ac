"""Cox models, frailties and accelerated failure time models against R."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from comparisons import close, numbers
from survival_files import Case, Folder, matrix, with_intercept

from ketaoutcomes.numerics.survival.aft_fit import (
    aft_model,
    fit_aft,
    predict_quantiles,
    right_censored_limits,
)
from ketaoutcomes.numerics.survival.concordance import concordance
from ketaoutcomes.numerics.survival.cox_baseline import baseline_hazard, predict_survival
from ketaoutcomes.numerics.survival.cox_fit import CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_penalised import fit_penalised, ridge
from ketaoutcomes.numerics.survival.cox_residuals import (
    deviance_residuals,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, cox_model
from ketaoutcomes.numerics.survival.frailty import FrailtyFit, fit_frailty
from ketaoutcomes.numerics.survival.proportional_hazards import model_test
from ketaoutcomes.numerics.survival.time_splitting import split_at_events
from tolerances import EXACT, OTHER_SOFTWARE, SAME_OPTIMUM

ROUNDED = 0.006
"""R's summary rounds the Wald test to two decimals."""

STOPPED_EARLY = 0.02
"""With its default settings R stops the search for the frailty variance at the second digit."""

INNER_STEPS = 2e-4
"""R refits with few steps at each trial of the variance, so that its estimates trail behind."""

STRATA = ["squamous", "smallcell", "adeno", "large", *(f"enum={k}" for k in (1, 2, 3, 4))]
"""R's order of the strata, of either dataset."""


@dataclass(frozen=True)
class Fitted:
    """A model fitted again, with what R was told beside it."""

    fit: CoxFit
    terms: list[list[int]] | None = None
    clustered: bool = False
    shift: float = 1.0


def _fit(model: CoxModel, cluster: Any = None, terms: Any = None, shift: float = 1.0) -> Fitted:
    return Fitted(fit_cox(model, cluster), terms, cluster is not None, shift)


def _lung(ties: str) -> Callable[[Folder], Fitted]:
    def build(folder: Folder) -> Fitted:
        data = folder.lung("ph.ecog")
        X = data[["age", "sex", "ph.ecog"]]
        return _fit(cox_model(data["time"], data["event"], X, ties=ties))

    return build


def _lung_robust(folder: Folder) -> Fitted:
    data = folder.lung("ph.ecog")
    model = cox_model(data["time"], data["event"], data[["age", "sex", "ph.ecog"]])
    return _fit(model, np.arange(len(data)))


def _lung_sex(folder: Folder) -> Fitted:
    data = folder.lung()
    return _fit(cox_model(data["time"], data["event"], data[["sex"]]))


def _lung_offset(folder: Folder) -> Fitted:
    """R's baseline hazard is that at the mean of the offset."""
    data = folder.lung()
    offset = 0.5 * data["sex"]
    model = cox_model(data["time"], data["event"], data[["age"]], offset=offset)
    return _fit(model, shift=float(np.exp(offset.mean())))


def _veteran(ties: str) -> Callable[[Folder], Fitted]:
    def build(folder: Folder) -> Fitted:
        data = folder.veteran()
        cells = np.column_stack([data["cell"] == k for k in (1, 2, 3)])
        rest = data[["karno", "diagtime", "age", "prior"]]
        X = np.column_stack([data["trt"], cells, rest])
        terms = [[0], [1, 2, 3], [4], [5], [6], [7]]
        return _fit(cox_model(data["time"], data["event"], X, ties=ties), terms=terms)

    return build


def _veteran_strata(folder: Folder) -> Fitted:
    data = folder.veteran()
    X = data[["trt", "karno"]]
    return _fit(cox_model(data["time"], data["event"], X, strata=data["cell"]))


def _bladder(name: str) -> Callable[[Folder], Fitted]:
    def build(folder: Folder) -> Fitted:
        data = folder.data("bladder2")
        X, strata = data[["rx", "number", "size"]], data["enum"]
        start, stop, event = data["start"], data["stop"], data["event"]
        models = {
            "AG": lambda: cox_model(stop, event, X, entry=start),
            "PWP_total": lambda: cox_model(stop, event, X, entry=start, strata=strata),
            "PWP_gap": lambda: cox_model(stop - start, event, X, strata=strata),
        }
        return _fit(models[name](), data["id"])

    return build


def _bladder_wlw(*, interactions: bool) -> Callable[[Folder], Fitted]:
    def build(folder: Folder) -> Fitted:
        data = folder.data("bladder")
        columns = ["rx", "number", "size"]
        if interactions:
            columns = ["rx", "size", "number"]
        blocks = [data[columns].to_numpy(float)]
        if interactions:
            later = np.column_stack([data["enum"] == k for k in (2, 3, 4)])
            blocks += [data[[column]].to_numpy() * later for column in columns]
        X = np.concatenate(blocks, axis=1)
        return _fit(cox_model(data["stop"], data["event"], X, strata=data["enum"]), data["id"])

    return build


MODELS: dict[str, Callable[[Folder], Fitted]] = {
    "cox_lung_efron": _lung("efron"),
    "cox_lung_breslow": _lung("breslow"),
    "cox_lung_exact": _lung("exact"),
    "cox_lung_robust": _lung_robust,
    "cox_lung_sex_only": _lung_sex,
    "cox_lung_offset": _lung_offset,
    "cox_veteran_efron": _veteran("efron"),
    "cox_veteran_breslow": _veteran("breslow"),
    "cox_veteran_strata": _veteran_strata,
    "cox_bladder_AG": _bladder("AG"),
    "cox_bladder_PWP_total": _bladder("PWP_total"),
    "cox_bladder_PWP_gap": _bladder("PWP_gap"),
    "cox_bladder_WLW": _bladder_wlw(interactions=False),
    "cox_bladder_WLW_interactions": _bladder_wlw(interactions=True),
}


def cox_case(name: str) -> Callable[[Folder, Case], None]:
    def check(folder: Folder, case: Case) -> None:
        fitted = MODELS[name](folder)
        assert fitted.fit.convergence.converged
        _same_coefficients(fitted.fit, case)
        _same_tests(fitted.fit, case)
        _same_concordance(fitted, case)
        if "residuals_first10" in case:
            _same_residuals(fitted.fit, case["residuals_first10"])
        for transform, expected in case.get("cox_zph", {}).items():
            test = model_test(fitted.fit.model, fitted.fit.beta, fitted.terms, transform)
            _same_proportional_hazards(test, expected)
        if "cox_zph_terms_false_km" in case:
            test = model_test(fitted.fit.model, fitted.fit.beta)
            _same_proportional_hazards(test, case["cox_zph_terms_false_km"])
        _same_baseline(fitted, case)
        if "predict_surv" in case:
            _same_prediction(fitted.fit, case, name)

    return check


def _same_coefficients(fit: CoxFit, case: Case) -> None:
    expected = case["coefficients"]
    close(fit.beta, expected["coef"], SAME_OPTIMUM, "coef")
    close(np.diag(fit.model_covariance) ** 0.5, expected["se(coef)"], SAME_OPTIMUM, "se")
    close(fit.std_error, expected.get("robust se", expected["se(coef)"]), SAME_OPTIMUM, "se")
    close(fit.beta / fit.std_error, expected["z"], 10 * SAME_OPTIMUM, "z")
    close(fit.covariance, case["var"], SAME_OPTIMUM, "var")
    if case["naive_var"] is not None:
        close(fit.model_covariance, case["naive_var"], SAME_OPTIMUM, "naive_var")


def _same_tests(fit: CoxFit, case: Case) -> None:
    assert fit.n_events == case["nevent"]
    found = [fit.log_likelihood_null, fit.log_likelihood, fit.aic, fit.bic]
    close(found, [*case["loglik"], case["AIC"], case["BIC"]], EXACT * 10, "loglik")
    close(fit.likelihood_ratio.statistic, case["logtest"]["test"], SAME_OPTIMUM, "logtest")
    close(fit.score.statistic, case["sctest"]["test"], SAME_OPTIMUM, "sctest")
    close(fit.score.p_value, case["sctest"]["pvalue"], SAME_OPTIMUM, "sctest")
    assert fit.score.df == case["sctest"]["df"]
    assert abs(fit.wald.statistic - case["waldtest"]["test"]) < ROUNDED
    if case["robscore"] is not None:
        close(fit.robust_score.statistic, case["robscore"]["test"], SAME_OPTIMUM, "robscore")


def _same_concordance(fitted: Fitted, case: Case) -> None:
    """The standard error by cluster is not ours."""
    model, data = fitted.fit.model, fitted.fit.model.data
    risk = model.X @ fitted.fit.beta + model.offset
    found = concordance(data.time, data.event, risk, entry=data.entry, strata=model.stratum)
    close(found.estimate, case["concordance"]["C"], SAME_OPTIMUM, "C")
    if not fitted.clustered:
        close(found.std_error, case["concordance"]["se(C)"], SAME_OPTIMUM, "se(C)")


def _same_residuals(fit: CoxFit, expected: Case) -> None:
    model, beta, p = fit.model, fit.beta, fit.beta.size
    score = score_residuals(model, beta)[:10]
    schoenfeld = schoenfeld_residuals(model, beta)
    scaled = schoenfeld @ fit.model_covariance * fit.n_events + beta
    dfbeta = score @ fit.model_covariance
    found = {
        "martingale": martingale_residuals(model, beta)[:10],
        "deviance": deviance_residuals(model, beta)[:10],
        "score": score,
        "schoenfeld": schoenfeld[:10],
        "scaledsch": scaled[:10],
        "dfbeta": dfbeta,
        "dfbetas": dfbeta / np.diag(fit.model_covariance) ** 0.5,
    }
    for name, values in found.items():
        shape = (10,) if values.ndim == 1 else (10, p)
        close(values, numbers(expected[name]).reshape(shape), SAME_OPTIMUM, name)


def _same_proportional_hazards(test: Any, expected: Case) -> None:
    found = [[t.statistic, t.df, t.p_value] for t in (*test.terms, test.together)]
    close(found, matrix(expected), SAME_OPTIMUM, "cox.zph")


def _same_baseline(fitted: Fitted, case: Case) -> None:
    expected = case["basehaz_uncentered"]
    if isinstance(expected, str):
        return
    baseline = baseline_hazard(fitted.fit)
    rows = [STRATA.index(label) % 4 for label in expected.get("strata", [])]
    rows = rows or [0] * len(expected["time"])
    for time, stratum, hazard in zip(expected["time"], rows, expected["hazard"], strict=True):
        here = baseline.stratum == stratum
        place = np.searchsorted(baseline.times[here], time, side="right")
        found = np.concatenate([[0.0], baseline.cumulative_hazard[here]])[place]
        close(found * fitted.shift, hazard, SAME_OPTIMUM, f"hazard at {time}")


def _same_prediction(fit: CoxFit, case: Case, name: str) -> None:
    new = pd.DataFrame(case["newdata"])
    columns = new[["age", "sex", "ph.ecog"]].to_numpy(float) if "lung" in name else None
    if columns is None:
        squamous = np.zeros((len(new), 3))
        rest = new[["karno", "diagtime", "age", "prior"]]
        columns = np.column_stack([new["trt"], squamous, rest]).astype(float)
    for k, x in enumerate(columns):
        found = predict_survival(fit, x, numbers(case["predict_times"]))
        for key, values in (
            ("surv", found.survival),
            ("std_err", found.std_error),
            ("lower", found.conf_low),
            ("upper", found.conf_high),
        ):
            close(values, numbers(case[f"predict_{key}"])[:, k], SAME_OPTIMUM, key)


def time_transform_case(folder: Folder, case: Case) -> None:
    data = folder.veteran()
    rows = split_at_events(data["time"], data["event"])
    X = data[["trt", "prior", "karno"]].to_numpy(float)[rows.row]
    X = np.column_stack([X, X[:, 2] * np.log(rows.time + 20)])
    fit = fit_cox(cox_model(rows.time, rows.event, X, entry=rows.entry))
    close(fit.beta, matrix(case["coefficients"])[:, 0], SAME_OPTIMUM)
    close(fit.covariance, case["var"], SAME_OPTIMUM)
    close([fit.log_likelihood_null, fit.log_likelihood], case["loglik"], EXACT * 10)


def ridge_case(folder: Folder, case: Case) -> None:
    """R scales the penalty by the variance over all rows, before it drops incomplete ones."""
    data, whole = folder.lung("ph.ecog", "wt.loss"), folder.lung()
    columns = ["age", "sex", "ph.ecog", "wt.loss"]
    weight = whole[columns].var().to_numpy() * [0, 0, 1, 1]
    fit = fit_penalised(cox_model(data["time"], data["event"], data[columns]), ridge(1, weight))
    close(fit.beta, list(case["coef"].values()), SAME_OPTIMUM)
    close(fit.covariance, case["var"], SAME_OPTIMUM)
    close([fit.log_likelihood_null, fit.log_likelihood], case["loglik"], EXACT * 10)
    close(fit.degrees_of_freedom[2:].sum(), case["df"][2], SAME_OPTIMUM)


def _kidney(folder: Folder, *, disease: bool) -> tuple[pd.DataFrame, np.ndarray]:
    data = folder.data("kidney").assign(id=lambda f: [f"{k:03d}" for k in f["id"]])
    X = data[["age", "sex"]].to_numpy(float)
    if disease:
        X = np.column_stack([X, *(data["disease"] == name for name in ("GN", "AN", "PKD"))])
    return data, X


def _diagonal_effects(fit: FrailtyFit, p: int) -> np.ndarray:
    """Covariance as R has it: the block of the effects taken as diagonal."""
    H = np.linalg.inv(fit.penalised.covariance)
    H[p:, p:] = np.diag(np.diag(H)[p:])
    return np.linalg.inv(H)


def gamma_frailty_case(folder: Folder, case: Case) -> None:
    disease = "disease" in case["call"]
    data, X = _kidney(folder, disease=disease)
    fit = fit_frailty(data["time"], data["status"], X, data["id"], "gamma")
    p = X.shape[1]
    beta = matrix(case["coefficients"])[:p, 0]
    tight = "1e-12" in case["call"] or disease
    tolerance = OTHER_SOFTWARE if tight else STOPPED_EARLY
    assert fit.converged
    assert abs(fit.variance - case["theta"]) < tolerance
    close(fit.beta, beta, tolerance)
    close(_diagonal_effects(fit, p)[:p, :p], case["var"], tolerance)
    close(fit.log_likelihood, case["c_loglik"], SAME_OPTIMUM)
    close(fit.log_likelihood_null, case["loglik"][0], EXACT * 10)
    if tight and not fit.at_boundary:
        close(fit.effects, case["frail"], OTHER_SOFTWARE)
    assert fit.at_boundary == (case["theta"] < 1e-6)


def gaussian_frailty_case(folder: Folder, case: Case) -> None:
    """R solves the REML equation with the block of the effects as diagonal; so does this test."""
    data, X = _kidney(folder, disease=True)
    theta, p = case["theta"], X.shape[1]
    fit = fit_frailty(data["time"], data["status"], X, data["id"], "gaussian reml", variance=theta)
    covariance = _diagonal_effects(fit, p)
    solved = (fit.effects @ fit.effects + np.diag(covariance)[p:].sum()) / fit.effects.size
    close(solved, theta, OTHER_SOFTWARE)
    close(fit.beta, matrix(case["coefficients"])[:p, 0], OTHER_SOFTWARE)
    close(covariance[:p, :p], case["var"], INNER_STEPS)
    close(fit.effects, case["frail"], INNER_STEPS)


def mixed_cox_case(folder: Folder, case: Case) -> None:
    """At coxme's variance all is equal; ours has the higher likelihood."""
    if "kidney" in case["dataset"]:
        data, X = _kidney(folder, disease=False)
        group, event = data["id"], data["status"] == 1
    else:
        data = folder.lung("inst")
        X, group, event = data[["age", "sex"]].to_numpy(float), data["inst"], data["event"]
    (effects,) = case["varcorr"].values()
    there = fit_frailty(data["time"], event, X, group, variance=effects["Intercept"])
    close(there.beta, list(case["coef"].values()), SAME_OPTIMUM)
    close(there.covariance, matrix(case["vcov"]), SAME_OPTIMUM)
    close(there.log_likelihood, case["loglik"]["Integrated"], SAME_OPTIMUM)
    (expected,) = case["ranef"].values()
    labels = {name.lstrip("0").removesuffix(".0"): b for name, b in _effects(there).items()}
    close([labels[name] for name in expected], list(expected.values()), SAME_OPTIMUM)
    own = fit_frailty(data["time"], event, X, group)
    assert own.log_likelihood >= there.log_likelihood - 1e-9
    assert own.log_likelihood - there.log_likelihood < 0.002


def _effects(fit: FrailtyFit) -> dict[str, float]:
    return dict(zip(fit.clusters, fit.effects, strict=True))


AFT_LAWS = {"loglogistic": "log-logistic", "lognormal": "log-normal"}


def aft_case(name: str) -> Callable[[Folder, Case], None]:
    """Accelerated failure time models, named aft_data_law."""

    def check(folder: Folder, case: Case) -> None:
        fit = _AFT.get(name, _aft_lung)(folder, name)
        values = matrix(case["table"])
        assert fit.converged
        close(fit.theta, values[:, 0], SAME_OPTIMUM, "coefficients")
        close(fit.covariance, matrix(case["var"]), SAME_OPTIMUM, "var")
        close(fit.std_error, values[:, 1], SAME_OPTIMUM, "std. error")
        close(fit.log_likelihood, case["loglik"][1], EXACT * 10, "loglik")
        if case.get("predict_quantiles") is None:
            return
        for k, x in enumerate(with_intercept(pd.DataFrame(case["newdata"]))):
            found = predict_quantiles(fit, x, np.array([0.1, 0.5, 0.9]))
            close(found.estimate, case["predict_quantiles"][k], SAME_OPTIMUM)
            close(found.std_error, case["predict_quantiles_se"][k], SAME_OPTIMUM)

    return check


def _aft_lung(folder: Folder, name: str) -> Any:
    data, law = folder.lung("ph.ecog"), name.removeprefix("aft_lung_")
    limits = right_censored_limits(data["time"], data["event"])
    X = with_intercept(data[["age", "sex", "ph.ecog"]])
    return fit_aft(aft_model(*limits, X, AFT_LAWS.get(law, law)))


def _aft_robust(folder: Folder, _: str) -> Any:
    data = folder.lung("ph.ecog", "inst")
    limits = right_censored_limits(data["time"], data["event"])
    X = with_intercept(data[["age", "sex", "ph.ecog"]])
    return fit_aft(aft_model(*limits, X, "weibull"), data["inst"])


def _aft_strata(folder: Folder, _: str) -> Any:
    data = folder.lung("ph.ecog")
    limits = right_censored_limits(data["time"], data["event"])
    X = with_intercept(data[["age", "ph.ecog"]])
    return fit_aft(aft_model(*limits, X, "weibull", scale_strata=data["sex"]))


def _aft_tobin(folder: Folder, _: str) -> Any:
    data = folder.data("tobin")
    low = np.where(data["durable"] > 0, data["durable"], -np.inf)
    X = with_intercept(data[["age", "quant"]])
    return fit_aft(aft_model(low, data["durable"], X, "gaussian"))


def _aft_interval(folder: Folder, name: str) -> Any:
    data, law = folder.data("interval_IR_diabetes"), name.rpartition("_")[2]
    X = with_intercept(pd.DataFrame({"male": data["gender"] == "male"}).astype(float))
    return fit_aft(aft_model(data["left"], data["right"], X, AFT_LAWS.get(law, law)))


_AFT = {
    "aft_lung_weibull_robust": _aft_robust,
    "aft_lung_weibull_strata": _aft_strata,
    "aft_tobin_gaussian_left": _aft_tobin,
    "aft_interval_IR_diabetes_weibull": _aft_interval,
    "aft_interval_IR_diabetes_lognormal": _aft_interval,
    "aft_interval_IR_diabetes_loglogistic": _aft_interval,
}
