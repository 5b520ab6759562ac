"""Crossover analyses against the t tests of two periods and two treatments."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ketaoutcomes.data import load_cohort
from ketaoutcomes.endpoints.data import CrossoverData
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.crossover.derive import derive_crossover
from ketaoutcomes.families.crossover.fit import fit_crossover_analysis
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

PLAN = Path(__file__).parents[3] / "analyses" / "ketamine_crossover.yaml"
N = 30


def periods(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Who had the drug first, and the change in each period; complete."""
    rng = np.random.default_rng(seed)
    drug_first = np.arange(N) % 2 == 0
    y = rng.normal(0, 4, (N, 1)) + rng.normal(0, 2, (N, 2)) + [0.0, 1.0]
    y[drug_first, 0] -= 5
    y[~drug_first, 1] -= 5
    return drug_first, y


def crossover_data(drug_first: np.ndarray, y: np.ndarray) -> CrossoverData:
    arms = np.where(drug_first[:, None] == [True, False], "drug", "control")
    frame = pd.DataFrame(
        {
            "subject": np.repeat([f"s{i:02d}" for i in range(len(y))], 2),
            "arm": arms.ravel(),
            "visit": "v1",
            "period": ["one", "two"] * len(y),
            "previous": [w for row in arms for w in ("none", row[0])],
            "order": np.repeat([" - ".join(row) for row in arms], 2),
            "change": y.ravel(),
        }
    )
    return CrossoverData(
        "y", "one", "MADRS", ("control", "drug"), ("v1",), ("one", "two"), frame, (), (1.0,)
    )


def fitted(data: CrossoverData, **options: object) -> dict[str, Result]:
    analysis = CrossoverAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "crossover",
            "periods": ["one", "two"],
            "covariates": [],
        }
        | options
    )
    target = Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "control"},
            "endpoint": "y",
            "visit": "v1",
            "summary": "difference in means",
        }
    )
    rows = fit_crossover_analysis("a", analysis, target, data, 0.95).results
    return {f"{row.statistic} {row.arm}".strip(): row for row in rows}


def numbers(row: Result) -> tuple[float | None, ...]:
    return row.estimate, row.test_statistic, row.df, row.p_value


def t_test(one: np.ndarray, two: np.ndarray, scale: float = 1.0) -> tuple[float, ...]:
    test = stats.ttest_ind(one, two)
    return scale * (one.mean() - two.mean()), test.statistic, test.df, test.pvalue


@pytest.mark.parametrize("covariance", ["us", "cs"])
def test_treatments_are_compared_by_the_differences_of_periods(covariance):
    """Jones & Kenward 2014, section 2.3: half the difference between sequences of d = y1 - y2."""
    drug_first, y = periods()
    rows = fitted(crossover_data(drug_first, y), covariance=[covariance])
    row, d = rows["difference in LS means drug"], y[:, 0] - y[:, 1]
    expected = t_test(d[drug_first], d[~drug_first], 0.5)
    np.testing.assert_allclose(numbers(row), expected, rtol=SAME_OPTIMUM)
    assert row.n == N
    later = rows["period effect"]
    test = stats.ttest_ind(-d[drug_first], d[~drug_first])
    assert later.p_value == pytest.approx(test.pvalue, rel=SAME_OPTIMUM)


def test_carry_over_is_the_difference_of_the_subjects_totals():
    """Grizzle 1965; Jones & Kenward 2014, section 2.3."""
    drug_first, y = periods()
    total = y.sum(axis=1)
    row = fitted(crossover_data(drug_first, y))["carry-over drug"]
    expected = t_test(total[drug_first], total[~drug_first])
    np.testing.assert_allclose(numbers(row), expected, rtol=SAME_OPTIMUM)


@pytest.mark.parametrize("covariance", ["us", "cs", "toep", "ar1", "csh"])
def test_the_first_period_alone_is_a_t_test(covariance):
    """One visit carries a variance, whatever the structure of all periods."""
    drug_first, y = periods()
    rows = fitted(crossover_data(drug_first, y), covariance=[covariance])
    row = rows["difference in the first period drug"]
    expected = t_test(y[drug_first, 0], y[~drug_first, 0])
    np.testing.assert_allclose(numbers(row), expected, rtol=SAME_OPTIMUM)


def test_those_who_left_early_add_to_the_comparison():
    drug_first, y = periods()
    y[[3, 8, 15], 1] = np.nan
    rows = fitted(crossover_data(drug_first, y))
    assert rows["difference in LS means drug"].n == N
    assert rows["LS mean drug"].n + rows["LS mean control"].n == 2 * N - 3


def test_one_sequence_alone_is_told():
    drug_first, y = periods()
    row = fitted(crossover_data(drug_first[::2], y[::2]))["difference in LS means drug"]
    assert row.status == "failed"
    # one sequence: every participant has the same treatment in a period
    assert row.message == "not estimable: period cannot be told apart from arm"


@pytest.fixture
def plan():
    return read_plan(PLAN)[0]


def test_the_ketamine_crossover(plan, real_data_dir):
    """OpenNeuro ds005917, 33 with depression: sequences as the file itself gives them."""
    cohort = load_cohort(plan, real_data_dir / "nimh_ketamine_crossover_ds005917")
    analysis = plan.analyses["primary"]
    assert isinstance(analysis, CrossoverAnalysis)
    data = derive_crossover(plan, "primary", cohort)
    given = cohort.subjects.set_index("subject")["sequence"]
    words = {"ketamine - placebo": "KET-PBO", "placebo - ketamine": "PBO-KET"}
    derived = data.frame.drop_duplicates("subject").set_index("subject")["order"].map(words)
    entered_both = data.frame.groupby("subject")["period"].nunique() == 2
    both = entered_both.index[entered_both]
    assert (derived[both] == given[both]).all()
    second = data.frame[data.frame["period"] == "period_2"]
    assert (second["previous"] != second["arm"]).all()
    assert set(data.frame.loc[data.frame["period"] == "period_1", "previous"]) == {"none"}


def test_a_period_that_is_no_phase_is_told(tmp_path):
    path = tmp_path / "plan.yaml"
    text = PLAN.read_text().replace("periods: [period_1, period_2]", "periods: [period_1, perid_2]")
    path.write_text(text)
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert "did you mean `period_2`?" in str(error.value)


def crossover_of(folder, orders, derived=""):
    """Two periods of two visits, a point for one without rows; scores at the end are `derived`."""
    rows = [
        f"{i},{arm},{period},{visit},{20 + (i * 7 + visit * 3) % 11},{derived if visit else ''}"
        for i, order in enumerate(orders)
        for period, arm in enumerate(order, 1)
        if arm != "."
        for visit in (0, 2)
    ]
    (folder / "v.csv").write_text("\n".join(["id,arm,period,day,score,how", *rows]), "utf-8")
    phase = "{label: P, arms: {a: A, b: B}, reference: a, visits: {Start: {day: 1}, End: {day: 3}}}"
    (folder / "p.yaml").write_text(
        f"""
study: {{id: x, title: X, question: Is it?, condition: depression}}
data:
  files: {{visits: v.csv}}
  columns: {{subject: id, arm: arm, phase: period, visit: day, value: score, derived: how}}
  scale: MADRS
  labels: {{arm: {{A: a, B: b}}, phase: {{"1": p1, "2": p2}}, visit: {{"0": Start, "2": End}}}}
phases: {{p1: {phase}, p2: {phase}}}
endpoints: {{c: {{kind: change, phase: p1, scale: MADRS}}}}
estimands:
  e: {{population: All, treatment: {{active: b, reference: a}}, endpoint: c, visit: End,
    summary: difference_in_means}}
analyses:
  m: {{estimand: e, role: primary, model: crossover, periods: [p1, p2]}}
""",
        "utf-8",
    )
    plan, _ = read_plan(folder / "p.yaml")
    return derive_crossover(plan, "m", load_cohort(plan, folder))


@pytest.mark.parametrize(("same_twice", "told"), [(0, 0), (1, 1), (2, 0)])
def test_an_order_that_hardly_anybody_has_is_told(tmp_path, same_twice, told):
    """Twelve of each order; one in 13 is a slip, two in 14 may be an order of the design."""
    data = crossover_of(tmp_path, ["AB", "BA"] * 12 + ["AA"] * same_twice)
    counts = [r.count for r in data.remarks if "hardly any other" in r.what]
    assert counts == [told] * bool(told)


def test_scores_carried_forward_are_told_as_in_a_trial_of_parallel_groups(tmp_path):
    data = crossover_of(tmp_path, ["AB", "BA"] * 4, derived="LOCF")
    told = [(r.where, r.count, r.total) for r in data.remarks if "derived" in r.what]
    assert told == [("phase p1", 8, 8), ("phase p2", 8, 8)]
    assert not crossover_of(tmp_path, ["AB", "BA"] * 4).remarks


def test_who_is_in_one_period_alone_has_the_sequence_that_it_follows(tmp_path):
    """Seen in one period, by hand: `.A` is of the order B, A, and `.B` of A, B."""
    data = crossover_of(tmp_path, [*["AB", "BA"] * 4, ".A", ".B", "A.", "B."])
    assert not data.excluded
    alone = data.frame[data.frame["subject"].isin(["8", "9", "10", "11"])].set_index("subject")
    assert alone["order"].to_dict() == {"8": "b - a", "9": "a - b", "10": "a - b", "11": "b - a"}
    assert alone["previous"].to_dict() == {"8": "b", "9": "a", "10": "none", "11": "none"}
