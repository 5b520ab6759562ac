"""Trials drawn with what is true of them: what is taken as evident is so, or it is asked or said.

A file may come under any name, in any order, coded as anybody codes. A failure names its seed:
`drawn(seed)` is the trial.
"""

from pathlib import Path

import pytest

from ketaoutcomes.data.inspection.inspect import inspect_folder
from unseen.silent import drawn, questions_of, wrong_in_silence

BLOCKS = range(0, 200, 20)
FEWEST_WITH_A_PLAN = 150


@pytest.fixture(scope="module")
def counted() -> dict[int, int | None]:
    return {}


@pytest.mark.parametrize("first", BLOCKS)
def test_nothing_is_wrong_in_silence(
    first: int, tmp_path: Path, counted: dict[int, int | None]
) -> None:
    wrong = {}
    for seed in range(first, first + BLOCKS.step):
        trial = drawn(seed)
        trial.frame.to_csv(tmp_path / "x.csv", index=False)
        seen = inspect_folder(tmp_path, "made")
        counted[seed] = questions_of(seen)
        if found := wrong_in_silence(seen, trial):
            wrong[seed] = found
    assert not wrong


def test_first_contact_does_not_ask_about_everything(counted: dict[int, int | None]) -> None:
    if len(counted) < len(BLOCKS) * BLOCKS.step:
        pytest.skip("the trials were not looked at in this run")
    asked = [n for n in counted.values() if n is not None]
    assert len(asked) >= FEWEST_WITH_A_PLAN
    assert sum(asked) / len(asked) < 2
