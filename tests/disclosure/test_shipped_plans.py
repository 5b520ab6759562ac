"""The adversary tries shipped plans on few simulated participants: costs, groups, proportions."""

import re
from pathlib import Path

import pytest

from disclosure.drawn import drawn_too_sharply, told_elsewhere
from disclosure.families import limits_without_estimates
from disclosure.hidden import rows_of, tally
from ketaoutcomes.cli.main import main

ANALYSES = Path(__file__).parents[2] / "analyses"
FINISHED = (0, 1)
SMALLEST = 11
PLANS = {"access": 120, "open_label": 60}
"""Plan -> how few participants, of whom some groups and outcomes are rare."""


@pytest.fixture(scope="module", params=PLANS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A run that hides small counts, and one of the same participants that shows all."""
    root = tmp_path_factory.mktemp(request.param)
    text = re.sub(r", subjects: \d+", "", (ANALYSES / f"{request.param}.yaml").read_text())
    fewer = f"synthetic: {{truth: false, subjects: {PLANS[request.param]}, "
    text = text.replace("synthetic: {", fewer, 1)
    text = re.sub(r"imputations: \d+", "imputations: 10", text)
    for name, smallest in (("hidden", SMALLEST), ("open", 1)):
        plan = root / f"{name}.yaml"
        plan.write_text(text.replace("\nreport:\n", f"\nreport:\n  smallest_cell: {smallest}\n"))
        assert main(["run", str(plan), "--out", str(root / name), "-q", "--rtf"]) in FINISHED
    return root / "hidden", root / "open"


def test_no_count_is_pinned(pair: tuple[Path, Path]) -> None:
    found = tally(*pair, None, SMALLEST)
    assert found.tried > 0
    assert found.pinned == {}


def test_what_is_withheld_does_not_follow_from_what_is_beside_it(pair: tuple[Path, Path]) -> None:
    """Rows of rare groups that are pooled had the limits of the first of them."""
    hidden, shown = pair
    assert limits_without_estimates(rows_of(hidden).values()) == []
    assert told_elsewhere(hidden, rows_of(shown)) == []
    assert drawn_too_sharply(hidden, rows_of(shown)) == []


def test_every_section_is_there(pair: tuple[Path, Path]) -> None:
    """Also where an arm is so small that its numbers are withheld."""
    for folder in pair:
        assert "unexpected error" not in (folder / "report.html").read_text()
