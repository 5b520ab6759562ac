"""Every file of the page on shapes of data is read by the block under it."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data import load_cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import DataBlock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "shapes.md"
EXAMPLE = re.compile(
    r"^## (?P<title>[^\n]+)\n(?:(?!^## ).)*?<!-- shape: (?P<kind>[^>]+) -->\n```text\n"
    r"(?P<file>.*?)```\n\n```yaml\n(?P<block>.*?)```",
    re.DOTALL | re.MULTILINE,
)
FRAGMENT = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
TEXT = PAGE.read_text("utf-8")
EXAMPLES = {found["title"]: found for found in EXAMPLE.finditer(TEXT)}

PHASE = {
    "label": "Treatment",
    "arms": {"placebo": "Placebo", "drug": "Drug"},
    "reference": "placebo",
    "visits": {"Baseline": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}},
}
ONCE = PHASE | {"visits": {"Baseline": {"day": 1}, "Week 2": {"day": 15}}}
SHORT = PHASE | {"visits": {"Baseline": {"day": 1}, "Week 1": {"day": 8}}}
CONDITIONS = {
    "label": "Treatment",
    "arms": {"treated": "All"},
    "visits": {"A": {"day": 1}, "B": {"day": 8}},
}
WEEKS = PHASE | {"visits": {"Baseline": {"day": 1}, "Week 1": {"day": 7}, "Week 2": {"day": 14}}}
MEANS = {"visit": "Week 2", "summary": "difference in means"}
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "change": ({"kind": "change", "scale": "MADRS"}, MEANS, {"model": "mmrm"}),
    "yes or no": (
        {"kind": "remission", "scale": "Outcome", "at_most": 0},
        {"visit": "Week 2", "summary": "difference in proportions"},
        {"model": "proportions"},
    ),
    "time": (
        {"kind": "time_to_event", "event_label": "relapse"},
        {"summary": "hazard ratio"},
        {"model": "time_to_event", "rmst_days": 28},
    ),
    "recurrent": (
        {"kind": "recurrent_events", "events": ["infection"]},
        {"summary": "rate ratio"},
        {"model": "recurrent_events"},
    ),
    "paired": (
        {"kind": "change", "scale": "MADRS"},
        {"visit": "B", "summary": "mean change", "treatment": {"active": "treated"}},
        {"model": "paired"},
    ),
    "diary": ({"kind": "change", "scale": "MADRS"}, MEANS, {"model": "mmrm"}),
    "crossover": (
        {"kind": "change", "scale": "MADRS"},
        {"visit": "Week 1", "summary": "difference in means"},
        {"model": "mmrm"},
    ),
}


def plan_of(kind: str, data: dict[str, Any]) -> AnalysisPlan:
    endpoint, summary, model = deepcopy(KINDS[kind])
    treatment = {"active": "drug", "reference": "placebo"}
    others = {
        "crossover": {"first": SHORT, "second": SHORT},
        "yes or no": {"treatment": ONCE},
        "paired": {"treatment": CONDITIONS},
        "diary": {"treatment": WEEKS},
    }
    phases = others.get(kind, {"treatment": PHASE})
    scale = {"label": "Outcome", "low": 0, "high": 1, "better": "lower", "source": "the data"}
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "s", "title": "S", "question": "Any?", "condition": "depression"},
            "data": data,
            "scales": {"Outcome": scale},
            "phases": phases,
            "endpoints": {"e": endpoint | {"phase": next(iter(phases))}},
            "estimands": {
                "main": {"population": "All", "treatment": treatment, "endpoint": "e"} | summary
            },
            "analyses": {"main": {"estimand": "main", "role": "primary"} | model},
        }
    )


def read(title: str, folder: Path) -> Cohort:
    example = EXAMPLES[title]
    (folder / "trial.csv").write_text(example["file"], encoding="utf-8")
    block = YAML(typ="safe").load(example["block"])
    return load_cohort(plan_of(example["kind"], block["data"]), folder)


PARTICIPANTS = {
    "One row for each visit": 2,
    "One row for each participant, the visit in the name of the column": 2,
    "No column says who it is": 2,
    "Participants are numbered anew in each centre": 4,
    "Arms, sex or visits are numbers, or are spelt in several ways": 3,
    "Codes such as 999 or -9 for what is missing": 2,
    "Decimal commas, semicolons, and a title above the table": 2,
    "The score has to be calculated": 2,
    "Several rows for one visit": 2,
    "Several outcomes in one file": 2,
    "One row for each participant, one outcome of yes and no": 4,
    "One outcome in three or more words": 4,
    "A time and a status, repeated on every row": 2,
    "An event between two visits": 4,
    "Several ends of follow-up": 4,
    "Two times, each with its own event": 3,
    "Two eyes, joints or teeth of each participant": 4,
    "Dates of start and end": 2,
    "Rows of start and stop": 2,
    "Before and after, or A and then B for all participants": 3,
    "A diary: a score every day": 2,
    "A crossover, one row for each period and visit": 2,
}
"""Shape -> participants in its file, counted by hand."""


def test_every_example_is_tried() -> None:
    assert list(EXAMPLES) == list(PARTICIPANTS)
    assert TEXT.count("<!-- shape:") == len(EXAMPLES)


@pytest.mark.parametrize("title", PARTICIPANTS)
def test_the_file_is_read_by_the_block_under_it(title: str, tmp_path: Path) -> None:
    cohort = read(title, tmp_path)
    assert len(cohort.subjects) == PARTICIPANTS[title]
    arms = {"treated"} if EXAMPLES[title]["kind"] == "paired" else {"placebo", "drug"}
    assert set(cohort.assignments["arm"]) == arms


def test_numbers_of_the_examples_by_hand(tmp_path: Path) -> None:
    scores = read("The score has to be calculated", tmp_path)
    assert scores.visits["score"].tolist() == [15, 14, 13, 17, 9, 7]
    assert scores.subjects["overweight"].tolist() == ["no", "no"]  # 22.9 and 22.7
    last = read("Several rows for one visit", tmp_path).visits.set_index(["subject", "visit"])
    assert last["score"].tolist() == [31, 30, 27, 33, 22, 18]
    weeks = read("A diary: a score every day", tmp_path).visits
    assert weeks["score"].tolist() == [30.5, 28.5, 26.5, 32.5, 21.5, 17.5]
    coded = read("Codes such as 999 or -9 for what is missing", tmp_path).visits
    assert coded["score"].tolist() == [31, 27, 33, 22]
    german = read("Decimal commas, semicolons, and a title above the table", tmp_path).visits
    assert german["score"].tolist() == [31.5, 29, 27, 33, 22.5, 18]
    dated = read("Dates of start and end", tmp_path).times
    assert dated["time"].tolist() == [40, 177]  # 31 + 9 days of March and April; six months
    assert dated["event"].tolist() == [True, False]
    ends = read("Several ends of follow-up", tmp_path).times
    assert ends["event"].tolist() == [True, False, False, False]
    assert ends["reason"].tolist() == ["relapse", "censored", "death", "censored"]
    events = read("Rows of start and stop", tmp_path).events
    assert events[["subject", "day"]].to_numpy().tolist() == [["1", 219], ["1", 373], ["2", 8]]


def test_every_other_block_is_in_order() -> None:
    blocks = [YAML(typ="safe").load(found)["data"] for found in FRAGMENT.findall(TEXT)]
    assert len(blocks) > len(EXAMPLES)
    for block in blocks:
        DataBlock.model_validate(block)
