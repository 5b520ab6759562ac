"""What a plan may ask of the mixed model for repeated measures, against closed forms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

DAYS = np.array([1.0, 7.0, 27.0])
TRD = Path(__file__).parents[3] / "analyses" / "trd.yaml"


def outcomes(n: int = 40, n_visits: int = 3, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Arms and complete outcomes, the active arm twice as variable."""
    rng = np.random.default_rng(seed)
    drug = np.arange(n) % 2 == 1
    own = rng.normal(0, 3, (n, 1))
    y = own + rng.normal(-np.arange(n_visits), 2, (n, n_visits))
    y[drug] = 2 * y[drug] - 1
    return drug, y


def change_data(drug: np.ndarray, y: np.ndarray, **columns: np.ndarray) -> ChangeData:
    n, n_visits = y.shape
    visits = tuple(f"v{t + 1}" for t in range(n_visits))
    frame = pd.DataFrame(
        {
            "subject": np.repeat([f"s{i:03d}" for i in range(n)], n_visits),
            "arm": np.repeat(np.where(drug, "drug", "control"), n_visits),
            "visit": list(visits) * n,
            "day": np.tile(DAYS[:n_visits], n),
            "change": y.ravel(),
        }
        | {name: np.repeat(values, n_visits) for name, values in columns.items()}
    )
    days = tuple(DAYS[:n_visits])
    return ChangeData("y", "p", "MADRS", ("control", "drug"), visits, frame, nominal_days=days)


def results_of(data: ChangeData, **options: object) -> tuple[Result, ...]:
    """All rows of the model of the last visit."""
    analysis = MmrmAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "mmrm", "covariates": [], "by_visit": []}
        | options
    )
    target = Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "control"},
            "endpoint": "y",
            "visit": data.visits[-1],
            "summary": "difference in means",
        }
    )
    return fit_mmrm_analysis("a", analysis, target, data, 0.95).results


def fitted(data: ChangeData, **options: object) -> dict[str, Result]:
    rows = results_of(data, **options)
    return {row.group or f"{row.statistic} {row.visit} {row.arm}": row for row in rows}


def numbers(row: Result) -> tuple[float | None, ...]:
    return row.estimate, row.test_statistic, row.df, row.p_value


def test_one_visit_with_a_covariance_an_arm_is_welchs_test():
    drug, y = outcomes(n_visits=1)
    row = fitted(change_data(drug, y), covariance=["us"], covariance_by="arm")[
        "difference in LS means v1 drug"
    ]
    welch = stats.ttest_ind(y[drug, 0], y[~drug, 0], equal_var=False)
    expected = y[drug].mean() - y[~drug].mean(), welch.statistic, welch.df, welch.pvalue
    np.testing.assert_allclose(numbers(row), expected, rtol=SAME_OPTIMUM)


def test_the_standard_deviation_of_two_covariances_is_that_of_their_mean_variance():
    """Bonett 2008, eq. 5: d = (m1 - m2) / sqrt((s1^2 + s2^2) / 2)."""
    drug, y = outcomes(n_visits=1)
    rows = fitted(change_data(drug, y), covariance=["us"], covariance_by="arm")
    mean_variance = (y[drug].var(ddof=1) + y[~drug].var(ddof=1)) / 2
    found = rows["standard deviation v1 drug"].estimate
    assert found == pytest.approx(np.sqrt(mean_variance), rel=SAME_OPTIMUM)


@pytest.mark.parametrize(
    ("contrast", "weights"),
    [
        ({"average_over": ["v1", "v2", "v3"]}, np.full(3, 1 / 3)),
        (
            {"slope_over": ["v1", "v2", "v3"]},
            (DAYS - DAYS.mean()) / ((DAYS - DAYS.mean()) ** 2).sum(),
        ),
        ({"visits": {"v1": -1, "v3": 1}}, np.array([-1.0, 0.0, 1.0])),
        ({"visits": {"v2": 1}, "arms": {"drug": 1, "control": -1}}, np.array([0.0, 1.0, 0.0])),
    ],
    ids=["average", "slope", "weights", "arms"],
)
def test_a_contrast_over_visits_is_the_t_test_of_each_subjects_own(contrast, weights):
    """Complete data and an unstructured covariance: multivariate normal theory, exactly."""
    drug, y = outcomes()
    row = fitted(change_data(drug, y), contrasts={"c": contrast})["c"]
    own = y @ weights
    test = stats.ttest_ind(own[drug], own[~drug])
    expected = own[drug].mean() - own[~drug].mean(), test.statistic, test.df, test.pvalue
    np.testing.assert_allclose(numbers(row), expected, rtol=SAME_OPTIMUM)


def test_a_contrast_of_one_arm_is_its_mean():
    drug, y = outcomes()
    row = fitted(change_data(drug, y), contrasts={"c": {"visits": {"v3": 1}, "arms": {"drug": 1}}})
    assert row["c"].estimate == pytest.approx(y[drug, 2].mean(), rel=SAME_OPTIMUM)


def test_a_contrast_at_a_visit_without_data_is_told():
    drug, y = outcomes()
    y[:, 1] = np.nan
    row = fitted(change_data(drug, y), contrasts={"c": {"average_over": ["v1", "v2"]}})["c"]
    assert (row.status, row.estimate) == ("failed", None)
    assert row.message == "no participant was observed in: v2"


def test_weights_are_those_of_weighted_least_squares():
    drug, y = outcomes(n_visits=1)
    w = np.random.default_rng(2).uniform(0.5, 4, len(y))
    row = fitted(change_data(drug, y, w=w), covariance=["us"], weights="w")[
        "difference in LS means v1 drug"
    ]
    X = np.column_stack([np.ones(len(y)), drug])
    M = np.linalg.inv(X.T * w @ X)
    beta = M @ (X.T * w @ y[:, 0])
    sigma2 = (w * (y[:, 0] - X @ beta) ** 2).sum() / (len(y) - 2)
    std_error = np.sqrt(sigma2 * M[1, 1])
    np.testing.assert_allclose((row.estimate, row.std_error), (beta[1], std_error), rtol=1e-6)


def test_a_weight_that_is_no_weight_is_told():
    drug, y = outcomes()
    w = np.ones(len(y))
    w[[3, 8]] = 0, -1
    row = fitted(change_data(drug, y, w=w), weights="w")["difference in LS means v3 drug"]
    assert row.status == "failed"
    assert row.message == "the weight `w` of 2 participants is not a number above 0"


def test_a_spatial_covariance_uses_the_days_on_which_subjects_were_seen():
    """Equal steps of days are a first-order autoregression; other days are not."""
    drug, y = outcomes()
    data, key = change_data(drug, y), "difference in LS means v3 drug"
    regular = data.frame.assign(day=np.tile([0.0, 7.0, 14.0], len(y)))
    late = regular.assign(day=regular["day"] + np.where(regular["visit"] == "v3", 21, 0))
    rows = {
        name: fitted(
            ChangeData("y", "p", "MADRS", data.arms, data.visits, frame), covariance=[structure]
        )[key]
        for name, frame, structure in (
            ("regular", regular, "sp_exp"),
            ("late", late, "sp_exp"),
            ("ar1", regular, "ar1"),
        )
    }
    np.testing.assert_allclose(numbers(rows["regular"]), numbers(rows["ar1"]), rtol=SAME_OPTIMUM)
    assert abs(rows["late"].df - rows["ar1"].df) > 0.1


def test_a_ladder_drops_the_days_for_a_structure_without_them():
    drug, y = outcomes(n=4)
    data = change_data(drug, y)
    late = data.frame.assign(day=data.frame["day"] + np.arange(len(data.frame)) % 2)
    other = ChangeData("y", "p", "MADRS", data.arms, data.visits, late)
    key = "difference in LS means v3 drug"
    one, two = (fitted(d, covariance=c)[key] for d, c in ((other, ["us", "cs"]), (data, ["cs"])))
    np.testing.assert_allclose(numbers(one), numbers(two), rtol=SAME_OPTIMUM)


FAULTS = {
    "contrasts: {c: {average_over: [day8]}}": "did you mean `Day 8`?",
    "contrasts: {c: {visits: {Day 8: 1}, slope_over: [Day 8, Day 28]}}": "takes exactly one of",
    "contrasts: {c: {slope_over: [Day 8]}}": "`slope_over` needs two visits or more",
    "contrasts: {c: {average_over: [Day 8], arms: {esketamin: 1}}}": "did you mean `esketamine`?",
    "coefficient_covariance: cr2": "Kenward-Roger needs `method: reml`",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_is_told_with_its_place(tmp_path, line):
    df = "kenward-roger" if line.startswith("coefficient") else "satterthwaite"
    text = TRD.read_text().replace("    df: satterthwaite", f"    df: {df}\n    {line}", 1)
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert FAULTS[line] in str(error.value)
    assert f"{path}:" in str(error.value)
