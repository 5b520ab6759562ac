"""A small trial that keeps the contract, to be broken one rule at a time."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data import load_cohort
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan import AnalysisPlan

VISITS_CSV = """\
ID,TRT,WEEK,DAY,SCORE,BASE,SITE,AGE
1,Active,1,8,20,30,006,41
1,Active,2,15,18,30,006,41
2,Control,1,8,29,31,028,52.5
2,Control,2,,,31,028,52.5
3,Active,1,7,22,28,006,
3,Active,2,16,15,28,006,
4,Control,1,8,30,33,028,38
4,Control,2,15,27.5,33,028,38
"""

TIMES_CSV = """\
ID,TRT,WEEKS,CNSR,AGE
1,Active,2.5,0,41
2,Control,8,1,52
3,Active,8,1,47
4,Control,1,0,38
"""

VISITS_DATA: dict[str, Any] = {
    "files": {"visits": "visits.csv"},
    "columns": {
        "subject": "ID",
        "arm": "TRT",
        "visit": "WEEK",
        "day": "DAY",
        "value": "SCORE",
        "baseline": "BASE",
        "covariates": {"site": "SITE", "age": "AGE"},
    },
    "labels": {
        "arm": {"Active": "active", "Control": "control"},
        "visit": {"1": "Week 1", "2": "Week 2"},
    },
    "citation": "A small trial, made by hand",
}

TIMES_DATA: dict[str, Any] = {
    "files": {"times": "times.csv"},
    "columns": {
        "subject": "ID",
        "arm": "TRT",
        "time": "WEEKS",
        "censored": "CNSR",
        "covariates": {"age": "AGE"},
    },
    "labels": {"arm": {"Active": "active", "Control": "control"}},
    "time_unit": "weeks",
}

PHASE: dict[str, Any] = {
    "label": "Double-blind",
    "arms": {"control": "Control", "active": "Active"},
    "reference": "control",
    "visits": {"Baseline": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}},
}

CHANGE_PLAN: dict[str, Any] = {
    "study": {"id": "small", "title": "Small", "question": "Any?", "condition": "depression"},
    "data": VISITS_DATA,
    "phases": {"treatment": PHASE},
    "endpoints": {"change": {"kind": "change", "phase": "treatment", "scale": "MADRS"}},
    "estimands": {
        "main": {
            "population": "All",
            "treatment": {"active": "active", "reference": "control"},
            "endpoint": "change",
            "visit": "Week 2",
            "summary": "difference in means",
        }
    },
    "analyses": {
        "main": {
            "estimand": "main",
            "role": "primary",
            "model": "mmrm",
            "covariates": ["baseline", "site"],
        }
    },
}

TIME_PLAN: dict[str, Any] = CHANGE_PLAN | {
    "data": TIMES_DATA,
    "endpoints": {
        "relapse": {"kind": "time_to_event", "phase": "treatment", "event_label": "relapse"}
    },
    "estimands": {
        "main": {
            "population": "All",
            "treatment": {"active": "active", "reference": "control"},
            "endpoint": "relapse",
            "summary": "hazard ratio",
        }
    },
    "analyses": {
        "main": {
            "estimand": "main",
            "role": "primary",
            "model": "time_to_event",
            "covariates": ["age"],
            "rmst_days": 50,
        }
    },
}


class SmallTrial:
    """A plan and its files, both to be changed before loading."""

    def __init__(self, folder: Path, plan: dict[str, Any], file: str, text: str) -> None:
        self.folder = folder
        self.plan = deepcopy(plan)
        self.data = self.plan["data"]
        self.file = file
        self.text = text

    def replace(self, old: str, new: str) -> "SmallTrial":
        """Change the text of the file; the old text must be there."""
        assert old in self.text
        self.text = self.text.replace(old, new)
        return self

    def add(self, file: str, text: str) -> None:
        """Write a further file."""
        (self.folder / file).write_text(text, encoding="utf-8")

    def load(self) -> Cohort:
        """Write the file and load the cohort."""
        self.add(self.file, self.text)
        return load_cohort(AnalysisPlan.model_validate(self.plan), self.folder)

    def problems(self) -> tuple[Problem, ...]:
        """What the loader refuses."""
        with pytest.raises(DataError) as caught:
            self.load()
        return caught.value.problems

    def problem(self) -> tuple[str, str, str, str]:
        """The one thing that the loader refuses."""
        (only,) = self.problems()
        return only.place, only.expected, only.found, only.remedy


@pytest.fixture
def visits_trial(tmp_path: Path) -> SmallTrial:
    return SmallTrial(tmp_path, CHANGE_PLAN, "visits.csv", VISITS_CSV)


@pytest.fixture
def times_trial(tmp_path: Path) -> SmallTrial:
    return SmallTrial(tmp_path, TIME_PLAN, "times.csv", TIMES_CSV)


Trial = Callable[[], SmallTrial]
