"""Faults of imputation analyses are told with their place and a remedy."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan

HAMD = (Path(__file__).resolve().parents[3] / "analyses" / "hamd17.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "found", "remedy"),
    [
        (
            "strategies: {treatment discontinuation: jump_to_reference}",
            "strategies: {treatment discontinuation: jump to refernce}",
            "jump to refernce",
            "did you mean `jump_to_reference`?",
        ),
        (
            "strategies: {treatment discontinuation: copy_reference}\n"
            "    dropout_counts_as: treatment discontinuation",
            "strategies: {treatment stop: copy reference}\n    dropout_counts_as: treatment stop",
            "`treatment stop`",
            "treatment discontinuation",
        ),
        (
            "dropout_counts_as: treatment discontinuation",
            "dropout_counts_as: Treatment-discontinuation",
            "`Treatment-discontinuation`",
            "did you mean `treatment discontinuation`?",
        ),
        (
            "delta_range: {drug: [-2, 8]",
            "delta_range: {drugs: [-2, 8]",
            "`drugs`",
            "did you mean `drug`?",
        ),
        ("delta_range: {drug: [-2, 8]", "delta_range: {drug: [2, 8]", "drug = [2, 8]", "around 0"),
    ],
)
def test_a_fault_is_placed_and_corrected(
    tmp_path: Path, old: str, new: str, found: str, remedy: str
) -> None:
    assert old in HAMD
    path = tmp_path / "plan.yaml"
    path.write_text(HAMD.replace(old, new, 1))
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    (problem,) = caught.value.problems
    line = int(problem.place.split(":")[-2])
    assert found in problem.found
    assert remedy in f"{problem.expected} {problem.remedy}"
    changed = new.splitlines()[0].split("{")[0].strip()
    assert changed in path.read_text().splitlines()[line - 1]


def test_a_seed_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(HAMD.replace("    imputations: 500\n    seed: 20261125\n", "", 1))
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert caught.value.problems[0].expected == "`seed` in analyses.at_random"
