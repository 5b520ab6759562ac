"""The folder that `simulate` wrote is known, and its plan runs."""

from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.questions import KEYS
from ketaoutcomes.data.inspection.words import plan_words
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.gaps import gaps_in

WRITTEN = Path(__file__).resolve().parents[3] / "data" / "synthetic"
FOLDER = WRITTEN / "trd_short_term"
ANSWERS = {"outcome": "MADRS in induction"}


def test_what_stays_open_is_the_phase() -> None:
    chosen = inspect_folder(FOLDER).chosen
    assert chosen is not None
    assert [q.key for q in chosen.questions if q.is_open] == ["outcome"]
    assert "file" not in [q.key for q in chosen.questions]


def test_the_plan_runs_on_the_folder(tmp_path: Path) -> None:
    seen = inspect_folder(FOLDER, answers=ANSWERS)
    assert seen.chosen is not None
    assert not tuple(gaps_in(seen.chosen.plan))
    path = tmp_path / "plan.yaml"
    path.write_text(plan_words(seen) + "report:\n  smallest_cell: 1\n", encoding="utf-8")
    assert run(Request(path, FOLDER, tmp_path / "out"), lambda _: None).failures == ()
    results = pd.read_parquet(tmp_path / "out" / "results.parquet").set_index("id")
    means = results[(results["statistic"] == "LS mean") & (results["visit"] == "Day 28")]
    visits = pd.read_csv(FOLDER / "visits.csv")
    last = visits[(visits["phase"] == "induction") & (visits["visit"] == "Day 28")]
    assert means["n"].sum() == last["score"].notna().sum()


@pytest.mark.parametrize("key", ["time", "rows", "order", "censored"])
def test_every_question_has_its_place_in_the_order(key: str) -> None:
    """A question without one stopped `start` on a terminal."""
    assert key in KEYS
