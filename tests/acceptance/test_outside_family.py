"""A family that somebody else's package brings has all that ours have, with no change in src."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
FAMILY = ROOT / "tests" / "outside_family"
GROUP = "ketaoutcomes.families"
DIFFERENCE = "mdnt01/median/day_28/esketamine/placebo/difference_in_medians"
RESAMPLES = 400

PLAN: Final = f"""\
study:
  id: medians
  title: Medians
  question: Does esketamine lower the MADRS total more than placebo at day 28?
  condition: treatment-resistant depression
data:
  synthetic: {{scenario: trd_short_term, seed: 5, subjects: 60}}
phases:
  induction:
    label: Double-blind induction
    arms: {{placebo: Placebo, esketamine: Esketamine}}
    reference: placebo
    visits: {{Baseline: {{day: 1}}, Day 15: {{day: 15}}, Day 28: {{day: 28}}}}
endpoints:
  madrs: {{kind: change, phase: induction, scale: MADRS}}
estimands:
  median: &asked
    population: All randomised
    treatment: {{active: esketamine, reference: placebo}}
    endpoint: madrs
    visit: Day 28
    intercurrent_events: {{treatment discontinuation: treatment policy}}
    summary: difference in medians
  mean: {{<<: *asked, summary: difference in means}}
analyses:
  median:
    estimand: median
    role: primary
    model: median_difference
    resamples: {RESAMPLES}
  mean: {{estimand: mean, role: secondary, model: mmrm}}
multiplicity:
  both: {{method: holm, hypotheses: {{median: {{analysis: median}}, mean: {{analysis: mean}}}}}}
power: {{replicates: 4, subjects: [40], analyses: [median], families: [both], seed: 3}}
"""


def installed(site: Path, package: str, points: Mapping[str, str], version: str = "1.0.0") -> None:
    """A package as pip leaves it: the folder that tells what it offers."""
    folder = site / f"{package.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    named = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    (folder / "METADATA").write_text(named)
    lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in points.items())]
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")


def command(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, beside the packages of a folder."""
    paths = (ROOT / "src", FAMILY, site)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.run(
        [sys.executable, "-m", "ketaoutcomes", *words],
        env=environment,
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the family is installed as its own pyproject.toml says, with a plan."""
    project = tomllib.loads((FAMILY / "pyproject.toml").read_text())["project"]
    folder = tmp_path_factory.mktemp("site")
    installed(folder, project["name"], project["entry-points"][GROUP], project["version"])
    (folder / "plan.yaml").write_text(PLAN)
    return folder


@pytest.fixture(scope="session")
def report(site: Path) -> Path:
    """The folder of a run of the plan."""
    done = command(site, "run", "plan.yaml", "--out", "report", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    return site / "report"


def results_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "results.csv").set_index("id")


def test_it_is_listed_and_in_the_schema(site: Path) -> None:
    assert "model       median_difference\n" in command(site, "list").stdout
    schema = json.loads(command(site, "schema").stdout)["$defs"]
    part = schema["MedianDifferenceAnalysis"]
    assert part["properties"]["resamples"]["minimum"] == 200
    assert "difference_in_medians" in schema["Estimand"]["properties"]["summary"]["enum"]


@pytest.mark.parametrize(
    ("written", "slip", "meant"),
    [
        ("model: median_difference", "model: median_diference", "`median_difference`"),
        ("resamples: 400", "resampels: 400", "`resamples`"),
        ("summary: difference in medians", "summary: difference in median", "`difference_in_medi"),
    ],
)
def test_a_slip_in_its_part_of_the_plan_is_told(
    site: Path, tmp_path: Path, written: str, slip: str, meant: str
) -> None:
    plan = tmp_path / "slip.yaml"
    plan.write_text(PLAN.replace(written, slip))
    done = command(site, "validate", str(plan))
    assert done.returncode == 2
    assert f"did you mean {meant}" in done.stderr
    assert f"{plan}:{PLAN[: PLAN.index(written)].count(chr(10)) + 1}:" in done.stderr


def test_its_summary_suits_the_endpoints_that_its_models_take(site: Path, tmp_path: Path) -> None:
    plan = tmp_path / "other.yaml"
    plan.write_text(PLAN.replace("kind: change", "kind: response"))
    done = command(site, "validate", str(plan))
    assert done.returncode == 2
    assert "a summary that fits a response endpoint" in done.stderr


def test_its_numbers_are_those_of_scipy(report: Path, site: Path) -> None:
    """The endpoint derived apart, and the bootstrap of scipy.stats with draws of its own."""
    found = results_of(report).loc[DIFFERENCE]
    sides = _changes_at_the_visit(site)
    assert found["estimate"] == np.median(sides[0]) - np.median(sides[1])
    assert found["n"] == sum(len(side) for side in sides)
    other = stats.bootstrap(
        sides,
        lambda a, b, axis: np.median(a, axis=axis) - np.median(b, axis=axis),
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(11),
    )
    # a standard deviation of 400 draws has a relative error of about 1 / sqrt(800)
    assert found["std_error"] == pytest.approx(other.standard_error, rel=4 / np.sqrt(2 * RESAMPLES))


def _changes_at_the_visit(site: Path) -> tuple[np.ndarray, np.ndarray]:
    """Changes of the active and the reference arm, by a derivation of its own."""
    script = (
        "import sys; from pathlib import Path\n"
        "from ketaoutcomes.plan.reading.plan_file import read_plan\n"
        "from ketaoutcomes.cohorts.obtain import obtain_cohort\n"
        "cohort = obtain_cohort(read_plan(Path('plan.yaml'))[0], None)[0]\n"
        "cohort.visits.merge(cohort.assignments[['subject', 'phase', 'arm']]).to_csv(sys.stdout)\n"
    )
    paths = os.pathsep.join(map(str, (ROOT / "src", FAMILY, site)))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": paths},
        cwd=site,
        capture_output=True,
        check=True,
        text=True,
    )
    (site / "visits.csv").write_text(done.stdout)
    scores = pd.read_csv(site / "visits.csv")
    scores = scores[(scores["phase"] == "induction") & (scores["scale"] == "MADRS")]
    wide = scores.pivot(index=["subject", "arm"], columns="visit", values="score")
    change = (wide["Day 28"] - wide["Baseline"]).dropna()
    active, reference = (change.xs(arm, level="arm") for arm in ("esketamine", "placebo"))
    return active.to_numpy(), reference.to_numpy()


def test_the_page_has_its_section_words_calls_and_version(report: Path) -> None:
    page = (report / "report.html").read_text()
    for words in (
        "Differences in medians",
        "The difference in medians at Day 28 was",
        f"percentiles of {RESAMPLES} bootstrap samples",
        "boot::boot.ci",
        "Efron B, Tibshirani RJ.",
        DIFFERENCE,
    ):
        assert words in page
    assert "unexpected error" not in page
    versions = json.loads((report / "manifest.json").read_text())["versions"]
    assert versions["ketaoutcomes-median-difference"] == "1.0.0"


def test_its_hypothesis_is_tested_with_others(report: Path) -> None:
    rows = results_of(report)
    raw, adjusted = (
        rows.loc[f"multt01/median/day_28/esketamine/placebo/both_median/{kind}_p", "p_value"]
        for kind in ("unadjusted", "adjusted")
    )
    assert raw == rows.loc[DIFFERENCE, "p_value"]
    assert adjusted >= raw


def test_no_truth_of_means_is_given_for_it(report: Path) -> None:
    rows = results_of(report)
    truths = rows[rows["table"].isin(["trut01", "trut02"])]
    assert "difference in medians" not in set(truths["statistic"])


def test_a_number_of_it_is_explained(site: Path, report: Path) -> None:
    told = command(site, "explain", DIFFERENCE, str(report)).stdout
    for words in ("Difference in medians (primary)", "Efron & Tibshirani 1993", "model: median_di"):
        assert words in told
    assert "samples drawn with replacement within each arm" in " ".join(told.split())


def test_without_its_package_a_run_says_what_it_needs(report: Path, tmp_path: Path) -> None:
    for words in (("explain", DIFFERENCE, str(report)), ("report", str(report))):
        done = command(tmp_path, *words)
        assert done.returncode == 1
        assert "expected: ketaoutcomes-median-difference 1.0.0" in done.stderr
        assert "found:    no such package" in done.stderr


@pytest.mark.slow
def test_its_run_is_verified_and_its_page_made_again(
    site: Path, report: Path, tmp_path: Path
) -> None:
    assert command(site, "verify", str(report)).stdout.endswith("the same bytes again\n")
    again = tmp_path / "again"
    shutil.copytree(report, again)
    (again / "report.html").unlink()
    assert command(site, "report", str(again)).returncode == 0
    assert (again / "report.html").read_bytes() == (report / "report.html").read_bytes()


@pytest.mark.slow
def test_its_power_is_simulated(site: Path) -> None:
    words = ("power", "plan.yaml", "--out", "power", "--workers", "1", "-q")
    done = command(site, *words)
    assert (done.returncode, done.stderr) == (0, "")
    rows = results_of(site / "power")
    assert rows.loc["powt01/median/esketamine/placebo/40,_no_effect/coverage", "estimate"] >= 0
    bias = rows.loc["powt01/median/esketamine/placebo/40,_effect/bias"]
    assert bias["message"].startswith("the true value of this summary is not known")
    assert "powt02/median/both_median,_40,_effect/power" in rows.index


def small_trial(folder: Path) -> Path:
    """A trial in files with 6 participants in one arm and 30 in the other."""
    rng = np.random.default_rng(2)
    arms = ["placebo"] * 6 + ["esketamine"] * 30
    subjects = pd.DataFrame({"subject": [f"S{i:02d}" for i in range(36)], "arm": arms})
    visits = pd.concat(
        subjects[["subject"]].assign(visit=visit, day=day, score=rng.normal(mean, 6, 36).round(1))
        for visit, day, mean in (("Baseline", 1, 35), ("Day 15", 15, 25), ("Day 28", 28, 20))
    )
    subjects.to_csv(folder / "subjects.csv", index=False)
    visits.to_csv(folder / "visits.csv", index=False)
    plan = yaml.safe_load(PLAN)
    columns = {"subject": "subject", "arm": "arm", "visit": "visit", "day": "day"}
    plan["data"] = {
        "files": {"subjects": "subjects.csv", "visits": "visits.csv"},
        "columns": columns | {"value": "score"},
        "scale": "MADRS",
    }
    del plan["power"]
    (folder / "small.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    return folder / "small.yaml"


WITH_A_RECORD: Final = """\
from dataclasses import dataclass, replace
from median_difference import FAMILY as QUIET

@dataclass(frozen=True)
class Changes:
    analysis: str
    changes: tuple[float, ...]

def fit(name, analysis, estimand, endpoint, conf_level):
    fitted = QUIET.models[0].fit(name, analysis, estimand, endpoint, conf_level)
    return replace(fitted, record=Changes(name, tuple(endpoint.frame["change"].dropna())))

FAMILY = replace(QUIET, models=(replace(QUIET.models[0], fit=fit),))
"""
"""The family with a record of every single change, of which it does not say what may be shown."""


def says_nothing_of_the_few(both: pd.Series) -> bool:
    """Whether n over both arms is withheld, or so round that each count under 11 agrees with it.

    The other arm has 30 participants, and its n is shown.
    """
    if pd.isna(both["n"]):
        return True
    words = dict(word.partition(":")[::2] for word in both["suppressed"].split())
    half = int(words["n"]) / 2
    return all(abs(30 + few - both["n"]) <= half for few in range(1, 11))


def test_small_counts_and_unknown_records_are_hidden_unasked(tmp_path: Path) -> None:
    installed(tmp_path, "outspoken", {"outspoken": "outspoken:FAMILY"})
    (tmp_path / "outspoken.py").write_text(WITH_A_RECORD)
    done = command(tmp_path, "run", str(small_trial(tmp_path)), "--out", "small", "-q")
    assert done.returncode == 0, done.stderr
    rows = results_of(tmp_path / "small")
    mine = rows[rows["table"] == "mdnt01"]
    few = mine[(mine["arm"] == "placebo") | mine["reference"].notna()]
    assert set(few["status"]) == {"suppressed"}
    assert few[["estimate", "conf_low", "std_error"]].isna().all(axis=None)
    assert few.loc[few["reference"].isna(), "n"].isna().all()
    for _, both in few[few["reference"].notna()].iterrows():
        assert says_nothing_of_the_few(both)
    records = (tmp_path / "small" / "records.json").read_text()
    assert "Changes" not in records
    assert "MmrmRecord" in records


@pytest.mark.parametrize(
    ("module", "point", "found"),
    [
        ("raise RuntimeError('no licence')", "bad:FAMILY", "RuntimeError: no licence"),
        ("FAMILY = 3", "bad:FAMILY", "an object of type int"),
        ("", "bad:FAMILY", "AttributeError: module 'bad' has no attribute 'FAMILY'"),
        ("", "worse:FAMILY", "ModuleNotFoundError: No module named 'worse'"),
        (
            "from dataclasses import replace\n"
            "from median_difference import FAMILY as OTHER\n"
            "FAMILY = replace(OTHER, name='bad', tables={}, main_results={})\n",
            "bad:FAMILY",
            "`median_difference`, a model of the family `median_difference` too",
        ),
        (
            "from ketaoutcomes.families.registry import Family\n"
            "FAMILY = Family(name='bad', models=(), tables={'mmrmt01': 'mine'})\n",
            "bad:FAMILY",
            "`mmrmt01`, a table of results of the family `repeated_measures` too",
        ),
    ],
)
def test_a_package_that_cannot_be_used_is_one_fault(
    tmp_path: Path, module: str, point: str, found: str
) -> None:
    """Beside the family above, which stands first in the alphabet of entry points."""
    installed(tmp_path, "a-median", {"a_median": "median_difference:FAMILY"})
    installed(tmp_path, "its-package", {"its_name": point}, "0.3")
    (tmp_path / "bad.py").write_text(module)
    done = command(tmp_path, "list")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"entry point `its_name = {point}` of its-package 0.3" in done.stderr
    assert f"found:    {found}" in done.stderr
    assert "fix:      correct the package, or remove it" in done.stderr


def test_all_such_faults_are_told_at_once_before_a_plan_is_read(tmp_path: Path) -> None:
    installed(tmp_path, "one", {"one": "one:FAMILY"})
    installed(tmp_path, "two", {"two": "two:FAMILY"})
    (tmp_path / "plan.yaml").write_text(PLAN)
    done = command(tmp_path, "validate", "plan.yaml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("expected:") == 2


def test_nothing_outside_its_folder_speaks_of_it() -> None:
    """What adding a family costs elsewhere: no file."""
    files = (path for path in (ROOT / "src").rglob("*.py"))
    assert [p.name for p in files if "median_difference" in p.read_text()] == []
