"""Competing risks and concordance against R's survival and cmprsk."""

import numpy as np
from comparisons import close, numbers
from survival_files import Case, Folder, matrix

from ketaoutcomes.numerics.survival.competing_risks import cumulative_incidence, mean_time_in_state
from ketaoutcomes.numerics.survival.concordance import concordance
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.fine_gray import fit_fine_gray
from ketaoutcomes.numerics.survival.gray_test import gray_test
from tolerances import EXACT, SAME_OPTIMUM

OTHER_TIES_OF_CENSORING = 0.005
"""crr leaves subjects with an event at risk of censoring at that very time, finegray does not."""


def aalen_johansen_case(folder: Folder, case: Case) -> None:
    data = folder.data("mgus2_cr")
    for sex in "FM":
        rows = data[data["sex"] == sex]
        curve = cumulative_incidence(rows["etime"], rows["ev"])
        here = [k for k, name in enumerate(case["strata"]) if name == f"sex={sex}"]
        times = numbers(case["time"])[here]
        place = np.searchsorted(curve.times, times, side="right") - 1
        for key, values in (
            ("pstate", curve.probability),
            ("std_err", curve.std_error),
            ("lower", curve.conf_low),
            ("upper", curve.conf_high),
        ):
            close(values[place], numbers(case[key])[here], EXACT, key)
        table = case["table"]
        names = [f"sex={sex}, {state}" for state in case["states"]]
        expected = [table["values"][table["rownames"].index(name)][2] for name in names]
        close(mean_time_in_state(curve, data["etime"].max()), expected, EXACT)


def incidence_case(folder: Folder, case: Case) -> None:
    data = folder.data("mgus2_cr")
    rho = 1.0 if "rho=1" in case["call"] else 0.0
    strata = data["age"] > 70 if "strata" in case["call"] else None
    for cause, expected in enumerate(matrix(case["gray_test"]), start=1):
        test = gray_test(data["etime"], data["ev"], data["sex"], cause, rho=rho, strata=strata)
        close([test.statistic, test.p_value, test.df], expected, EXACT * 10, "Gray's test")
    for name in case.get("est", {}).get("rownames", ()):
        sex, cause = name.split(" ")
        rows = data[data["sex"] == sex]
        curve = cumulative_incidence(rows["etime"], rows["ev"])
        place = np.searchsorted(curve.times, case["times"], side="right") - 1
        row = case["est"]["rownames"].index(name)
        found = curve.probability[place, int(cause)]
        close(found, case["est"]["values"][row], EXACT, name)
        variance = curve.delta_variance[place, int(cause) - 1]
        np.testing.assert_allclose(variance, case["var"]["values"][row], rtol=EXACT)


def _complete(folder: Folder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = folder.data("mgus2_cr").dropna(subset=["hgb"])
    X = np.column_stack([data["age"], data["sex"] == "M", data["hgb"]]).astype(float)
    return data["etime"].to_numpy(float), data["ev"].to_numpy(), X


def cause_specific_case(folder: Folder, case: Case) -> None:
    time, cause, X = _complete(folder)
    fits = [fit_cox(cox_model(time, cause == k, X)) for k in (1, 2)]
    for k, fit in enumerate(fits, start=1):
        expected = case[f"cause{k}"]
        found = np.column_stack([fit.beta, fit.std_error])
        close(found, matrix(expected["coefficients"])[:, [0, 2]], SAME_OPTIMUM)
        close(fit.covariance, expected["var"], SAME_OPTIMUM)
        likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
        close(likelihoods, expected["loglik"], EXACT * 10)
    together = np.concatenate([fit.beta for fit in fits])
    close(together, list(case["multistate"]["coef"].values()), SAME_OPTIMUM)


def fine_gray_case(folder: Folder, case: Case) -> None:
    time, cause, X = _complete(folder)
    for k, name in ((1, "pcm"), (2, "death")):
        expected = case[name]
        fit = fit_fine_gray(time, cause, X, k)
        clustered = matrix(expected["coxph_cluster_id"])
        close(fit.beta, clustered[:, 0], SAME_OPTIMUM)
        close(fit.std_error, clustered[:, 3], SAME_OPTIMUM)
        close(fit.covariance, expected["var_cluster"], SAME_OPTIMUM)
        likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
        close(likelihoods, expected["loglik"], EXACT * 10)
        breslow = fit_fine_gray(time, cause, X, k, ties="breslow")
        close(breslow.beta, matrix(expected["coxph_cluster_breslow"])[:, 0], SAME_OPTIMUM)
        other = np.array(list(expected["crr_coef"].values()))
        assert (np.abs(breslow.beta - other) < OTHER_TIES_OF_CENSORING * np.abs(other) + 1e-3).all()


def concordance_case(folder: Folder, case: Case) -> None:
    data = folder.lung("ph.ecog")
    fit = fit_cox(cox_model(data["time"], data["event"], data[["age", "sex", "ph.ecog"]]))
    risk = fit.model.X @ fit.beta
    for weight in ("n", "S", "S/G", "n/G2"):
        found = concordance(data["time"], data["event"], risk, weight=weight)
        expected = case[weight]
        close(found.estimate, expected["concordance"], EXACT)
        close(found.std_error**2, expected["var"], EXACT)
        pairs = [found.concordant, found.discordant, found.tied_risk, found.tied_time]
        counts = [expected["count"][k] for k in ("concordant", "discordant", "tied.x", "tied.y")]
        close(pairs, counts, EXACT * 10)
