"""The files beside the code say the same as the code."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from ketaoutcomes import __version__
from ketaoutcomes.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_versions_and_licences_agree() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert PROJECT["version"] == citation["version"] == __version__
    assert PROJECT["license"] == citation["license"] == "BSD-3-Clause"
    assert "2026, the ketaoutcomes developers" in (ROOT / "LICENSE").read_text()


def test_the_changelog_has_a_section_for_what_comes() -> None:
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads[0] == "Unreleased"


def test_the_readme_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^  (\w+) {2,}", capsys.readouterr().out, re.MULTILINE)
    assert "example" in commands
    readme = (ROOT / "README.md").read_text()
    assert [name for name in commands if f"| `{name}" not in readme] == []


def test_every_plan_is_described() -> None:
    page = (ROOT / "docs" / "plans.md").read_text()
    plans = (path.name for path in (ROOT / "analyses").glob("*.yaml"))
    assert [name for name in plans if f"`{name}`" not in page] == []


def test_the_map_names_every_folder_and_every_file_next_to_them() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    source = ROOT / "src" / "ketaoutcomes"
    files = [path for path in source.rglob("*.*") if "__pycache__" not in path.parts]
    folders = {str(path.parent.relative_to(source)) for path in files} - {"."}
    of_families = {name for name in folders if name.startswith("families/")} - {"families/shared"}
    assert len(folders) > 40
    assert [name for name in sorted(folders - of_families) if f"`{name}/`" not in page] == []
    beside = [path.name for path in source.glob("*.py") if not path.name.startswith("__")]
    assert [name for name in sorted(beside) if f"`{name}`" not in page] == []


def test_no_page_links_to_nothing() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    written = ("citations", "gallery", "plan-reference", "questions", "scales", "validation")
    made = {f"{name}.md" for name in written}
    broken = [
        (page.name, link)
        for page in pages
        for link in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / link).exists() and Path(link).name not in made
    ]
    assert broken == []


def test_the_hook_can_be_run() -> None:
    assert os.access(ROOT / ".githooks" / "pre-commit", os.X_OK)


def test_every_file_has_a_plain_name() -> None:
    """A slip of the shell once left 34 files named after sentences in the top folder."""
    folders = ("src", "tests", "docs", "analyses", "benchmarks")
    paths = [*ROOT.iterdir(), *(path for name in folders for path in (ROOT / name).rglob("*"))]
    odd = [
        str(path.relative_to(ROOT))
        for path in paths
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", path.name)
    ]
    assert odd == []
