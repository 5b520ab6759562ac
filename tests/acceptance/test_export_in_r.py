"""The exported script runs in R to its end, and none of its numbers is another than the page's."""

import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from test_any_name_for_a_covariate import _plan, _table

from ketaoutcomes.cli.main import main
from laboratory_trial import Row, adlb, adqs, adsl, plan_of_laboratory

pytestmark = [pytest.mark.rscript, pytest.mark.slow]
ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
REQUIRED = "KETAOUTCOMES_REQUIRE_R"
PACKAGES = ("survival", "lme4", "lmerTest", "emmeans", "geepack", "cmprsk", "metafor", "nlme")


@pytest.fixture(scope="module")
def rscript() -> str:
    found = shutil.which("Rscript")
    asked = ", ".join(f'"{name}"' for name in PACKAGES)
    has = f"quit(status = !all(vapply(c({asked}), requireNamespace, NA, quietly = TRUE)))"
    if (
        found
        and subprocess.run([found, "-e", has], check=False, capture_output=True).returncode == 0
    ):
        return found
    assert not os.environ.get(REQUIRED), f"{REQUIRED} is set, and R or a package is missing"
    pytest.skip("R with its packages is not installed")


def repeated(rscript: str, plan: Path, to: Path, *options: str) -> pd.DataFrame:
    """The comparison that the script wrote, with the table and analysis of each result."""
    assert main(["export", str(plan), "--to", str(to), "-q", *options]) == 0
    # a language in which letters are sorted otherwise and bytes beyond ASCII are unknown
    done = subprocess.run(
        [rscript, str(to / "analysis.R")],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    compared = pd.read_csv(to / "comparison.csv", keep_default_na=False)
    results = pd.read_csv(to / "results.csv", keep_default_na=False)
    assert list(compared["id"]) == list(results["id"])
    compared = compared.assign(analysis=results["analysis"], table=results["table"])
    assert "off" not in set(compared["verdict"]), done.stdout
    assert not compared["why"].str.contains("the script stopped").any(), done.stdout
    return compared


def share_repeated(compared: pd.DataFrame) -> float:
    """Of the numbers of analyses, but for true values of a simulation."""
    numbers = compared[compared["analysis"].ne("") & compared["verdict"].ne("no number")]
    numbers = numbers[~numbers["table"].str.startswith("trut")]
    return float(numbers["verdict"].eq("equal").mean())


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("ketamine_crossover", "nimh_ketamine_crossover_ds005917"),
        ("imps79", "nimh_schizophrenia_collaborative"),
        ("koch1977", "depression_small_trials"),
    ],
)
def test_plans_on_public_data(
    name: str, folder: str, rscript: str, real_data_dir: Path, tmp_path: Path
) -> None:
    plan, data = ANALYSES / f"{name}.yaml", real_data_dir / folder
    compared = repeated(rscript, plan, tmp_path / "out", "--data", str(data))
    assert share_repeated(compared) == 1


@pytest.mark.usefixtures("few_pairs")
def test_a_synthetic_plan_of_a_time_to_event(rscript: str, tmp_path: Path) -> None:
    compared = repeated(rscript, ANALYSES / "maintenance.yaml", tmp_path / "out")
    assert share_repeated(compared) == 1


HARD_LEVELS = {"north": 'the "north" \\ of it\'s', "south": "süd; 年 %x &y"}


def test_names_and_levels_of_any_letters(rscript: str, tmp_path: Path) -> None:
    """One analysis of every model, with names and levels that end texts where they may."""
    factor, number = 'Größe "x\\', "it's; 1/2 %"
    plan = _table(tmp_path, factor, number)
    subjects = pd.read_csv(tmp_path / "subjects.csv")
    subjects["first"] = subjects["first"].map(HARD_LEVELS)
    subjects.to_csv(tmp_path / "subjects.csv", index=False)
    text = _plan(factor, number)
    plan.write_text(yaml.safe_dump(text, allow_unicode=True, sort_keys=False), encoding="utf-8")
    compared = repeated(rscript, plan, tmp_path / "out")
    assert share_repeated(compared) > 0.5
    for name in ("primary", "intercept", "shares", "hazard", "rate"):
        own = compared[compared["analysis"].eq(name)]
        assert "equal" in set(own["verdict"]), name


ONE_VISIT = """
study: {id: once, title: One visit, question: Any?, condition: depression}
data: {synthetic: {scenario: trd_short_term, seed: 3, subjects: 160, truth: false}}
phases:
  induction:
    label: Four weeks
    arms: {placebo: Placebo, esketamine: Esketamine}
    reference: placebo
    visits: {Baseline: {day: 1}, Day 28: {day: 28}}
endpoints:
  response: {kind: response, phase: induction, scale: MADRS}
estimands:
  main:
    population: All
    treatment: {active: esketamine, reference: placebo}
    endpoint: response
    visit: Day 28
    summary: risk difference
analyses:
  main:
    estimand: main
    role: primary
    model: gee
    correlation: exchangeable
    covariates: [baseline]
"""


def test_estimating_equations_of_one_visit(rscript: str, tmp_path: Path) -> None:
    """A factor of one level stopped R: contrasts need two."""
    plan = tmp_path / "once.yaml"
    plan.write_text(ONE_VISIT, encoding="utf-8")
    assert share_repeated(repeated(rscript, plan, tmp_path / "out")) == 1


TWO_VALUES = """
study: {id: two, title: Two values, question: Any?, condition: depression}
data:
  files: {visits: v.csv}
  columns: {subject: id, arm: arm, visit: visit, value: y, covariates: {male: male}}
  scale: MADRS
phases:
  t:
    label: T
    arms: {ctl: Control, act: Active}
    reference: ctl
    visits: {Baseline: {day: 1}, Week 2: {day: 15}, Week 4: {day: 29}}
endpoints: {change: {kind: change, phase: t, scale: MADRS}}
estimands:
  e: {population: All, treatment: {active: act, reference: ctl}, endpoint: change, visit: Week 4,
    summary: difference in means}
analyses:
  a: {estimand: e, role: primary, model: mmrm, covariates: [baseline, male]}
  b: {estimand: e, role: sensitivity, model: random_intercept, covariates: [baseline, male]}
report: {smallest_cell: 1}
"""


def test_a_number_of_two_values_has_its_mean(rscript: str, tmp_path: Path) -> None:
    """Means of emmeans weighed 0 and 1 equally, where the report has the share of ones."""
    rng = np.random.default_rng(4)
    rows = [
        {"id": f"S{k}", "arm": ("ctl", "act")[k % 2], "visit": visit, "male": int(k % 4 == 0)}
        | {"y": int(rng.integers(10, 40)) + 5 * (k % 4 == 0)}
        for k in range(40)
        for visit in ("Baseline", "Week 2", "Week 4")
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "v.csv", index=False)
    (tmp_path / "plan.yaml").write_text(TWO_VALUES, encoding="utf-8")
    assert share_repeated(repeated(rscript, tmp_path / "plan.yaml", tmp_path / "out")) == 1


def _with_indicators_alone(rows: list[Row]) -> list[Row]:
    """No limits and no marks; what the class was at baseline stands in the later rows."""
    before = {(row["USUBJID"], row["PARAMCD"]): row["ANRIND"] for row in rows if row["ADY"] == 1}
    later = [row for row in rows if row["ADY"] > 1]
    kept = ("USUBJID", "PARAMCD", "ADY", "AVAL", "AVALU", "ANRIND")
    return [
        {name: row[name] for name in kept} | {"BNRIND": before[row["USUBJID"], row["PARAMCD"]]}
        for row in later
    ]


@pytest.mark.parametrize("case", ["limits of the data", "limits of the plan", "indicators alone"])
def test_laboratory_values(case: str, rscript: str, tmp_path: Path) -> None:
    rows, plan = adlb(seed=11, number=30), plan_of_laboratory()
    if case == "indicators alone":
        rows = _with_indicators_alone(rows)
    if case == "limits of the plan":
        rows = [{name: row[name] for name in row if name != "ABLFL"} for row in rows]
        plan["safety"]["laboratory"]["ALT"] |= {"normal_high": 35, "above": [38.5]}
        plan["safety"]["laboratory"]["K"] |= {"normal_low": 3.9}
    pd.DataFrame(rows).to_csv(tmp_path / "adlb.csv", index=False)
    adsl(30).to_csv(tmp_path / "adsl.csv", index=False)
    adqs(30).to_csv(tmp_path / "adqs.csv", index=False)
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    compared = repeated(rscript, tmp_path / "plan.yaml", tmp_path / "out", "--data", str(tmp_path))
    of_tests = compared[compared["table"].str.startswith("lbt")]
    assert set(of_tests["table"]) >= {"lbt01", "lbt02"}
    assert set(of_tests["verdict"]) == {"equal"}


SAFETY = """
study: {id: signs, title: Signs, question: Any?, condition: depression}
data: {synthetic: {scenario: safety, seed: 3, subjects: 60, truth: false}}
phases:
  treatment:
    label: A year
    arms: {antidepressant: Oral, esketamine: Spray, frequent: Often}
    reference: antidepressant
    visits:
      Baseline: {hours: 0}
      40 minutes: {hours: 0.6666667}
      90 minutes: {hours: 1.5}
      Week 4: {day: 29}
endpoints:
  change: {kind: change, phase: treatment, scale: HVLT-R delayed recall}
estimands:
  main:
    population: All
    treatment: {active: esketamine, reference: antidepressant}
    endpoint: change
    visit: Week 4
    summary: difference in means
analyses:
  main: {estimand: main, role: primary, model: mmrm}
safety:
  p_values: score
  rare_events: [Cystitis]
  vital_signs:
    CADSS: {label: CADSS, within_hours: 2, alarm_at_least: 15, resolved_at_most: 4}
    SBP: {label: SBP, within_hours: 2, rise_at_least: 40, normal_low: 110, normal_high: 139}
    DBP: {label: DBP, within_hours: 2, normal_high: 89}
report: {smallest_cell: 1}
"""


def test_every_safety_table(rscript: str, tmp_path: Path) -> None:
    plan = tmp_path / "signs.yaml"
    plan.write_text(SAFETY, encoding="utf-8")
    compared = repeated(rscript, plan, tmp_path / "out")
    tables = compared["table"].str.startswith(("aet", "ext", "vst"))
    expected = {"aet01", "aet02", "aet03", "aet04", "aet05", "aet06"}
    assert set(compared.loc[tables, "table"]) >= expected | {"ext01", "ext02", "vst01", "vst02"}
    assert "vst03" in set(compared["table"])
    assert set(compared.loc[tables, "verdict"]) <= {"equal", "no number"}


ROUNDED = """\
number <- as.numeric
row <- data.frame(suppressed = "conf_low:2 df estimate:0.5 p_value:0.009")
half <- half_steps(row)
found <- c(alike("estimate", 1.24, 1, 0, half[["estimate"]]),
           alike("estimate", 1.26, 1, 0, half[["estimate"]]),
           alike("lower", -5.1, -6, 1, half[["lower"]]),
           alike("lower", -4.9, -6, 1, half[["lower"]]),
           alike("p", 0.0099, 0.0055, 0, half[["p"]]),
           alike("p", 0.011, 0.0055, 0, half[["p"]]),
           alike("upper", 4.1, 4, 1, half[["upper"]]))
cat(found)
"""


def in_r(rscript: str, file: str, code: str) -> list[str]:
    """What code prints after one of the files that an exported script is made of."""
    source = (files("ketaoutcomes.export") / "r" / file).read_text(encoding="utf-8")
    done = subprocess.run(
        [rscript, "-e", f"{source}\n{code}"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_rounded_number_is_equal_within_half_a_step_and_no_further(rscript: str) -> None:
    expected = ["TRUE", "FALSE", "TRUE", "FALSE", "TRUE", "FALSE", "FALSE"]
    assert in_r(rscript, "9_compare.R", ROUNDED) == expected


def test_the_law_of_doses_is_that_of_the_table(rscript: str) -> None:
    """Two-sided 5% points of Dunnett 1964, Biometrics 20:482-491, table II, to its two digits."""
    has = 'quit(status = !requireNamespace("mvtnorm", quietly = TRUE))'
    if subprocess.run([rscript, "-e", has], check=False, capture_output=True).returncode:
        pytest.skip("mvtnorm is not installed")
    code = """
    LEVEL <- 0.95
    alike <- function(k) diag(0.5, k) + 0.5
    points <- c(dunnett(alike(1), 10)$critical, dunnett(alike(2), 10)$critical,
                dunnett(alike(3), 10)$critical, dunnett(alike(2), 20)$critical,
                dunnett(alike(3), 20)$critical)
    cat(sprintf("%.2f", points), sprintf("%.4f", dunnett(alike(2), 10)$p(points[2])))
    """
    found = in_r(rscript, "5_others.R", code)
    assert found == ["2.23", "2.57", "2.76", "2.38", "2.54", "0.0500"]
