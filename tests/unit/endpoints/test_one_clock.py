"""Times from files to results: the dosing day, history, units and rounding."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ketaoutcomes.data import load_cohort
from ketaoutcomes.describe.describe import DESCRIPTIONS
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result

VISITS = {
    "Baseline": {"hours": 0},
    "Hour 4": {"hours": 4},
    "Day 2": {"day": 2},
    "Day 8": {"day": 8},
}
# subject: arm and scores at the visits; half of the baseline or less is a response
SCORES: dict[str, tuple[str, tuple[float, ...]]] = {
    "1": ("ctl", (30, 14, 20, 25)),
    "2": ("ctl", (32, 30, 15, 14)),
    "3": ("ctl", (28, 27, 26, 13)),
    "4": ("ctl", (30, 29, 28, 27)),
    "5": ("act", (30, 12, 11, 10)),
    "6": ("act", (31, 15, 29, 30)),
    "7": ("act", (30, 28, 12, 13)),
    "8": ("act", (29, 28, 27, 26)),
}
HOURS = {"Baseline": 0, "Hour 4": 4, "Day 2": 24, "Day 8": 168}
RESPONSE = {"kind": "time_to_response", "scale": "MADRS", "improvement_at_least_percent": 50}
RELAPSE = {
    "kind": "time_to_relapse",
    "any_of": [{"scale": "MADRS", "at_least": 25}, {"event": "hospital"}],
    "dated_at": "first",
}
BY_SCORE = {**RELAPSE, "any_of": [{"scale": "MADRS", "at_least": 25}]}
RECURRENT = {"kind": "recurrent_events", "events": ["hospital"]}
TIMES_MODEL = {
    "model": "time_to_event",
    "rmst_days": 7,
    "risk_table_every_days": 1,
    "landmark_days": [0.2],
    "periods_days": [1],
}
AGAIN = {"model": "recurrent_events", "risk_table_every_days": 5, "models": ["Andersen-Gill"]}


def plan_of(
    data: Mapping[str, Any],
    endpoint: Mapping[str, Any],
    model: Mapping[str, Any] = TIMES_MODEL,
    events: Mapping[str, str] | None = None,
    **more: Any,
) -> AnalysisPlan:
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
            "data": {"columns": columns_of(data["files"]), **data},
            "phases": {
                "p": {
                    "label": "P",
                    "arms": {"ctl": "Control", "act": "Active"},
                    "reference": "ctl",
                    "visits": VISITS,
                }
            },
            "endpoints": {"e": {**endpoint, "phase": "p"}},
            "estimands": {
                "e": {
                    "population": "All",
                    "treatment": {"active": "act", "reference": "ctl"},
                    "endpoint": "e",
                    "intercurrent_events": events or {},
                    "summary": "hazard ratio" if model is not AGAIN else "rate ratio",
                }
            },
            "analyses": {"a": {"estimand": "e", "role": "primary", **model}},
            **more,
        }
    )


def columns_of(files: Mapping[str, str]) -> dict[str, str]:
    """The columns that these files hold."""
    columns = {"subject": "id", "arm": "arm", "day": "day"}
    further = {
        "visits": {"visit": "visit", "value": "score"},
        "events": {"event": "event"},
        "subjects": {"reason": "why"},
    }
    return columns | {k: v for role in files for k, v in further.get(role, {}).items()}


def visits_frame(day: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"id": s, "arm": arm, "visit": visit, "day": day[visit], "score": score}
            for s, (arm, scores) in SCORES.items()
            for visit, score in zip(VISITS, scores, strict=True)
        ]
    )


def derived(
    folder: Path, plan: AnalysisPlan, **files: pd.DataFrame
) -> tuple[EndpointData, dict[str, Result], tuple[str, ...]]:
    """The endpoint, its results by id, and every remark in words."""
    for name, frame in files.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    cohort = load_cohort(plan, folder)
    endpoint = derive_endpoint(plan, "a", cohort)
    fitted = fit_analysis(plan, "a", endpoint)
    for make in DESCRIPTIONS.values():
        make(plan, cohort, {"a": endpoint})
    told = (*cohort.source.remarks, *endpoint.remarks, *fitted.remarks)
    rows = {row.id: row for row in fitted.results}
    return endpoint, rows, tuple(remark.sentence() for remark in told)


def numbers(rows: Mapping[str, Result]) -> dict[str, tuple[object, ...]]:
    return {
        name: (row.estimate, row.std_error, row.p_value, row.n, row.n_events, row.status)
        for name, row in rows.items()
    }


CLOCKS: dict[str, tuple[dict[str, Any], dict[str, object]]] = {
    "study days": ({}, {v: h // 24 + 1 for v, h in HOURS.items()}),
    "study days from 0": ({"first_dose_day": 0}, {v: h // 24 for v, h in HOURS.items()}),
    "days with fractions": ({}, {v: 1 + h / 24 for v, h in HOURS.items()}),
    "fractions from 0": ({"first_dose_day": 0}, {v: h / 24 for v, h in HOURS.items()}),
    "hours": ({"day_unit": "hours"}, dict(HOURS)),
    "weeks": ({"day_unit": "weeks"}, {v: h / 168 for v, h in HOURS.items()}),
    "years": ({"day_unit": "years"}, {v: h / 24 / 365.25 for v, h in HOURS.items()}),
    "no day": ({}, dict.fromkeys(HOURS, "")),
}


@pytest.mark.parametrize("endpoint", [RESPONSE, BY_SCORE], ids=["response", "relapse"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_the_same_days_written_in_any_way_give_the_same_numbers(
    tmp_path: Path, clock: str, endpoint: dict[str, Any]
) -> None:
    found = {}
    for name in (clock, "hours"):
        unit, day = CLOCKS[name]
        data = {"files": {"visits": "v.csv"}, "scale": "MADRS", **unit}
        _, rows, told = derived(tmp_path, plan_of(data, endpoint), v=visits_frame(day))
        found[name] = numbers(rows)
        assert any("8 scores" in words for words in told) == name.startswith("study days")
    assert found[clock] == found["hours"]


def test_a_response_at_hour_4_of_the_dosing_day_counts(tmp_path: Path) -> None:
    """By hand: at hour 4 in 1, 5 and 6; on day 2 in 2 and 7; on day 8 in 3."""
    data = {"files": {"visits": "v.csv"}, "scale": "MADRS"}
    endpoint, rows, _ = derived(
        tmp_path, plan_of(data, RESPONSE), v=visits_frame(CLOCKS["study days"][1])
    )
    hour = 4 / 24
    assert endpoint.frame["time"].tolist() == [hour, 1, 7, 7, hour, hour, 1, 7]
    assert endpoint.frame["event"].tolist() == [True, True, True, False, True, True, True, False]
    assert rows["kmt01/a/ctl/day_0.2/survival"].estimate == 0.75
    assert rows["kmt01/a/act/day_0.2/survival"].estimate == 0.5


def test_two_visits_of_one_study_day_keep_the_order_of_the_plan(tmp_path: Path) -> None:
    """With days only, the evening is at time 0: an event then, and not an event that is lost."""
    data = {"files": {"visits": "v.csv"}, "scale": "MADRS"}
    day = {"Baseline": 1, "Evening": 1, "Afternoon": 1, "Day 8": 8}
    visits = {v: {"day": d} for v, d in day.items()}
    the_plan = plan_of(data, {**RESPONSE, "consecutive": 2})
    content = the_plan.model_dump(exclude_unset=True)
    content["phases"]["p"]["visits"] = visits
    frame = visits_frame(dict.fromkeys(VISITS, 1)).replace(
        {"visit": dict(zip(VISITS, day, strict=True))}
    )
    frame["day"] = frame["visit"].map(day)
    endpoint, _, _ = derived(tmp_path, AnalysisPlan.model_validate(content), v=frame)
    by_subject = endpoint.frame.set_index("subject")
    assert by_subject.loc["5", ["time", "event"]].tolist() == [0.0, True]
    # 2 responds from the afternoon on, which is after the evening
    assert by_subject.loc["2", ["time", "event"]].tolist() == [0.0, True]
    assert by_subject.loc["3", ["time", "event"]].tolist() == [7.0, False]


SUBJECTS = pd.DataFrame(
    {
        "id": ["1", "2", "3", "4", "5", "6"],
        "arm": ["ctl", "ctl", "act", "act", "ctl", "act"],
        "day": [11, 11, 9, 10, 11, 11],
        "why": "completed",
    }
)
EVENTS = pd.DataFrame({"id": ["1", "3", "3", "6"], "day": [1, 1, 9, 5], "event": "hospital"})
AGAIN_DATA = {"files": {"subjects": "s.csv", "events": "e.csv"}}


def test_events_of_the_dosing_day_are_counted_and_in_the_model(tmp_path: Path) -> None:
    """R survival 3.5-3: coxph(Surv(a, b, e) ~ g + cluster(id)), these events at half a day."""
    plan = plan_of(AGAIN_DATA, RECURRENT, AGAIN)
    _, rows, told = derived(tmp_path, plan, s=SUBJECTS, e=EVENTS)
    assert rows["rect01/a/ctl/events"].estimate == 1
    assert rows["rect01/a/act/events"].estimate == 3
    assert rows["rect01/a/act/subjects_with_an_event"].estimate == 2
    ratio = rows["rect01/a/act/ctl/rate_ratio"]
    # R's last rows of 3 end with an event on the last day of its follow-up, day 8
    assert ratio.estimate == pytest.approx(3, rel=1e-6)
    assert ratio.std_error == pytest.approx(0.996103519832, rel=1e-6)
    assert any("dosing day" in words and "2 events" in words for words in told)


def test_a_participant_of_the_dosing_day_alone_is_not_lost(tmp_path: Path) -> None:
    subjects = SUBJECTS.assign(day=SUBJECTS["day"].where(SUBJECTS["id"] != "1", 1))
    endpoint, rows, _ = derived(
        tmp_path, plan_of(AGAIN_DATA, RECURRENT, AGAIN), s=subjects, e=EVENTS
    )
    assert rows["rect01/a/ctl/events"].estimate == 1
    first = endpoint.frame[endpoint.frame["subject"] == "1"]
    assert first[["start", "stop", "event"]].to_numpy().tolist() == [[0.0, 0.5, True]]


@given(
    days=st.lists(st.integers(-400, -1), min_size=1, max_size=4),
    names=st.sampled_from(["hospital", "stopped"]),
)
@settings(max_examples=10, deadline=None)
@pytest.mark.parametrize(
    ("endpoint", "model"), [(RELAPSE, TIMES_MODEL), (RECURRENT, AGAIN)], ids=["relapse", "again"]
)
@pytest.mark.parametrize("strategy", ["treatment policy", "hypothetical"])
def test_history_changes_nothing_but_the_note(
    tmp_path_factory: pytest.TempPathFactory,
    endpoint: dict[str, Any],
    model: dict[str, Any],
    strategy: str,
    days: list[int],
    names: str,
) -> None:
    folder = tmp_path_factory.mktemp("history")
    data = {
        "files": {"subjects": "s.csv", "events": "e.csv", "visits": "v.csv"},
        "scale": "MADRS",
    }
    plan = plan_of(data, endpoint, model, {"stopped": strategy})
    visits = visits_frame(CLOCKS["study days"][1]).query("id in @SUBJECTS.id").drop(columns="arm")
    history = pd.DataFrame({"id": "2", "day": sorted(set(days)), "event": names})
    _, without, silent = derived(folder, plan, s=SUBJECTS, e=EVENTS, v=visits)
    events = pd.concat([EVENTS, history])
    _, with_history, told = derived(folder, plan, s=SUBJECTS, e=events, v=visits)
    assert numbers(with_history) == numbers(without)
    added = set(told) - set(silent)
    count = f"{len(history)} event{'s' if len(history) > 1 else ''}"
    assert [count in words and "history" in words for words in added] == [True]


def test_adverse_events_doses_and_costs_of_before_the_start_are_left_out(tmp_path: Path) -> None:
    data = {
        "files": {
            "subjects": "s.csv",
            "events": "e.csv",
            "adverse_events": "a.csv",
            "exposure": "d.csv",
            "costs": "c.csv",
        },
        "columns": {
            "subject": "id",
            "arm": "arm",
            "day": "day",
            "event": "event",
            "reason": "why",
            "term": "term",
            "severity": "severity",
            "dose": "dose",
            "unit": "unit",
            "route": "route",
            "item": "item",
            "amount": "amount",
            "currency": "currency",
        },
    }
    days = [-3, 1, 4]
    SUBJECTS.assign(day=[-2, 11, 9, 10, 11, 11]).to_csv(tmp_path / "s.csv", index=False)
    EVENTS.to_csv(tmp_path / "e.csv", index=False)
    rows = pd.DataFrame({"id": ["1", "2", "3"], "day": days})
    rows.assign(term="Nausea", severity="mild").to_csv(tmp_path / "a.csv", index=False)
    rows.assign(dose=1, unit="mg", route="iv").to_csv(tmp_path / "d.csv", index=False)
    rows.assign(item="visit", amount=9, currency="EUR").to_csv(tmp_path / "c.csv", index=False)
    cohort = load_cohort(plan_of(data, RECURRENT, AGAIN), tmp_path)
    for frame in (cohort.adverse_events, cohort.exposure, cohort.costs):
        assert frame["day"].tolist() == [0, 3]
    assert cohort.follow_up["last_day"].min() == 0
    told = [remark.sentence() for remark in cohort.source.remarks]
    for words in (
        "a.csv: What happened before the first dose of the phase is history and is left out: "
        "1 adverse event.",
        "d.csv: What happened before the first dose of the phase is history and is left out: "
        "1 dose.",
        "c.csv: What happened before the first dose of the phase is history and is left out: "
        "1 cost.",
        "s.csv: Follow-up of 1 participant ended before the first dose and counts as 0 days.",
    ):
        assert words in told


# R survival 3.5-3: survSplit(Surv(t, e) ~ ., d, cut = 5, zero = -1), coxph in the first period
TIME = [0, 0, 3, 5, 5, 8, 0, 2, 4, 9, 9, 10]
EVENT = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1]
PER_UNIT = {"hours": 24.0, "days": 1.0, "weeks": 1 / 7, "months": 12 / 365.25, "years": 1 / 365.25}


def times_frame(time: list[float]) -> pd.DataFrame:
    arm = ["ctl"] * 6 + ["act"] * 6
    return pd.DataFrame({"id": range(12), "arm": arm, "time": time, "event": EVENT})


def of_times(folder: Path, time: list[float], unit: str) -> dict[str, Result]:
    columns = {"subject": "id", "arm": "arm", "time": "time", "occurred": "event"}
    data = {"files": {"times": "t.csv"}, "columns": columns, "time_unit": unit}
    model = {**TIMES_MODEL, "periods_days": [5], "landmark_days": [5], "rmst_days": 9}
    plan = plan_of(data, {"kind": "time_to_event"}, model)
    return derived(folder, plan, t=times_frame(time))[1]


def test_the_first_period_holds_everyone_as_in_r(tmp_path: Path) -> None:
    rows = of_times(tmp_path, list(map(float, TIME)), "days")
    row = next(row for name, row in rows.items() if "up_to_day_5" in name)
    assert (row.n, row.n_events) == (12, 5)
    assert row.estimate == pytest.approx(0.63711147958368, rel=1e-8)
    assert row.std_error == pytest.approx(0.91376480887547, rel=1e-8)


@pytest.mark.parametrize("unit", PER_UNIT)
def test_every_unit_reaches_the_same_ticks(tmp_path: Path, unit: str) -> None:
    written = [day * PER_UNIT[unit] for day in TIME]
    assert numbers(of_times(tmp_path, written, unit)) == numbers(
        of_times(tmp_path, list(map(float, TIME)), "days")
    )


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_times_moved_by_rounding_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("jitter")
    jitter = 1 + np.random.default_rng(seed).uniform(-1e-10, 1e-10, 12)
    moved = of_times(folder, (np.array(TIME) * jitter).tolist(), "days")
    assert numbers(moved) == numbers(of_times(folder, list(map(float, TIME)), "days"))


def test_visits_planned_in_the_wrong_order_are_a_fault() -> None:
    content = plan_of({"files": {"visits": "v.csv"}, "scale": "MADRS"}, RESPONSE).model_dump(
        exclude_unset=True
    )
    for visits in (
        {"Baseline": {"day": 1}, "Week 2": {"day": 15}, "Week 1": {"day": 8}},
        {"Baseline": {"day": 1}, "Day 2": {"day": 2}, "Hour 20": {"hours": 20}},
    ):
        content["phases"]["p"]["visits"] = visits
        with pytest.raises(ValidationError, match="is earlier than"):
            AnalysisPlan.model_validate(content)


def test_what_counts_to_the_day_and_what_to_the_hour(tmp_path: Path) -> None:
    """A discontinuation on study day 1 leaves the visit of hour 4; one at hour 3 does not."""
    data = {
        "files": {"subjects": "s.csv", "events": "e.csv", "visits": "v.csv"},
        "scale": "MADRS",
    }
    plan = plan_of(data, RESPONSE, TIMES_MODEL, {"stopped": "hypothetical"})
    visits = visits_frame({v: 1 + h / 24 for v, h in HOURS.items()})
    visits = visits.query("id in @SUBJECTS.id").drop(columns="arm")
    event = {}
    for day in (1, 1.125):
        stopped = pd.DataFrame({"id": ["1"], "day": [day], "event": ["stopped"]})
        frame = derived(tmp_path, plan, s=SUBJECTS, e=stopped, v=visits)[0].frame
        event[day] = frame.set_index("subject")["event"].get("1", "left out")
    assert event == {1: True, 1.125: "left out"}
