"""The published cohorts: whole, described, small, and those of this version."""

import json
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.cohorts.publish import publish_cohorts
from ketaoutcomes.cohorts.simulation.scenario import scenario_names
from ketaoutcomes.errors import CommandError, PlanError
from ketaoutcomes.runs.disk import hash_of

PUBLISHED = Path(__file__).resolve().parents[2] / "data" / "synthetic"
MOST_BYTES = 6_000_000


def test_there_is_one_small_cohort_a_scenario() -> None:
    folders = {path.name for path in PUBLISHED.iterdir() if path.is_dir()}
    assert folders == set(scenario_names())
    assert sum(path.stat().st_size for path in PUBLISHED.rglob("*.csv")) < MOST_BYTES


def test_the_manifest_holds_the_hash_of_every_file() -> None:
    manifest = json.loads((PUBLISHED / "MANIFEST.json").read_text())
    files = {str(path.relative_to(PUBLISHED)) for path in PUBLISHED.rglob("*.csv")}
    assert set(manifest["files"]) == files
    for name, expected in manifest["files"].items():
        assert hash_of((PUBLISHED / name).read_bytes()) == expected


def test_every_column_is_in_the_dictionary() -> None:
    dictionary = pd.read_csv(PUBLISHED / "dictionary.csv")
    described = set(
        zip(dictionary["cohort"], dictionary["file"], dictionary["column"], strict=True)
    )
    for path in PUBLISHED.rglob("*/*.csv"):
        for column in pd.read_csv(path, nrows=0):
            assert (path.parent.name, path.stem, column) in described
    assert dictionary[["meaning", "type", "values"]].notna().all(axis=None)


def test_one_scenario_may_be_asked_for(tmp_path: Path) -> None:
    folder = publish_cohorts(("ocd",), tmp_path / "out", seed=20261124, subjects=40)
    for path in (folder / "ocd").iterdir():
        assert path.read_bytes() == (PUBLISHED / "ocd" / path.name).read_bytes()


def test_an_unknown_scenario_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="use one of: access, anxiety"):
        publish_cohorts(("ocds",), tmp_path, seed=1, subjects=4)
    assert list(tmp_path.iterdir()) == []


def test_cohorts_of_other_scenarios_are_not_lost(tmp_path: Path) -> None:
    folder = publish_cohorts(("ocd",), tmp_path / "out", seed=1, subjects=4)
    before = (folder / "MANIFEST.json").read_bytes()
    with pytest.raises(CommandError) as caught:
        publish_cohorts(("anxiety",), folder, seed=1, subjects=4)
    assert caught.value.problems[0].found == "those of ocd too"
    assert (folder / "MANIFEST.json").read_bytes() == before
    publish_cohorts(("ocd", "anxiety"), folder, seed=2, subjects=4)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"ocd", "anxiety"}
