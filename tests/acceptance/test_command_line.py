"""The commands as a user types them: what they write, say and return."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from browser import chromium, faults_of
from displayed import PARTS_OF_AN_ABSTRACT, faults_of_words, parts_of_summary, unexplained
from folders import contents
from ketaoutcomes.cli.main import BLAS_THREADS, main
from ketaoutcomes.runs.disk import hash_of

ROOT = Path(__file__).resolve().parents[2]
ANALYSES = ROOT / "analyses"
SYNTHETIC = ("trd", "maintenance")


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports of the synthetic plans."""
    folder = tmp_path_factory.mktemp("reports")
    for name in SYNTHETIC:
        words = ["run", str(ANALYSES / f"{name}.yaml"), "--out", str(folder / name), "-q"]
        assert main(words) == 0
    return {name: folder / name for name in SYNTHETIC}


def files_of(folder: Path) -> dict[str, bytes]:
    return contents(folder)


def test_a_run_writes_page_results_and_manifest(reports: dict[str, Path]) -> None:
    names = set(files_of(reports["trd"]))
    saved = {name for name in names if name.startswith(("tables/", "figures/"))}
    assert names - saved == {
        "report.html",
        "results.csv",
        "results.parquet",
        "records.json",
        "checks.json",
        "plan.yaml",
        "manifest.json",
    }
    assert {name.partition(".")[2] for name in saved} == {"csv", "svg"}


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_second_run_in_another_process_gives_the_same_bytes(
    reports: dict[str, Path], tmp_path: Path, name: str
) -> None:
    again = tmp_path / "again"
    command = [sys.executable, "-m", "ketaoutcomes", "run", f"analyses/{name}.yaml"]
    threads = os.environ | dict.fromkeys(BLAS_THREADS, "2")
    subprocess.run([*command, "--out", str(again), "-q"], check=True, cwd=ROOT, env=threads)
    assert files_of(again) == files_of(reports[name])


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_page_uses_the_words_of_the_field_and_explains_them(
    reports: dict[str, Path], name: str
) -> None:
    page = (reports[name] / "report.html").read_text("utf-8")
    assert faults_of_words(page) == []
    assert unexplained(page) == []
    assert parts_of_summary(page) == PARTS_OF_AN_ABSTRACT


@pytest.mark.browser
@pytest.mark.parametrize("name", SYNTHETIC)
def test_the_report_is_sound_in_a_browser(reports: dict[str, Path], name: str) -> None:
    with chromium() as browser:
        assert faults_of(browser, reports[name] / "report.html") == []


def test_csv_and_parquet_hold_the_same_results(reports: dict[str, Path]) -> None:
    parquet = pd.read_parquet(reports["trd"] / "results.parquet")
    csv = pd.read_csv(reports["trd"] / "results.csv", dtype=parquet.dtypes.to_dict())
    text = [name for name, kind in parquet.dtypes.items() if kind == "string"]
    csv[text] = csv[text].fillna("")
    pd.testing.assert_frame_equal(csv, parquet)
    assert parquet["id"].is_unique


def test_the_manifest_names_every_file_by_its_hash(reports: dict[str, Path]) -> None:
    files = files_of(reports["trd"])
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: hash_of(content) for name, content in files.items()}
    assert manifest["data"]["seed"] == 20261124


def test_estimates_lie_near_the_truth(reports: dict[str, Path]) -> None:
    results = pd.read_parquet(reports["trd"] / "results.parquet").set_index("id")
    truth = results.loc[
        "trut01/induction/day_28/esketamine/placebo/primary/difference_in_means", "estimate"
    ]
    row = results.loc["mmrmt01/primary/day_28/esketamine/placebo/difference_in_ls_means"]
    # Three standard errors of one trial: a miss would be a fault, not chance.
    assert abs(row["estimate"] - truth) < 3 * row["std_error"]


def test_no_subject_is_named_in_anything_shared(reports: dict[str, Path]) -> None:
    for content in files_of(reports["trd"]).values():
        assert b"S0000001" not in content


def test_only_some_analyses(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", str(ANALYSES / "trd.yaml"), "--only", "response", "--out", str(out), "-q"]
    assert main(words) == 0
    analyses = set(pd.read_parquet(out / "results.parquet")["analysis"]) - {""}
    assert analyses == {"response"}


def test_another_seed_gives_other_results(reports: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", str(ANALYSES / "trd.yaml"), "--seed", "5", "--only", "primary"]
    assert main([*words, "--out", str(out), "-q"]) == 0
    assert files_of(out)["results.csv"] != files_of(reports["trd"])["results.csv"]


def test_a_dry_run_says_what_would_run_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["run", str(ANALYSES / "trd.yaml"), "--dry-run", "--out", str(out)]) == 0
    assert "primary: mmrm for estimand primary (primary)" in capsys.readouterr().out
    assert not out.exists()


def test_an_unknown_analysis_is_a_fault_of_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(ANALYSES / "trd.yaml"), "--only", "respons"]) == 2
    assert "did you mean `response`?" in capsys.readouterr().err


def test_an_unknown_scenario_is_a_fault_of_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text((ANALYSES / "trd.yaml").read_text().replace("trd_short_term", "trd_shortterm"))
    assert main(["run", str(plan)]) == 2
    assert "did you mean `trd_short_term`?" in capsys.readouterr().err


def test_an_arm_that_the_scenario_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text((ANALYSES / "trd.yaml").read_text().replace("esketamine", "esketamin"))
    assert main(["run", str(plan)]) == 2
    assert "did you mean `esketamine`?" in capsys.readouterr().err


def test_missing_data_files_are_a_fault_of_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["run", str(ANALYSES / "hamd17.yaml"), "--data", str(tmp_path), "--out", str(out)]
    assert main([*words, "-q"]) == 3
    assert "antidepressant_hamd17_long.csv" in capsys.readouterr().err
    assert not out.exists()


def test_a_model_that_cannot_be_fitted_is_said_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    text = (ANALYSES / "trd.yaml").read_text()
    plan.write_text(
        text.replace("seed: 20261124", "seed: 1, subjects: 6").replace("[us, toeph, ar1h]", "[us]")
    )
    out = tmp_path / "out"
    assert main(["run", str(plan), "--only", "primary", "--out", str(out), "-q"]) == 1
    assert "no covariance structure of the plan could be fitted" in capsys.readouterr().err
    assert "could be fitted" in (out / "report.html").read_text()


def test_validate_and_schema_and_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(ANALYSES / "trd.yaml")]) == 0
    assert main(["schema"]) == 0
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "the plan and its data are valid" in out
    assert '"$id": "urn:ketaoutcomes:plan"' in out
    assert "trd_short_term" in out


def test_help_does_not_wait_for_heavy_imports() -> None:
    code = (
        "import sys, ketaoutcomes.cli.main as _; "
        "print([m for m in ('pandas', 'numpy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_published_cohorts_are_those_of_this_version(tmp_path: Path) -> None:
    out = tmp_path / "synthetic"
    assert main(["simulate", "--subjects", "40", "--out", str(out)]) == 0
    published = ROOT / "data" / "synthetic"
    made = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    kept = {
        path.relative_to(published): path.read_bytes()
        for path in published.rglob("*")
        if path.is_file()
    }
    assert made == kept


@pytest.mark.parametrize(
    ("plan", "folder"),
    [
        ("hamd17", "dia_antidepressant_hamd17"),
        ("smoking_relapse", "smoking_relapse_pharmacotherapy"),
    ],
)
def test_real_data_give_a_sound_report(
    real_data_dir: Path, tmp_path: Path, plan: str, folder: str
) -> None:
    out = tmp_path / "out"
    words = ["run", str(ANALYSES / f"{plan}.yaml"), "--data", str(real_data_dir / folder)]
    assert main([*words, "--out", str(out), "-q"]) == 0
    with chromium() as browser:
        assert faults_of(browser, out / "report.html") == []


def test_the_antidepressant_trial_has_its_published_result(
    real_data_dir: Path, tmp_path: Path
) -> None:
    data = real_data_dir / "dia_antidepressant_hamd17"
    text = (ANALYSES / "hamd17.yaml").read_text()
    assert "smallest_cell" not in text
    shown = tmp_path / "shown.yaml"
    shown.write_text(text.replace("\nreport:\n", "\nreport:\n  smallest_cell: 1\n"))
    rows = []
    for plan in (shown, ANALYSES / "hamd17.yaml"):
        out = tmp_path / f"out_{plan.stem}"
        words = ["run", str(plan), "--data", str(data), "--only", "primary"]
        assert main([*words, "--out", str(out), "-q"]) == 0
        results = pd.read_parquet(out / "results.parquet").set_index("id")
        rows.append(results.loc["mmrmt01/primary/week_6/drug/placebo/difference_in_ls_means"])
    full, hiding = rows
    # CAMIS, comparison of R and SAS on this trial: -2.829 (SE 1.117), p = 0.0123; three decimals.
    assert full["estimate"] == pytest.approx(-2.829, abs=5e-4)
    assert full["std_error"] == pytest.approx(1.117, abs=5e-4)
    assert full["p_value"] == pytest.approx(0.0123, abs=5e-5)
    # Where small counts are hidden the estimate keeps its digits; its error and p-value are the
    # published ones to the steps that the row states.
    assert hiding["estimate"] == full["estimate"]
    assert {"std_error:0.02", "p_value:0.001"} <= set(hiding["suppressed"].split())
    assert (hiding["std_error"], hiding["p_value"]) == (1.12, 0.012)


def test_csv_and_sas_give_the_same_bytes_of_results(real_data_dir: Path, tmp_path: Path) -> None:
    data = real_data_dir / "dia_antidepressant_hamd17"
    shutil.copy(data / "antidepressant_hamd17_long.csv", tmp_path)
    shutil.copy(data / "original" / "chapter15_example.sas7bdat", tmp_path)
    text = (ANALYSES / "hamd17.yaml").read_text()
    results = []
    for name in ("antidepressant_hamd17_long.csv", "chapter15_example.sas7bdat"):
        plan = tmp_path / "plan.yaml"
        plan.write_text(text.replace("antidepressant_hamd17_long.csv", name))
        out = tmp_path / name.split(".")[1]
        assert main(["run", str(plan), "--out", str(out), "-q"]) == 0
        results.append((out / "results.csv").read_bytes())
    assert results[0] == results[1]
