"""The page of first contact is what its command writes, and its numbers are those of R."""

import re
import runpy
import subprocess
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE = runpy.run_path(str(DOCS / "first_contact.py"))
TEXT = (DOCS / "first-contact.md").read_text("utf-8")
LINES = TEXT.splitlines()
CASES = (*MADE["NEWCOMERS"], *MADE["DATA"])
SHOWN = (*CASES, *MADE["PACKAGES"], *MADE["OUTSIDE"])


@pytest.mark.parametrize("case", MADE["NEWCOMERS"], ids=lambda case: case.folder)
def test_a_newcomer(case, newcomers_dir: Path, tmp_path: Path) -> None:
    found = MADE["met"](case, newcomers_dir, tmp_path)
    assert found.equal
    assert found.line in LINES


@pytest.mark.parametrize("case", MADE["DATA"], ids=lambda case: case.folder)
def test_a_dataset(case, real_data_dir: Path, tmp_path: Path) -> None:
    found = MADE["met"](case, real_data_dir, tmp_path)
    assert found.equal
    assert found.line in LINES


@pytest.mark.rscript
@pytest.mark.slow
@pytest.mark.parametrize("case", MADE["PACKAGES"], ids=lambda case: case.folder)
def test_a_dataset_of_an_r_package(case, tmp_path: Path) -> None:
    try:
        MADE["exported"](case, tmp_path / "of packages")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("R or the package is not installed")
    found = MADE["met"](case, tmp_path / "of packages", tmp_path)
    assert found.equal
    assert found.line in LINES


@pytest.mark.parametrize("case", MADE["OUTSIDE"], ids=lambda case: case.folder)
def test_a_file_from_outside_r(case, tmp_path: Path) -> None:
    MADE["distributed"](case, tmp_path / "outside")
    found = MADE["met"](case, tmp_path / "outside", tmp_path)
    assert found.equal
    assert found.line in LINES


def test_numbers_that_were_run_once_are_those_of_r() -> None:
    for one in MADE["ONCE"]:
        assert one.estimate == pytest.approx(one.reference, rel=MADE["CLOSE"])
        assert sum(line.startswith(f"| {one.file} |") for line in LINES) == 1


def test_every_dataset_has_a_line_and_a_reference() -> None:
    for case in SHOWN:
        assert sum(line.startswith(f"| {case.folder} |") for line in LINES) == len("12")
        assert MADE["source_of"](case) in LINES


def test_what_the_page_promises() -> None:
    """At least 14 of 19 are right as proposed or with one answer, which the page must count."""
    told = re.search(r"Of (\d+) datasets (\d+) give the number of the reference, (\d+) of", TEXT)
    assert told is not None
    assert [int(number) for number in told.groups()[:2]] == [len(CASES), len(CASES)]
    assert int(told[3]) == sum(len(case.answers) <= 1 for case in CASES) >= 14


def test_the_page_says_how_first_looks_at_unseen_data_went() -> None:
    assert MADE["of_unseen"]() in TEXT
    for one in MADE["FIRST_LOOKS"]:
        assert 0 <= one.silent <= one.tried
