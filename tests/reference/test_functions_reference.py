"""The functions of frames against R's survival, survRM2, cmprsk and rbmi."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparisons import close
from survival_files import Folder, matrix

import ketaoutcomes as ko
from ketaoutcomes.api.hazards import Cox
from tolerances import EXACT, SAME_OPTIMUM


@pytest.fixture(scope="module")
def folder(reference_dir: Path) -> Folder:
    return Folder(reference_dir)


def test_kaplan_meier_and_log_rank_of_survival(folder: Folder) -> None:
    data = folder.lung()
    curves = ko.kaplan_meier(data, time="time", event="event", arm="sex")
    medians = curves.quantiles(0.5).set_index("arm")["estimate"]
    assert medians.to_dict() == {1: 270.0, 2: 426.0}  # survfit(Surv(time, status) ~ sex, lung)
    case = folder.case("logrank_lung_sex")
    test = ko.log_rank(folder.lung("ph.ecog"), time="time", event="event", arm="sex")
    close(test.statistic, case["survdiff_rho0"]["chisq"], EXACT * 10)


def test_restricted_means_of_survrm2(folder: Folder) -> None:
    case = folder.case("rmst_survRM2_sample")
    data = folder.data("rmst2_sample").assign(dead=lambda f: f["status"] == 1)
    found = ko.restricted_mean(data, time="time", event="dead", arm="arm", tau=case["tau"])
    rows = found.tidy().set_index(["term", "arm"])
    for arm in (0, 1):
        numbers = rows.loc[("restricted mean", arm)]
        ours = [numbers[key] for key in ("estimate", "std_error", "conf_low", "conf_high")]
        close(ours, list(case[f"arm{arm}_rmst"].values()), EXACT, f"arm {arm}")
    terms = ("difference", "ratio", "ratio of time lost")
    for term, expected in zip(terms, case["unadjusted"]["values"], strict=True):
        numbers = rows.loc[(term, 1)]
        ours = [numbers[key] for key in ("estimate", "conf_low", "conf_high", "p_value")]
        close(ours, expected, EXACT * 10, term)


def test_fine_gray_of_survival(folder: Folder) -> None:
    data = folder.data("mgus2_cr")
    for cause, name in ((1, "pcm"), (2, "death")):
        found = ko.fine_gray(
            data, time="etime", event="ev", cause=cause, covariates=["age", "sex", "hgb"]
        )
        expected = matrix(folder.case("cr_finegray_mgus2")[name]["coxph_cluster_id"])
        close(found.params, expected[:, 0], SAME_OPTIMUM)
        close(found.tidy()["std_error"], expected[:, 3], SAME_OPTIMUM)
        assert len(found.notes) == 1  # subjects without haemoglobin


def test_cox_of_survival(folder: Folder) -> None:
    case = folder.case("cox_lung_robust")
    data = folder.lung().assign(row=lambda f: np.arange(len(f)))
    covariates = ["age", "sex", "ph.ecog"]
    plain, robust = (
        ko.cox(data, time="time", event="event", covariates=covariates, cluster=cluster)
        for cluster in (None, "row")
    )
    assert isinstance(plain, Cox)
    close(plain.params, case["coefficients"]["coef"], SAME_OPTIMUM)
    close(plain.bse, case["coefficients"]["se(coef)"], SAME_OPTIMUM)
    close(robust.bse, case["coefficients"]["robust se"], SAME_OPTIMUM)


@pytest.mark.parametrize("law", ["weibull", "log-normal", "gaussian"])
def test_parametric_survival_of_survival(folder: Folder, law: Any) -> None:
    case = folder.case(f"aft_lung_{law.replace('-', '')}")
    fit = ko.parametric_survival(
        folder.lung(),
        time="time",
        event="event",
        distribution=law,
        covariates=["age", "sex", "ph.ecog"],
    )
    close(fit.params, matrix(case["table"])[:4, 0], SAME_OPTIMUM)
    close(fit.bse, matrix(case["table"])[:4, 1], SAME_OPTIMUM)
    subjects = pd.DataFrame(case["newdata"]).to_dict("records")
    for subject, expected in zip(subjects, case["predict_quantiles"], strict=True):
        close(fit.quantiles(subject, 0.1, 0.5, 0.9)["estimate"], expected, SAME_OPTIMUM)


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("MAR", "missing at random"),
        ("JR", "jump to reference"),
        ("CR", "copy reference"),
        ("CIR", "copy increments in reference"),
    ],
)
def test_conditional_means_of_rbmi(reference_dir: Path, name: str, strategy: Any) -> None:
    path = reference_dir / "results" / "rbmi" / "antidep_condmean_jackknife_tight.json"
    pool = json.loads(path.read_text())["strategies"][name]["pool"]
    rows = pd.read_csv(
        reference_dir / "data" / "antidepressant_data.csv", dtype={"PATIENT": str, "VISIT": str}
    )
    found = ko.impute(
        rows,
        subject="PATIENT",
        arm="THERAPY",
        visit="VISIT",
        change="CHANGE",
        baseline="BASVAL",
        reference="PLACEBO",
        strategy=strategy,
        method="conditional mean",
    )
    tidy = found.tidy().query("reference == 'PLACEBO'").set_index("visit")
    numbers = zip(pool["parameter"], pool["est"], pool["se"], strict=True)
    expected = {label: pair for label, *pair in numbers}
    for visit in ("4", "5", "6", "7"):
        estimate, std_error = expected[f"trt_{visit}"]
        # rbmi takes placebo minus drug here
        close(-tidy.loc[visit, "estimate"], estimate, SAME_OPTIMUM, visit)
        close(tidy.loc[visit, "std_error"], std_error, SAME_OPTIMUM, visit)
