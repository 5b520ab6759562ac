"""Kaplan-Meier, log-rank, max-combo, restricted means, pseudo-values and Turnbull against R."""

import numpy as np
from comparisons import close, numbers
from survival_files import Case, Folder, matrix, with_intercept

from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    kaplan_meier,
    quantile,
    survival_at,
)
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank, log_rank_scores
from ketaoutcomes.numerics.survival.max_combo import max_combo
from ketaoutcomes.numerics.survival.pseudo_values import pseudo_restricted_mean, pseudo_survival
from ketaoutcomes.numerics.survival.restricted_mean import (
    difference,
    mean_interval,
    ratio,
    restricted_mean,
    time_lost_ratio,
)
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean
from ketaoutcomes.numerics.survival.turnbull import turnbull
from tolerances import EXACT, SAME_OPTIMUM

MVTNORM = 1e-4
"""The reference p-values are random integrals, with an error of that size by its own account."""

TURNBULL = 1e-5
"""R's self-consistency steps stop when they are small; ours when the gradient is (1e-9)."""

FH = "fleming-harrington"
WEIGHTS = {
    "logrank": Weight(),
    "gehan_breslow": Weight("gehan-breslow"),
    "tarone_ware": Weight("tarone-ware"),
    "peto_peto_S_minus": Weight(FH, 1, 0),
    "modified_peto_andersen": Weight("modified peto-peto"),
    "peto_Stilde": Weight("peto-peto"),
    "fh_0_1": Weight(FH, 0, 1),
    "fh_1_1": Weight(FH, 1, 1),
    "fh_05_05": Weight(FH, 0.5, 0.5),
    "fh_1_0": Weight(FH, 1, 0),
    "fh_0_05": Weight(FH, 0, 0.5),
    "fh_05_0": Weight(FH, 0.5, 0),
}


def _kaplan_meier_data(folder: Folder, case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Times and events of each stratum of the case."""
    frame = {"lung": folder.lung, "veteran": folder.veteran}.get(case["dataset"])
    data = frame() if frame else folder.data("aml").assign(event=lambda f: f["status"] == 1)
    strata = {}
    for name in case["strata"]:
        column, _, label = name.partition("=")
        rows = data if name == "all" else data[data[column].astype(str) == label]
        strata[name] = (rows["time"].to_numpy(float), rows["event"].to_numpy())
    return strata


def kaplan_meier_case(folder: Folder, case: Case) -> None:
    level = 0.9 if "conf.int = 0.9" in case["call"] else 0.95
    estimator = "kaplan-meier"
    if "stype = 2" in case["call"]:
        estimator = "fleming-harrington" if "ctype = 2" in case["call"] else "nelson-aalen"
    strata = _kaplan_meier_data(folder, case)
    for row, (name, (time, event)) in enumerate(strata.items()):
        curve = kaplan_meier(time, event, case["conf_type"], level, estimator=estimator)
        _same_curve(curve, case["strata"][name])
        for column, share in enumerate((0.25, 0.5, 0.75)):
            found = quantile(curve, share)
            expected = [case["quantiles"][k]["values"][row][column] for k in _QUANTILES]
            assert [found.estimate, found.conf_low, found.conf_high] == expected
        _same_restricted_mean(curve, case, row)
    _same_summary(strata, case, level, estimator)


_QUANTILES = ("quantile", "lower", "upper")


def _same_curve(curve: KaplanMeier, expected: Case) -> None:
    pairs = {
        "time": curve.times,
        "n_risk": curve.n_at_risk,
        "n_event": curve.n_events,
        "n_censor": curve.n_censored,
        "surv": curve.survival,
        "std_err_cumhaz_scale": curve.log_std_error,
        "lower": curve.conf_low,
        "upper": curve.conf_high,
        "cumhaz": curve.cumulative_hazard,
        "std_chaz": curve.cumulative_hazard_std_error,
    }
    for name, found in pairs.items():
        close(found, expected[name], EXACT, name)


def _same_restricted_mean(curve: KaplanMeier, case: Case, row: int) -> None:
    """R and we differ in the last event time of a curve that comes down to 0 at tau itself."""
    tau, values = case["rmean_tau"], case["table_rmean_tau"]["values"][row]
    if tau > curve.times[-1]:
        return
    mean = restricted_mean(curve, tau)
    close([mean.estimate, mean.variance**0.5], values[4:6], EXACT, "rmean")


def _same_summary(strata: Case, case: Case, level: float, estimator: str) -> None:
    """Survival and numbers at risk at chosen times."""
    expected = case["summary_times"]
    for k, tick in enumerate(expected["time"]):
        time, event = strata[expected["strata"][k]]
        assert at_risk(time, [tick])[0] == expected["n_risk"][k]
        curve = kaplan_meier(time, event, case["conf_type"], level, estimator=estimator)
        limits = [expected[name][k] for name in ("surv", "lower", "upper")]
        close(survival_at(curve, tick), limits, EXACT, f"survival at {tick}")


def weighted_kaplan_meier_case(_: Folder, case: Case) -> None:
    """The curve depends on the weights only through their sums at each time, which the file has."""
    for expected in case["strata"].values():
        times = numbers(expected["time"])
        died, censored = numbers(expected["n_event"]), numbers(expected["n_censor"])
        time = np.concatenate([times[died > 0], times[censored > 0]])
        weight = np.concatenate([died[died > 0], censored[censored > 0]])
        event = np.arange(time.size) < (died > 0).sum()
        curve = kaplan_meier(time, event, weight=weight)
        close(curve.n_at_risk, expected["n_risk"], EXACT, "n_risk")
        close(curve.survival, expected["surv"], EXACT, "surv")
        close(curve.cumulative_hazard, expected["cumhaz"], EXACT, "cumhaz")


def log_rank_case(folder: Folder, case: Case) -> None:
    name, by = case["dataset"], case["call"].partition("~ ")[2].partition(" ")[0]
    stratum = case.get("stratum")
    readers = {"lung": lambda: folder.lung("ph.ecog"), "veteran": folder.veteran}
    aml = folder.data("aml").assign(event=lambda f: f["status"] == 1)
    data = readers[name]() if name in readers else aml
    group = data["cell" if by == "celltype" else by]
    tests = {"weighted": None, "weighted_stratified": data[stratum] if stratum else None}
    for key, strata in tests.items():
        for weight, expected in case.get(key, {}).items():
            test = log_rank(data["time"], data["event"], group, WEIGHTS[weight], strata=strata)
            close(test.score, expected["O_minus_E_weighted"], EXACT * 1e3, f"{key} {weight}")
            close(test.variance, expected["var"], EXACT * 1e3, f"{key} {weight}")
            close(test.statistic, expected["chisq"], EXACT * 1e3, f"{key} {weight}")
            close(test.p_value, expected["p"], EXACT * 1e3, f"{key} {weight}")
            if len(test.groups) == 2:
                close(test.z, expected["z_group2"], EXACT * 1e3, f"{key} {weight}")
    test = log_rank(data["time"], data["event"], group)
    plain = case["survdiff_rho0"]
    close(test.n, list(plain["n"].values()), EXACT)
    close(test.observed, plain["obs"], EXACT)
    close(test.expected, plain["exp"], EXACT)
    assert test.df == plain["df"]


def max_combo_case(folder: Folder, case: Case) -> None:
    lung = case["dataset"].startswith("lung")
    data = folder.lung() if lung else folder.veteran()
    columns = (data["time"], data["event"], data["sex" if lung else "trt"])
    for key, rho, gamma in (("fh00", 0, 0), ("fh01", 0, 1), ("fh10", 1, 0), ("fh11", 1, 1)):
        scores = log_rank_scores(*columns, (Weight(FH, rho, gamma),))
        expected = case["wlr"][key]
        close(scores.score[0, 1], expected["estimate"], EXACT * 1e3, key)
        close(scores.covariance[0, 0, 1, 1] ** 0.5, expected["se"], EXACT * 1e3, key)
    for key in ("maxcombo_00_01_10", "maxcombo_00_01_10_11", "maxcombo_00_01"):
        expected = case[key]
        pairs = zip(expected["rho"], expected["gamma"], strict=True)
        weights = tuple(Weight(FH, rho, gamma) for rho, gamma in pairs)
        test = max_combo(*columns, weights, alternative="fewer events")
        close(test.z, expected["with_corr"]["z"], EXACT * 1e3, key)
        correlation = list(expected["with_corr"]["corr"].values())
        close(test.correlation, correlation, EXACT * 1e3, key)
        assert abs(test.p_value - expected["with_corr"]["p_value"]) < MVTNORM


def restricted_mean_case(folder: Folder, case: Case) -> None:
    name = case["dataset"].split(" ")[0]
    if name == "lung":
        data = folder.lung().assign(arm=lambda f: f["sex"] - 1)
    elif name == "veteran":
        data = folder.veteran().assign(arm=lambda f: f["trt"] - 1)
    else:
        data = folder.data("rmst2_sample").assign(event=lambda f: f["status"] == 1)
    tau, means = case["tau"], []
    for arm in (1, 0):
        rows = data[data["arm"] == arm]
        mean = restricted_mean(kaplan_meier(rows["time"], rows["event"]), tau)
        interval = mean_interval(mean, 0.95)
        found = [mean.estimate, mean.variance**0.5, interval.conf_low, interval.conf_high]
        close(found, list(case[f"arm{arm}_rmst"].values()), EXACT, f"arm {arm}")
        close(mean.variance, case[f"arm{arm}_var"], EXACT)
        means.append(mean)
    contrasts = [compare(*means, 0.95) for compare in (difference, ratio, time_lost_ratio)]
    for contrast, expected in zip(contrasts, case["unadjusted"]["values"], strict=True):
        found = [contrast.estimate, contrast.conf_low, contrast.conf_high, contrast.p_value]
        close(found, expected, EXACT * 10)
    X = with_intercept(data[["arm", *case["covariates"]]])
    for scale, key in (
        ("difference", "adjusted_diff_model"),
        ("ratio", "adjusted_ratio_model"),
        ("time lost ratio", "adjusted_rmtl_ratio_model"),
    ):
        fit = regress_restricted_mean(data["time"], data["event"], X, data["arm"], tau, scale)
        found = np.column_stack([fit.beta, fit.std_error])
        assert fit.converged
        close(found, matrix(case[key])[:, :2], SAME_OPTIMUM, key)


def pseudo_case(folder: Folder, case: Case) -> None:
    data = folder.lung()
    time, event, at = data["time"], data["event"], (180, 365)
    close(pseudo_survival(time, event, at), case["pseudo_surv"], EXACT)
    close(pseudo_restricted_mean(time, event, at), case["pseudo_rmst"], EXACT)


def turnbull_case(folder: Folder, case: Case) -> None:
    data = folder.data("interval_IR_diabetes")
    for name, expected in case["strata"].items():
        rows = data[data["gender"] == name.partition("=")[2]]
        curve = turnbull(rows["left"], rows["right"])
        assert curve.converged
        place = np.searchsorted(curve.times, numbers(expected["time"]), side="right")
        survival = np.concatenate([[1.0], curve.survival])[place]
        close(survival, expected["surv"], TURNBULL, name)
