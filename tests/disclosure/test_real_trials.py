"""The adversary tries the published trials that the shipped plans analyse."""

from pathlib import Path

import pytest

from disclosure.drawn import drawn_too_sharply, told_elsewhere
from disclosure.hidden import rows_of, tally
from ketaoutcomes.cli.main import main

ANALYSES = Path(__file__).parents[2] / "analyses"
FINISHED = (0, 1)
SMALLEST = 11
TRIALS = {
    "ketamine_crossover": "ketamine_crossover_long.csv",
    "claus2020": "claus2020_long.sav",
    "imps79": "nimh_imps79_long.csv",
    "btheb": "btheb_wide.csv",
    "panss": "schizo_panss_wide.csv",
}
"""Plan -> the file that it reads."""


@pytest.fixture(scope="module", params=TRIALS)
def pair(
    request: pytest.FixtureRequest, real_data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A run of a shipped plan, and one that shows all counts."""
    plan = ANALYSES / f"{request.param}.yaml"
    file = next(real_data_dir.rglob(TRIALS[request.param]), None)
    if file is None:
        pytest.skip(f"no {TRIALS[request.param]}")
    root = tmp_path_factory.mktemp(request.param)
    text = plan.read_text()
    shown = root / "shown.yaml"
    head, _, report = text.partition("\nreport:\n")
    assert "smallest_cell" not in text
    shown.write_text(f"{head}\nreport:\n  smallest_cell: 1\n{report}")
    for name, path in (("hidden", plan), ("open", shown)):
        command = ["run", str(path), "--data", str(file.parent), "--out", str(root / name), "-q"]
        assert main(command) in FINISHED
    return root / "hidden", root / "open"


def test_no_count_of_a_published_trial_is_pinned(pair: tuple[Path, Path]) -> None:
    hidden, shown = pair
    found = tally(hidden, shown, None, SMALLEST)
    assert found.tried > 0
    assert found.pinned == {}


def test_no_file_of_a_published_trial_has_more_digits(pair: tuple[Path, Path]) -> None:
    hidden, shown = pair
    assert told_elsewhere(hidden, rows_of(shown)) == []
    assert drawn_too_sharply(hidden, rows_of(shown)) == []


def test_the_primary_estimate_keeps_its_digits(pair: tuple[Path, Path]) -> None:
    """Only its standard error tells of counts: the estimate is the one that hides nothing."""
    hidden, shown = map(rows_of, pair)
    primary = [
        name
        for name, row in shown.items()
        if row["role"] == "primary" and row["statistic"] == "difference in LS means"
    ]
    assert primary
    assert [hidden[name]["estimate"] for name in primary] == [
        shown[name]["estimate"] for name in primary
    ]
