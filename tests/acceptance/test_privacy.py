"""No value of a single subject, and no small count, is in anything a run writes or says."""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.cli.main import main
from planted_trial import PLANTED, write_planted_trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planted_trial(tmp_path_factory.mktemp("trial"))


def texts_of(folder: Path) -> dict[str, str]:
    """What each file holds, as text: packed files unpacked, tables written out."""
    texts = {}
    for path in folder.rglob("*"):
        if path.is_dir():
            continue
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        texts[name] = content.decode("utf-8", "ignore").lower()
        if path.suffix == ".parquet":
            texts[f"{name} read"] = pd.read_parquet(path).to_csv().lower()
        if path.suffix == ".docx":
            with zipfile.ZipFile(BytesIO(content)) as parts:
                for part in parts.namelist():
                    texts[f"{name}/{part}"] = parts.read(part).decode("utf-8", "ignore").lower()
    return texts


def test_no_value_of_one_subject_leaves_the_run(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "ketaoutcomes",
        "run",
        str(trial),
        "--out",
        str(out),
        "-v",
        "--word",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    texts = texts_of(out) | {"stdout": done.stdout.lower(), "stderr": done.stderr.lower()}
    found = [
        (name, word) for name, text in texts.items() for word in PLANTED if word.lower() in text
    ]
    assert found == []


def test_the_search_finds_what_is_there(trial: Path, tmp_path: Path) -> None:
    """The same run with everything shown: the search must then find the planted values."""
    open_plan = trial.with_name("open.yaml")
    open_plan.write_text(trial.read_text().replace("report:", "report:\n  smallest_cell: 1"))
    out = tmp_path / "out"
    assert main(["run", str(open_plan), "--out", str(out), "-q"]) == 0
    texts = texts_of(out)
    found = {word for text in texts.values() for word in PLANTED if word.lower() in text}
    assert {"43.218", "71.491", "97.318", "Isle of Skye", "moved to Zanzibar"} <= found
    assert not any("qx17" in text for text in texts.values())


def test_results_hold_no_small_count_and_say_so(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["run", str(trial), "--out", str(out), "-q"]) == 0
    results = pd.read_parquet(out / "results.parquet")
    for column in ("n", "n_events"):
        assert not results[column].between(1, 10).any()
    hidden = results[results["status"] == "suppressed"]
    assert len(hidden) > 5
    assert hidden["estimate"].isna().all()
    page = (out / "report.html").read_text()
    assert "would reveal a count below 11" in page
    assert ">[c]<" in page


@pytest.mark.parametrize("smallest", [40, 1000])
def test_a_report_is_written_whatever_is_hidden(trial: Path, tmp_path: Path, smallest: int) -> None:
    plan = trial.with_name("hidden.yaml")
    plan.write_text(trial.read_text().replace("report:", f"report:\n  smallest_cell: {smallest}"))
    out = tmp_path / "out"
    assert main(["run", str(plan), "--out", str(out), "-q"]) == 0
    assert main(["report", str(out)]) == 0
    results = pd.read_parquet(out / "results.parquet")
    assert not results["n"].between(1, smallest - 1).any()
