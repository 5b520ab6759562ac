"""The import rules of .importlinter hold; nothing outside a family knows its name or class."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from ketaoutcomes.families.registry import families

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ketaoutcomes"
FAMILIES = SOURCE / "families"
SHARED = {"registry", "fitting", "fitted", "shared"}
"""What the rest of the package may import of `families`."""

DECIDES_BY_NAME = re.compile(r"\.model\s*(==|!=|\b(not )?in\b)|getattr\([^)]*[\"']model[\"']")


FUNCTIONS = SOURCE / "api"
"""The functions for analysts: each hands over the models of the family that it is named for."""


def outside() -> list[Path]:
    rooms = {FAMILIES, FUNCTIONS}
    return [path for path in SOURCE.rglob("*.py") if not rooms & set(path.parents)]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_imports_point_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / ".importlinter"), cache_dir=None) == 0


def test_every_family_has_a_folder_of_its_name() -> None:
    folders = {path.name for path in FAMILIES.iterdir() if (path / "__init__.py").exists()}
    ours = {one.name for one in families() if (FAMILIES / one.name).exists()}
    assert folders - SHARED == ours


def test_nothing_outside_imports_a_family() -> None:
    found = {
        (path.name, name)
        for path in outside()
        for name in imported(path)
        if name.startswith("ketaoutcomes.families.") and name.split(".")[2] not in SHARED
    }
    assert found == set()


def test_no_family_imports_another() -> None:
    found = {
        (folder.name, name)
        for folder in FAMILIES.iterdir()
        if folder.is_dir()
        for path in folder.glob("*.py")
        for name in imported(path)
        if name.startswith("ketaoutcomes.families.")
        and name.split(".")[2] not in {*SHARED, folder.name}
    }
    assert found == set()


def test_nothing_outside_a_family_tests_its_name() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in outside()
        for line in path.read_text(encoding="utf-8").splitlines()
        if DECIDES_BY_NAME.search(line)
    ]
    assert found == []


def test_nothing_outside_a_family_names_its_tables() -> None:
    named = re.compile("|".join(f'"{name}"' for one in families() for name in one.tables))
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in outside()
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    ]
    assert found == []


def test_the_page_of_the_docs_names_every_folder() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {path.parent for path in SOURCE.rglob("*.py") if path.parent != SOURCE}
    of_families = {folder for folder in folders if folder.parent == FAMILIES}
    named = folders - of_families | {FAMILIES / "shared"}
    assert sorted(folder.name for folder in named if f"{folder.name}/" not in text) == []


def test_files_that_the_docs_name_exist() -> None:
    lost = {
        (page.name, name)
        for page in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"`((?:\w+/)+\w+\.py)`", page.read_text(encoding="utf-8"))
        if not (ROOT / name).exists() and not (SOURCE / name).exists()
    }
    assert lost == set()


def test_no_registry_address_in_the_locks() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
