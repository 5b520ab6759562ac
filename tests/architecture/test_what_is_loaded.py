"""What a command does not need is not imported by it, and what waits to be imported is there."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.deferred import Deferred

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ketaoutcomes"
LIBRARIES = {
    "duckdb",
    "formulaic",
    "jinja2",
    "lifelines",
    "matplotlib",
    "pyreadstat",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
    "statsmodels",
}
NOT_NEEDED = {
    "--help": LIBRARIES | {"numpy", "pandas", "pydantic", "scipy"},
    "validate": LIBRARIES | {"ketaoutcomes.privacy", "ketaoutcomes.hypotheses"},
    "schema": LIBRARIES,
    "list": LIBRARIES,
}
COMMANDS = {
    "--help": ("--help",),
    "validate": ("validate", str(ROOT / "analyses" / "trd.yaml")),
    "schema": ("schema",),
    "list": ("list",),
}


def loaded_by(words: tuple[str, ...], folder: Path) -> set[str]:
    """The modules that a process has after a command, told in its last line."""
    code = (
        "import sys\n"
        "from ketaoutcomes.cli.main import main\n"
        "try:\n"
        f"    ended = main({list(words)!r})\n"
        "except SystemExit as stop:\n"
        "    ended = stop.code\n"
        "print()\n"
        "print(*sys.modules)\n"
        "sys.exit(ended)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SOURCE.parent)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_nothing_that_it_does_not_need(command: str, tmp_path: Path) -> None:
    loaded = loaded_by(COMMANDS[command], tmp_path)
    assert "ketaoutcomes.cli.main" in loaded
    assert loaded & NOT_NEEDED[command] == set()


def test_reading_a_run_imports_no_figure_and_no_second_program(tmp_path: Path) -> None:
    run = tmp_path / "run"
    plan = str(ROOT / "analyses" / "trd.yaml")
    assert main(["run", plan, "--only", "response", "--out", str(run), "-q"]) == 0
    assert loaded_by(("diff", str(run), str(run)), tmp_path) & LIBRARIES == set()
    identifier = (run / "results.csv").read_text().splitlines()[1].split(",")[0]
    loaded = loaded_by(("explain", identifier, str(run)), tmp_path)
    assert loaded & LIBRARIES <= {"scipy.optimize"}


def test_checking_a_plan_imports_no_page_and_no_figure(tmp_path: Path) -> None:
    loaded = loaded_by(COMMANDS["validate"], tmp_path)
    files = ("page", "figures", "calls", "fit", "second", "hide")
    assert "ketaoutcomes.families.time_to_event.plan" in loaded
    assert [one for one in loaded if ".families." in one and one.endswith(files)] == []


def waiting() -> Iterator[tuple[str, str]]:
    """Each function that is imported when it is called: its module and its name."""
    for path in SOURCE.rglob("*.py"):
        for block in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(block, ast.With):
                continue
            assert "imported_when_called" in ast.unparse(block.items[0])
            for line in block.body:
                assert isinstance(line, ast.ImportFrom), (path, line.lineno)
                yield from ((str(line.module), name.name) for name in line.names)


def test_what_waits_to_be_imported_is_there() -> None:
    found = list(waiting())
    missing = [one for one in found if not callable(getattr(import_module(one[0]), one[1], None))]
    assert len(found) > 100
    assert missing == []


def test_nothing_is_imported_before_it_is_called() -> None:
    function = Deferred("ketaoutcomes.no_such_module", "function")
    assert (function.__module__, function.__name__) == ("ketaoutcomes.no_such_module", "function")
    with pytest.raises(ModuleNotFoundError):
        function()
