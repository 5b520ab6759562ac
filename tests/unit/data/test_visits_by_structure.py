"""Columns of visits whose names say nothing of it, and files without a plan: what to write."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ketaoutcomes.cli.main import main
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.words import inspection_words
from unit.data.test_telling_apart import asked, seen_in

NAMES = ("Messung", "TP", "event", "assessment", "Kontrolle", "x", "EPOCH", "rilevazione", "nb")
LABELS = (("T0", "T1", "T2"), (1, 2, 3), ("pre", "mid", "post"), ("Baseline", "Week 2", "Week 6"))
PEOPLE = 30


def trial(name: str, labels: tuple[object, ...], *, arms: bool = True) -> pd.DataFrame:
    """A row for each visit, of which every ninth is missing after the first one."""
    chance = np.random.default_rng(len(name))
    rows = [
        {
            "id": f"P{at:02d}",
            **({"treatment": ("placebo", "drug")[at % 2]} if arms else {}),
            name: label,
            "MADRS": int(chance.integers(12, 40)),
        }
        for at in range(PEOPLE)
        for place, label in enumerate(labels)
        if not place or (at + place) % 9
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("name", "labels"), [*product(NAMES, LABELS)])
def test_visits_are_known_by_their_structure_under_any_name(tmp_path, name, labels):
    """Evident where the labels say times; else it is asked, and the answer makes the plan."""
    seen = seen_in(tmp_path, trial(name, labels))
    called_so = name == "EPOCH"
    assert ("visit" in asked(seen)) == (labels[-1] != "Week 6" and not called_so)
    if "visit" in asked(seen):
        assert asked(seen)["visit"] == [name, "none"]
        seen = seen_in(tmp_path, trial(name, labels), {"visit": name})
    columns = seen.chosen.plan["data"]["columns"]
    assert (columns["visit"], columns["value"]) == (name, "MADRS")


@pytest.mark.parametrize("name", ["EPOCH", "seq", "Messung"])
def test_visits_without_arms_are_asked_about_too(tmp_path, name):
    seen = seen_in(tmp_path, trial(name, (1, 2, 3), arms=False))
    assert name in {n for names in asked(seen).values() for n in names}


def test_scores_are_no_visits(tmp_path):
    """Of scores no participant has most of the values, be they unlike in each of them."""
    frame = trial("Messung", (1, 2, 3)).rename(columns={"Messung": "visit"})
    assert "visit" not in asked(seen_in(tmp_path, frame))
    assert seen_in(tmp_path, frame.drop(columns="visit")).chosen is None


# Files without a plan -------------------------------------------------------------------------


def told(folder: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(folder / "trial.csv", index=False)
    seen = inspect_folder(folder / "trial.csv")
    assert seen.chosen is None
    return inspection_words(seen)


def test_a_file_without_a_plan_says_its_parts_and_the_line_to_write(tmp_path):
    people = range(1, 21)
    twice = [(i, "ab"[i % 2], t, (i * t) % 7) for i in people for t in (1, 2, 2)]
    words = told(tmp_path, pd.DataFrame(twice, columns=["id", "arm", "week", "score"]))
    assert "Found: participant (`id`), arm (`arm`), visit (`week`), outcome (`score`)." in words
    assert "subject: id, arm: arm, visit: week, value: score" in words
    words = told(tmp_path, pd.DataFrame({c: [*people] for c in ("a b", "c", "d")}))
    assert "Found: nothing. Missing: participant, arm, outcome." in words
    assert "`rows_are_subjects: true` stands in place of `subject`" in words
    line = re.search(r"Write, with the names of the columns: `data: (.*)`\.", words)
    assert line is not None
    assert yaml.safe_load(line.group(1))["files"] == {"visits": "trial.csv"}


def recurring() -> pd.DataFrame:
    """Forty engines whose valves are replaced at some days, and the last day of each."""
    chance = np.random.default_rng(5)
    rows = []
    for engine in range(1, 41):
        ends = int(chance.integers(300, 700))
        days = sorted(chance.choice(np.arange(10, ends), chance.poisson(1.2), replace=False))
        rows += [(engine, "ab"[engine % 2], int(day), 1) for day in days]
        rows.append((engine, "ab"[engine % 2], ends, 0))
    return pd.DataFrame(rows, columns=["id", "arm", "time", "status"])


PLAN = """
study: {id: seats, title: Seats, question: "How often?", condition: engines}
phases:
  use: {label: Use, arms: {a: A, b: B}, reference: a}
endpoints: {replaced: {kind: recurrent_events, phase: use, events: [event]}}
estimands:
  primary:
    population: All
    treatment: {active: b, reference: a}
    endpoint: replaced
    summary: rate_ratio
analyses: {rate: {estimand: primary, role: primary, model: recurrent_events}}
report: {smallest_cell: 1}
"""


def test_the_lines_for_events_that_come_again_are_those_of_a_plan(tmp_path):
    """As R's `valveSeat` has them: a row for each event, and a last one without."""
    frame = recurring()
    words = told(tmp_path, frame)
    queries = dict(re.findall(r"For `(\w+)`: `(SELECT .*)`$", words, re.MULTILINE))
    columns = re.search(r"`columns: (\{.*?\})`", words)
    assert set(queries) == {"subjects", "events"}
    assert columns is not None
    data = {
        "files": {role: {"file": "trial.csv", "query": q} for role, q in queries.items()},
        "columns": yaml.safe_load(columns.group(1)),
        "first_dose_day": 0,
    }
    plan = yaml.safe_load(PLAN) | {"data": data}
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan))
    assert main(["run", str(tmp_path / "plan.yaml"), "--out", str(tmp_path / "out")]) == 0
    results = pd.read_csv(tmp_path / "out" / "results.csv")
    ratio = results[results["statistic"] == "rate ratio"].iloc[0]
    # R 4.2.2, survival: coxph(Surv(start, time, status) ~ arm + cluster(id)), start the time of the
    # row before; both solve the score equation to 1e-9
    assert ratio["estimate"] == pytest.approx(0.8109642365, rel=1e-7)
    assert frame["status"].sum() == results.loc[results["statistic"] == "events", "estimate"].sum()
