"""The page of first contact is what its command writes, and its numbers are those of R."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE = runpy.run_path(str(DOCS / "first_contact.py"))
LINES = (DOCS / "first-contact.md").read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", MADE["NEWCOMERS"], ids=lambda case: case.folder)
def test_a_newcomer(case, newcomers_dir: Path, tmp_path: Path) -> None:
    assert MADE["line_of"](case, newcomers_dir, tmp_path) in LINES


@pytest.mark.parametrize("case", MADE["DATA"], ids=lambda case: case.folder)
def test_a_dataset(case, real_data_dir: Path, tmp_path: Path) -> None:
    assert MADE["line_of"](case, real_data_dir, tmp_path) in LINES


def test_every_dataset_has_a_line() -> None:
    for case in (*MADE["NEWCOMERS"], *MADE["DATA"]):
        assert sum(line.startswith(f"| {case.folder} |") for line in LINES) == 1
