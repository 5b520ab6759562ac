"""Every plan on public data runs, with all its numbers, in every layout and format."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from ruamel.yaml import YAML
from scipy.stats import beta

from displayed import PARTS_OF_AN_ABSTRACT, faults_of_words, parts_of_summary, unexplained
from ketaoutcomes.__main__ import main
from ketaoutcomes.pipeline import Request, run
from repeats import repeats
from tolerances import SAME_OPTIMUM

ANALYSES = Path(__file__).parents[2] / "analyses"
FOLDERS = {
    "btheb": "btheb_cbt_bdi",
    "claus2020": "claus2020_placebo_amplification",
    "duloxetine_idb": "depression_small_trials",
    "imps79": "nimh_schizophrenia_collaborative",
    "ketamine_crossover": "nimh_ketamine_crossover_ds005917",
    "koch1977": "depression_small_trials",
    "panss": "risperidone_panss_five_trials",
    "three_arm_remission": "depression_small_trials",
}
OTHER_FORMS = {
    "btheb": {
        "files": {"visits": "btheb_long.csv"},
        "columns": {
            "subject": "subject",
            "arm": "treatment",
            "visit": "time",
            "value": "bdi",
            "baseline": "bdi.pre",
            "covariates": {"antidepressant": "drug", "episode_length": "length"},
        },
        "labels": {
            "arm": {"TAU": "usual", "BtheB": "beat_the_blues"},
            "visit": {"2": "Month 2", "3": "Month 3", "5": "Month 5", "8": "Month 8"},
        },
    },
    "claus2020": {"files": {"visits": "claus2020_long.csv"}},
}
"""The same data in another layout, or another format."""
ONE_ARM_OF_BTHEB = """\
study: {id: one_arm, title: Therapy alone, question: How far does it fall?, condition: depression}
data:
  files: {visits: btheb_wide.csv}
  where: {visits: {treatment: [BtheB]}}
  columns:
    subject: subject
    scores:
      BDI-II:
        {Baseline: bdi.pre, Month 2: bdi.2m, Month 3: bdi.3m, Month 5: bdi.5m, Month 8: bdi.8m}
phases:
  treatment:
    label: Treatment and follow-up
    arms: {beat_the_blues: Beat the Blues}
    visits: {Baseline: {day: 1}, Month 2: {day: 62}, Month 3: {day: 92}, Month 5: {day: 153},
             Month 8: {day: 244}}
endpoints:
  change: {kind: change, phase: treatment, scale: BDI-II}
  response: {kind: response, phase: treatment, scale: BDI-II}
estimands:
  change:
    population: Adults with depression
    treatment: {active: beat_the_blues}
    endpoint: change
    visit: Month 8
    intercurrent_events: {stopping: hypothetical}
    summary: mean change
  response:
    population: Adults with depression
    treatment: {active: beat_the_blues}
    endpoint: response
    visit: Month 2
    intercurrent_events: {stopping: composite}
    summary: proportion
analyses:
  change: {estimand: change, role: primary, model: mmrm, method: ml, covariates: [], by_visit: []}
  response: {estimand: response, role: secondary, model: incidence, missing_as: no event}
"""


ELSEWHERE = {
    "alda_relapse_and_suicide_survival": "survival plans and their own tests",
    "cdiscpilot01_adam": "tests/reference/test_cdisc_pilot.py",
    "dia_antidepressant_hamd17": "tests/unit/data/test_real_data.py",
    "metapsy_psilocybin_depression_studylevel": "tests/acceptance/test_synthesis.py",
    "smoking_relapse_pharmacotherapy": "tests/unit/data/test_real_data.py",
}


def test_every_public_folder_is_run_by_some_test(real_data_dir):
    folders = {path.name for path in real_data_dir.iterdir() if path.is_dir()}
    assert folders == {*FOLDERS.values(), *ELSEWHERE}


@pytest.mark.parametrize("plan", sorted(FOLDERS.keys() - OTHER_FORMS.keys()))
def test_a_plan_on_public_data_has_all_its_numbers(plan, real_data_dir, tmp_path):
    request = Request(ANALYSES / f"{plan}.yaml", real_data_dir / FOLDERS[plan], tmp_path / "report")
    outcome = run(request, lambda _: None)
    assert outcome.failures == ()
    page = (tmp_path / "report" / "report.html").read_bytes()
    assert repeats(page.decode()) == []
    assert faults_of_words(page.decode()) == []
    assert parts_of_summary(page.decode()) == PARTS_OF_AN_ABSTRACT
    data = YAML(typ="safe").load((ANALYSES / f"{plan}.yaml").read_text("utf-8"))["data"]
    assert unexplained(page.decode(), own=str(data)) == []
    assert main(["report", str(tmp_path / "report")]) == 0  # what was done to the data is in it
    assert (tmp_path / "report" / "report.html").read_bytes() == page


@pytest.mark.parametrize("plan", OTHER_FORMS)
def test_another_form_of_the_data_gives_the_same_bytes(plan, real_data_dir, tmp_path):
    yaml = YAML(typ="safe")
    content = yaml.load((ANALYSES / f"{plan}.yaml").read_text("utf-8"))
    content["data"] |= OTHER_FORMS[plan]
    other = tmp_path / "other.yaml"
    YAML().dump(content, other)
    for path, out in ((ANALYSES / f"{plan}.yaml", "first"), (other, "second")):
        request = Request(path, real_data_dir / FOLDERS[plan], tmp_path / out)
        assert run(request, lambda _: None).failures == ()
    first, second = (tmp_path / out / "results.csv" for out in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_one_group_without_arms_has_the_curve_of_lifelines(real_data_dir, tmp_path):
    folder = real_data_dir / "alda_relapse_and_suicide_survival"
    outcome = run(
        Request(ANALYSES / "alcohol_relapse.yaml", folder, tmp_path / "report"), lambda _: None
    )
    assert outcome.failures == ()
    results = pd.read_parquet(tmp_path / "report" / "results.parquet").set_index("id")
    frame = pd.read_csv(folder / "alcohol_relapse.csv")
    days = 7 * frame["weeks"]
    fitter = KaplanMeierFitter().fit(days, frame["censor"] == 0)
    for day in (91, 182):
        row = results.loc[f"kmt01/relapse/treated/day_{day}/survival"]
        assert row["estimate"] == pytest.approx(fitter.predict(day), rel=1e-9)
    mean = results.loc["ttet01/relapse/treated/restricted_mean", "estimate"]
    assert mean == pytest.approx(restricted_mean_survival_time(fitter, t=364), rel=1e-9)
    page = (tmp_path / "report" / "report.html").read_bytes()
    assert repeats(page.decode()) == []
    assert main(["report", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report" / "report.html").read_bytes() == page


ALL_COUNTS = "report: {smallest_cell: 1}\n"


def test_one_arm_of_a_trial_is_a_cohort_with_its_own_numbers(real_data_dir, tmp_path):
    """Scores of those who had the therapy alone, all of which end and do not come back.

    All counts are asked for, as numbers that tell of few people are else rounded.
    """
    folder = real_data_dir / "btheb_cbt_bdi"
    plan = tmp_path / "one_arm.yaml"
    plan.write_text(ONE_ARM_OF_BTHEB + ALL_COUNTS, encoding="utf-8")
    outcome = run(Request(plan, folder, tmp_path / "report"), lambda _: None)
    assert outcome.failures == ()
    results = pd.read_parquet(tmp_path / "report" / "results.parquet").set_index("id")
    wide = pd.read_csv(folder / "btheb_wide.csv").query("treatment == 'BtheB'")
    assert results.loc["dst01/treatment/beat_the_blues/assigned", "n"] == len(wide)
    visits = ["bdi.2m", "bdi.3m", "bdi.5m", "bdi.8m"]
    change = wide[visits].sub(wide["bdi.pre"], axis=0).dropna(how="all")
    means = _means_of_scores_that_end(change)
    for visit, mean in zip(("month_2", "month_3", "month_5", "month_8"), means, strict=True):
        row = results.loc[f"mmrmt01/change/{visit}/beat_the_blues/ls_mean"]
        assert row["estimate"] == pytest.approx(mean, rel=SAME_OPTIMUM)
    seen = wide.dropna(subset=["bdi.2m"])
    x, n = int((1 - seen["bdi.2m"] / seen["bdi.pre"] >= 0.5).sum()), len(wide)
    row = results.loc["inct01/response/month_2/beat_the_blues/proportion"]
    limits = [beta.ppf(0.025, x, n - x + 1), beta.ppf(0.975, x + 1, n - x)]
    assert row["estimate"] == pytest.approx(x / n)
    assert row[["conf_low", "conf_high"]].tolist() == pytest.approx(limits, rel=1e-9)
    plan.write_text(ONE_ARM_OF_BTHEB, encoding="utf-8")
    assert run(Request(plan, folder, tmp_path / "rounded"), lambda _: None).failures == ()
    hidden = pd.read_parquet(tmp_path / "rounded" / "results.parquet").set_index("id")
    _lie_within_half_a_step(hidden, results)


def _lie_within_half_a_step(hidden: pd.DataFrame, exact: pd.DataFrame) -> None:
    """Published numbers are the exact ones, or as near as their row says that they are."""
    rounded = 0
    for key, row in hidden.iterrows():
        told = dict(word.partition(":")[::2] for word in (row["suppressed"] or "").split())
        for field in ("estimate", "conf_low", "conf_high", "std_error", "df", "p_value", "n"):
            if pd.isna(row[field]):
                assert field in told or pd.isna(exact.loc[key, field]), (key, field)
                continue
            half = float(told.get(field) or 0) / 2
            near = pytest.approx(exact.loc[key, field], rel=1e-9, abs=half * (1 + 1e-9))
            assert row[field] == near, (key, field)
            rounded += half > 0
    assert rounded


def _means_of_scores_that_end(change: pd.DataFrame) -> list[float]:
    """The means of most likelihood, each visit by regression on those before it.

    Anderson 1957, J Am Stat Assoc 52:200-203.
    """
    means = [float(change.iloc[:, 0].mean())]
    for place in range(1, change.shape[1]):
        seen = change[change.iloc[:, place].notna()]
        assert seen.iloc[:, :place].notna().all(axis=None)
        X = np.column_stack([np.ones(len(seen)), seen.iloc[:, :place]])
        coefficients = np.linalg.lstsq(X, seen.iloc[:, place], rcond=None)[0]
        means.append(float(coefficients @ [1.0, *means]))
    return means
