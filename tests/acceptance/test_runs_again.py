"""A run's folder is enough to render, verify, compare and explain it."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from folders import contents
from ketaoutcomes.cli.main import main
from ketaoutcomes.runs.disk import hash_of
from ketaoutcomes.runs.explain import explanation
from planted_trial import write_planted_trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of a trial in files."""
    return write_planted_trial(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def stored(trial: Path) -> Path:
    folder = trial.parent / "stored"
    assert main(["run", str(trial), "--out", str(folder), "-q"]) == 0
    return folder


@pytest.fixture
def run(stored: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(stored, tmp_path / "run"))


def test_report_renders_the_same_bytes_from_results_alone(run: Path) -> None:
    before = contents(run)
    (run / "report.html").unlink()
    (run / "results.csv").unlink()
    assert main(["report", str(run)]) == 0
    assert contents(run) == before


@pytest.mark.parametrize("name", ["report.html", "results.csv", "remarks.txt"])
def test_what_a_reader_wrote_into_the_folder_stays(
    run: Path, trial: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / name).write_text("remarks of a reader")
    before = contents(run)
    assert main(["report", str(run)]) == 2
    assert main(["run", str(trial), "--out", str(run)]) == 2
    assert f"`{name}`" in capsys.readouterr().err
    assert contents(run) == before


def test_word_report_come_and_stay(run: Path, trial: Path) -> None:
    before = contents(run)
    assert main(["report", str(run), "--word"]) == 0
    with_word = contents(run)
    assert set(with_word) - set(before) == {"report.docx"}
    assert with_word["report.html"] == before["report.html"]
    assert main(["report", str(run)]) == 0
    assert contents(run) == with_word
    assert main(["verify", str(run), "--data", str(trial.parent)]) == 0


def test_verify_finds_the_same_bytes(
    run: Path, trial: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(run), "--data", str(trial.parent)]) == 0
    assert "the same bytes again" in capsys.readouterr().out


def test_a_changed_file_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "results.csv").write_text("changed")
    assert main(["verify", str(run)]) == 1
    assert "results.csv\n  expected: sha256 " in capsys.readouterr().err


def test_verify_names_the_first_row_and_column_that_differ(
    run: Path, trial: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = run / "plan.yaml"
    before = plan.read_bytes()
    plan.write_bytes(before.replace(b"role: secondary", b"role: supplementary", 1))
    manifest = run / "manifest.json"
    manifest.write_text(manifest.read_text().replace(hash_of(before), hash_of(plan.read_bytes())))
    assert main(["verify", str(run), "--data", str(trial.parent)]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        "first difference: results.parquet: rspt01/response/week_4/placebo/responders: "
        "role 'secondary' -> 'supplementary'"
    )


def test_verify_names_data_that_changed(
    run: Path, trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("subjects", "visits", "times"):
        shutil.copy(trial.parent / f"{name}.csv", tmp_path)
    times = tmp_path / "times.csv"
    times.write_text(times.read_text().replace("QX17-0000", "QX17-9999"))
    shutil.copy(trial.parent / "subjects.csv", tmp_path)
    subjects = tmp_path / "subjects.csv"
    subjects.write_text(subjects.read_text().replace("QX17-0000", "QX17-9999"))
    visits = tmp_path / "visits.csv"
    visits.write_text(visits.read_text().replace("QX17-0000", "QX17-9999"))
    assert main(["verify", str(run), "--data", str(tmp_path)]) == 1
    assert "first difference: data subjects.csv: " in capsys.readouterr().out


def test_data_that_are_not_found_are_a_fault_of_the_data(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(run)]) == 3
    assert "subjects.csv" in capsys.readouterr().err


def test_explain_traces_a_number(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    identifier = "mmrmt01/change/week_4/drug/placebo/difference_in_ls_means"
    assert main(["explain", identifier, str(run)]) == 0
    told = capsys.readouterr().out
    row = pd.read_parquet(run / "results.parquet").set_index("id").loc[identifier]
    assert f"{row['estimate']:.15g}" in told
    assert f"Participants counted\n{' ' * 22}{row['n']}\n" in told
    for words in (
        f"Population-level summary\n{' ' * 22}Difference in means\n",
        "(l1 - l0)' beta",
        "mmrm::mmrm(",
        "proc mixed",
        "change: {estimand: change, role: primary, model: mmrm, covariates: [baseline, sex]}",
    ):
        assert words in told


def test_every_number_can_be_explained(run: Path) -> None:
    results = pd.read_parquet(run / "results.parquet")
    for identifier in results["id"]:
        told = explanation(identifier, run)
        assert told.startswith(identifier)
        assert "Formula" in told or "Source" in told


def test_a_hidden_number_is_told_to_be_hidden(run: Path) -> None:
    results = pd.read_parquet(run / "results.parquet")
    hidden = results.loc[results["status"] == "suppressed", "id"].iloc[0]
    assert "so that no count from 1 to 10 can be worked out" in explanation(hidden, run)


def test_a_wrong_id_is_answered_with_near_ones(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "dmt01/treatment/drug/age/men", str(run)]) == 2
    assert "did you mean dmt01/treatment/drug/age/mean" in capsys.readouterr().err


def test_diff_counts_and_exits(
    run: Path, trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(run), str(run)]) == 0
    other = tmp_path / "other"
    words = ["run", str(trial), "--only", "change", "response", "--out", str(other), "-q"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(["diff", str(run), str(other)]) == 1
    assert "0 added" in capsys.readouterr().out
    before = contents(other)
    assert main(["report", str(other)]) == 0
    assert contents(other) == before
    assert main(["verify", str(other), "--data", str(trial.parent)]) == 0


@pytest.mark.parametrize("command", ["report", "verify"])
def test_a_folder_without_a_run_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, str(tmp_path / "none")]) == 2
    assert "there is no such run" in capsys.readouterr().err
    # nor is a folder of other files: the fault is in the command, not in a run
    assert main([command, str(tmp_path)]) == 2
    assert "a folder without any file of a run" in capsys.readouterr().err
    (tmp_path / "records.json").touch()
    assert main([command, str(tmp_path)]) == 1
    assert "manifest.json" in capsys.readouterr().err
