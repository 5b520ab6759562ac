"""Exit codes as the README has them; faults before the work; the same bytes wherever it runs."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ketaoutcomes import pipeline
from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts import publish
from ketaoutcomes.cohorts.calibration import calibrate, scoring
from ketaoutcomes.power import run as power
from ketaoutcomes.synthesis import run as synthesis
from planted_trial import write_planted_trial

ROOT = Path(__file__).resolve().parents[2]
PLAN = str(ROOT / "analyses" / "trd.yaml")


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
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever simulates or loads a cohort, or fits to a record, fails the test."""
    for place, name in (
        (pipeline, "obtain_cohort"),
        (power, "run_chunks"),
        (synthesis, "load_studies"),
        (publish, "simulate"),
        (calibrate, "fit_family"),
        (scoring, "score"),
    ):
        monkeypatch.setattr(place, name, lambda *_, **__: pytest.fail("computed first"))


@pytest.mark.usefixtures("nothing_computed")
@pytest.mark.parametrize(
    "words",
    [
        ["run", PLAN],
        ["run", str(ROOT / "analyses" / "ketamine_trials.yaml")],
        ["power", PLAN],
        ["simulate", "single_dose"],
        ["calibrate", "pain"],
    ],
)
@pytest.mark.parametrize("place", ["theirs", ".", "link", "file", "file/inside"])
def test_a_place_that_cannot_be_written_is_told_first(
    words: list[str],
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("theirs").mkdir()
    for name in ("manifest.json", "MANIFEST.json", "package.json"):
        (Path("theirs") / name).write_text('{"name": "another program"}')
    Path("link").symlink_to("theirs")
    Path("file").write_text("mine")
    assert main([*words, "--out", place]) == 2
    told = capsys.readouterr().err
    assert "nothing is written" in told
    assert "  fix: " in told
    assert len(list(Path("theirs").iterdir())) == 3
    assert Path("file").read_text() == "mine"
    assert sorted(path.name for path in Path().iterdir()) == ["file", "link", "theirs"]


@pytest.mark.usefixtures("nothing_computed")
def test_the_work_folder_of_power_is_looked_at_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work").touch()
    words = ["power", PLAN, "--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    assert main(words) == 2
    assert "a folder that can be written" in capsys.readouterr().err


def test_the_readme_has_these_codes() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    (told,) = re.findall(r"Exit codes: (.*?)\.", text)
    assert dict(re.findall(r"(\d+) ([^;]+)", told)) == {
        "0": "done",
        "1": "a check failed, or a result that the plan asked for",
        "2": "an error in the plan or the command",
        "3": "an error in the data",
        "128": "and the number of the signal that stopped it",
    }


def commands(trial: Path, stored: Path, tmp: Path) -> dict[str, tuple[list[str], int]]:
    """What is asked, by its name, and the code."""
    none, plan, data = str(tmp / "none"), str(trial), str(trial.parent)
    empty = tmp / "empty"
    empty.mkdir()
    (tmp / "ocd.yaml").symlink_to(tmp / "nowhere.yaml")
    return {
        "run, no plan": (["run", none], 2),
        "run, no data": (["run", plan, "--data", str(empty)], 3),
        "run, no such analysis": (["run", plan, "--only", "x"], 2),
        "run, seed of real data": (["run", plan, "--seed", "1"], 2),
        "run, dry": (["run", plan, "--dry-run"], 0),
        "validate": (["validate", plan], 0),
        "validate, no plan": (["validate", none], 2),
        "validate, no data": (["validate", plan, "--data", str(empty)], 3),
        "inspect": (["inspect", data], 0),
        "inspect, nothing": (["inspect", str(empty)], 3),
        "inspect, nowhere": (["inspect", none], 2),
        "report, no run": (["report", none], 2),
        "report, another folder": (["report", str(empty)], 2),
        "verify, no run": (["verify", none], 2),
        "verify, no data": (["verify", str(stored), "--data", str(empty)], 3),
        "explain, no id": (["explain", "x", str(stored)], 2),
        "explain, no run": (["explain", "x", none], 2),
        "explain, no reports": (["explain", "x"], 2),
        "diff, the same": (["diff", str(stored), str(stored)], 0),
        "diff, no run": (["diff", str(stored), none], 2),
        "power, real data": (["power", plan, "--out", none], 2),
        "power, no cluster": (
            ["power", PLAN, "--cluster", "nonsense://x", "--work", str(tmp / "work")],
            2,
        ),
        "simulate, no scenario": (["simulate", "x", "--out", none], 2),
        "calibrate, no scenario": (["calibrate", "x"], 2),
        "schema": (["schema"], 0),
        "list": (["list"], 0),
        "example": (["example", "trd", "--to", str(tmp)], 0),
        "example, not known": (["example", "x"], 2),
        "example, another file": (["example", "ocd", "--to", str(tmp)], 2),
        "no command": (["x"], 2),
        "no words": ([], 2),
    }


def test_every_command_ends_with_its_code(
    trial: Path, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, expected = {}, {}
    for name, (words, code) in commands(trial, stored, tmp_path).items():
        try:
            found[name] = main(words)
        except SystemExit as left:
            found[name] = int(left.code or 0)
        expected[name] = code
    assert found == expected


def test_time_zone_and_locale_do_not_matter(trial: Path, stored: Path, tmp_path: Path) -> None:
    """One locale knows ASCII alone; the zone is fourteen hours from Greenwich."""
    out = tmp_path / "out"
    there = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONHASHSEED": "77",
    }
    words = [sys.executable, "-m", "ketaoutcomes", "run", str(trial), "--out", str(out)]
    done = subprocess.run(words, env=os.environ | there, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    here, there_too = files_of(stored), files_of(out)
    assert any(name.startswith("tables/") for name in here)
    assert there_too == here


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file by its path, those of the folders inside too."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.slow
def test_power_says_what_it_kept(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ketaoutcomes", "power", PLAN, "--workers", "2"]
    words += ["--replicates", "2000", "--subjects", "40", "--out", str(tmp_path / "out")]
    told = tmp_path / "told"
    with told.open("wb") as stderr, subprocess.Popen(words, cwd=tmp_path, stderr=stderr) as command:
        until = time.monotonic() + 240
        while not list(tmp_path.glob("work/power/*/*.chunk")) and time.monotonic() < until:
            time.sleep(0.2)
        command.send_signal(signal.SIGTERM)
        assert command.wait(60) == 128 + signal.SIGTERM
    kept = len(list(tmp_path.glob("work/power/*/*.chunk")))
    assert kept
    last = told.read_text().splitlines()[-2:]
    assert last[0] == "ketaoutcomes: stopped; no file is half written"
    assert last[1].startswith(f"{kept} of 120 chunks are kept in work/power/trd-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["told", "work"]
