"""A trial with laboratory values, simulated here, and its shifts counted in plain Python.

The counting shares no code with the program: dictionaries and loops, no frames.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

ARMS = {"Placebo": "placebo", "Ketamine": "ketamine"}
RANGES = {"ALT": (7.0, 40.0), "K": (3.5, 5.1)}
"""Test -> its reference range in the data."""
DAYS = {"SCREENING": -7, "BASELINE": 1, "WEEK 2": 15, "WEEK 4": 29}
TESTS = {
    "ALT": {"label": "Alanine aminotransferase", "unit": "U/L", "above_times_upper": [1, 2]},
    "K": {"label": "Potassium", "unit": "mmol/L", "above": [5.5], "below": [3.5, 3.0]},
}
Row = dict[str, Any]


def participants(number: int) -> dict[str, str]:
    """Participant -> label of the arm."""
    labels = list(ARMS)
    return {f"S{place:03}": labels[place % 2] for place in range(number)}


def adlb(seed: int, number: int = 60) -> list[Row]:
    """Rows of ADLB: some visits not made, a value repeated, extra tests that nobody asks for."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for subject, label in participants(number).items():
        for test, (low, high) in {**RANGES, "GLUC": (3.9, 6.1)}.items():
            middle, spread = (low + high) / 2, (high - low) / 2
            for visit, day in DAYS.items():
                if visit != "BASELINE" and rng.random() < 0.15:
                    continue
                drift = 0.4 * spread if label == "Ketamine" and day > 1 else 0.0
                value = round(float(rng.normal(middle + drift, 0.8 * spread)), 2)
                rows.append(_row(subject, test, day, value))
    rows.append(dict(rows[-1]))
    return rows


def _row(subject: str, test: str, day: int, value: float) -> Row:
    low, high = RANGES.get(test, (3.9, 6.1))
    return {
        "USUBJID": subject,
        "PARAMCD": test,
        "ADY": day,
        "AVAL": value,
        "AVALU": TESTS.get(test, {}).get("unit", "mmol/L"),
        "A1LO": low,
        "A1HI": high,
        "ANRIND": "LOW" if value < low else "HIGH" if value > high else "NORMAL",
        "ABLFL": "Y" if day == 1 else "",
    }


def adsl(number: int = 60) -> pd.DataFrame:
    people = participants(number)
    return pd.DataFrame({"USUBJID": list(people), "TRT01P": list(people.values())})


def adqs(number: int = 60) -> pd.DataFrame:
    """A score for the analysis that every plan has."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        [
            {
                "USUBJID": subject,
                "AVISIT": visit,
                "ADY": day,
                "AVAL": int(rng.integers(10, 40)),
                "BASE": 30,
            }
            for subject in participants(number)
            for visit, day in (("Week 2", 15), ("Week 4", 29))
        ]
    )


def plan_of_laboratory(**data: Any) -> dict[str, Any]:
    """The plan of the trial as it stands in a file."""
    return {
        "study": {"id": "lab", "title": "Laboratory", "question": "Any?", "condition": "MDD"},
        "data": {
            "standard": "adam",
            "files": {"subjects": "adsl.csv", "visits": "adqs.csv", "laboratory": "adlb.csv"},
            "labels": {"arm": dict(ARMS)},
            "scale": "MADRS",
            **data,
        },
        "phases": {
            "treatment": {
                "label": "Four weeks",
                "arms": {arm: label for label, arm in ARMS.items()},
                "reference": "placebo",
                "visits": {
                    "Baseline": {"day": 1},
                    "Week 2": {"day": 15},
                    "Week 4": {"day": 29},
                },
            }
        },
        "endpoints": {"change": {"kind": "change", "phase": "treatment", "scale": "MADRS"}},
        "estimands": {
            "main": {
                "population": "All",
                "treatment": {"active": "ketamine", "reference": "placebo"},
                "endpoint": "change",
                "visit": "Week 4",
                "summary": "difference in means",
            }
        },
        "analyses": {"main": {"estimand": "main", "role": "primary", "model": "mmrm"}},
        "safety": {"laboratory": {name: dict(test) for name, test in TESTS.items()}},
        "report": {"smallest_cell": 1},
    }


def shifts_by_hand(rows: Iterable[Row], number: int, which: str) -> dict[tuple[str, str], int]:
    """("ALT: normal to high", arm) -> participants; `which` is "worst" or "last"."""
    arm_of = {subject: ARMS[label] for subject, label in participants(number).items()}
    values: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for row in rows:
        values[row["USUBJID"], row["PARAMCD"]].append((row["ADY"], row["AVAL"]))
    counts: Counter[tuple[str, str]] = Counter()
    for (subject, test), seen in values.items():
        if test not in RANGES:
            continue
        baseline = [value for day, value in seen if day == 1]
        later = sorted((day, value) for day, value in seen if day > 1)
        if baseline and later:
            chosen = later[-1][1] if which == "last" else _farthest(test, [v for _, v in later])
            group = f"{test}: {class_of(test, baseline[0])} to {class_of(test, chosen)}"
            counts[group, arm_of[subject]] += 1
    return dict(counts)


def _farthest(test: str, values: list[float]) -> float:
    low, high = RANGES[test]
    return max(values, key=lambda value: (max(low - value, value - high, 0.0), value > high))


def class_of(test: str, value: float) -> str:
    low, high = RANGES[test]
    return "low" if value < low else "high" if value > high else "normal"


def beyond_by_hand(
    rows: Iterable[Row], number: int, test: str, limit: float
) -> dict[str, tuple[int, int]]:
    """Arm -> participants with a later value above the limit, and those with a later value."""
    arm_of = {subject: ARMS[label] for subject, label in participants(number).items()}
    seen: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["PARAMCD"] == test and row["ADY"] > 1:
            seen[row["USUBJID"]].append(row["AVAL"])
    found = {}
    for arm in ARMS.values():
        own = [values for subject, values in seen.items() if arm_of[subject] == arm]
        found[arm] = (sum(max(values) > limit for values in own), len(own))
    return found
