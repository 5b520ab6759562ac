"""The built wheel, installed in an empty environment, does what the README shows."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from ketaoutcomes.cli.example import folder_of_examples, write_example
from ketaoutcomes.errors import CommandError

ROOT = Path(__file__).resolve().parents[2]
TOUR = re.compile(r"<!-- tour -->\n```sh\n(?P<text>.*?)```", re.DOTALL)


def command(words: list[str], folder: Path, **environment: str) -> str:
    """What a command says, run in a folder with nothing of the checkout in its path."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        words, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from a copy of the checkout."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for name in ("src", "analyses"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    command([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], copy)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel; libraries are borrowed."""
    place = tmp_path_factory.mktemp("environment")
    command([sys.executable, "-m", "venv", "--without-pip", str(place)], place)
    python = str(place / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    command([*pip, "--no-deps", "--no-index", str(wheel)], place)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(command([python, "-c", where], place).strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


def test_the_wheel_holds_the_package_the_plans_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    plans = {f"ketaoutcomes/examples/{path.name}" for path in (ROOT / "analyses").iterdir()}
    assert plans <= names
    assert {"ketaoutcomes/py.typed", "ketaoutcomes/cohorts/scenarios/trd_short_term.yaml"} <= names
    assert {"ketaoutcomes/export/r/1_rows.R", "ketaoutcomes/export/sas/begin.sas"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "docs", "data"))]


def test_nothing_of_the_checkout_is_imported(installed: Path, tmp_path: Path) -> None:
    where = "import ketaoutcomes; print(ketaoutcomes.__file__)"
    found = Path(command([str(installed / "python"), "-c", where], tmp_path).strip())
    assert installed.parent in found.parents


@pytest.mark.slow
def test_the_tour_of_the_readme_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    tour = TOUR.search((ROOT / "README.md").read_text("utf-8"))
    assert tour is not None
    path = f"{installed}{os.pathsep}{os.environ['PATH']}"
    for line in tour["text"].splitlines():
        command(["bash", "-c", line], tmp_path, PATH=path)
    assert (tmp_path / "trd.yaml").read_bytes() == (ROOT / "analyses" / "trd.yaml").read_bytes()
    page = (tmp_path / "reports" / "trd" / "report.html").read_text("utf-8")
    assert "Summary" in page
    assert (tmp_path / "reports" / "ketamine_trials" / "report.html").is_file()


def test_a_checkout_lists_the_same_plans() -> None:
    assert folder_of_examples() == ROOT / "analyses"


def test_an_example_brings_its_data_and_replaces_no_other_file(tmp_path: Path) -> None:
    plan = ROOT / "analyses" / "ketamine_trials.yaml"
    written = write_example(plan, tmp_path / "new")
    assert [path.name for path in written] == ["ketamine_trials.csv", "ketamine_trials.yaml"]
    assert write_example(plan, tmp_path / "new") == written
    written[0].write_text("mine")
    written[1].unlink()
    with pytest.raises(CommandError, match="would replace a file") as told:
        write_example(plan, tmp_path / "new")
    assert str(written[0]) in str(told.value)
    assert not written[1].exists()
    assert written[0].read_text() == "mine"
