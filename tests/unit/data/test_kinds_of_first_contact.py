"""Kinds of files as newcomers bring them: what is seen, joined or asked."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.data.inspection.comparisons import comparisons_of
from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder
from ketaoutcomes.data.inspection.profile import columns_of
from ketaoutcomes.data.inspection.questions import Asked
from ketaoutcomes.data.inspection.visits import wide_columns
from ketaoutcomes.data.inspection.words import inspection_words
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.plan.gaps import gaps_in

PEOPLE = range(60)


def _arm(person: int) -> str:
    return "placebo" if person % 2 else "drug"


def _scores() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"id": f"P{i}", "arm": _arm(i), "week": w, "madrs": 30 - w * (1 + i % 3) + i % 5}
            for i in PEOPLE
            for w in (0, 2, 4)
        ]
    )


def _times(people: range = PEOPLE) -> pd.DataFrame:
    rows = [{"id": f"P{i}", "time": 10 + 3 * i, "event": int(i % 3 > 0)} for i in people]
    return pd.DataFrame(rows)


def _seen(tmp_path: Path, answers: dict[str, str] | None = None, **frames: pd.DataFrame):
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return inspect_folder(tmp_path, "synthetic", answers)


def _keys(seen: Inspection, *, still_open: bool) -> list[str]:
    assert seen.chosen is not None
    return [q.key for q in seen.chosen.questions if q.is_open is still_open]


def test_scores_and_times_of_the_same_subjects_make_one_plan(tmp_path: Path) -> None:
    seen = _seen(tmp_path, scores=_scores(), times=_times())
    assert seen.chosen is not None
    plan = seen.chosen.plan
    assert not tuple(gaps_in(plan))
    assert plan["data"]["files"] == {"visits": "scores.csv", "times": "times.csv"}
    assert plan["analyses"]["primary"]["role"] == "primary"
    assert plan["analyses"]["time_to_event"]["role"] == "secondary"
    assert any("are one participant" in remark for remark in seen.chosen.remarks)


def test_files_of_different_people_are_not_joined(tmp_path: Path) -> None:
    seen = _seen(tmp_path, scores=_scores(), times=_times(range(500, 560)))
    assert len(seen.proposals) == len(("scores", "times"))


def test_the_same_data_twice_are_read_once(tmp_path: Path) -> None:
    """Numbers that are written otherwise and words kept as codes are the same data."""
    coded = _scores().assign(arm=lambda frame: frame["arm"].map({"drug": 1, "placebo": 2}))
    coded["madrs"] = coded["madrs"].astype(float)
    seen = _seen(tmp_path, a=_scores(), b=coded)
    assert [guess.file for guess in seen.guesses] == ["a.csv"]
    assert "`b.csv` holds the same" in inspection_words(seen)
    assert any("`b.csv` holds the same" in remark for remark in seen.proposals[0].remarks)


def test_a_file_with_one_other_score_is_no_twin(tmp_path: Path) -> None:
    other = _scores()
    other.loc[7, "madrs"] += 1
    assert len(_seen(tmp_path, a=_scores(), b=other).guesses) == len("ab")


def test_visits_in_several_units_are_one_outcome() -> None:
    names = ("pacu30min_pain", "pacu90min_pain", "postOp4hour_pain", "pod1am_pain", "pod1pm_pain")
    frame = pd.DataFrame({name: [str(n) for n in range(12)] for name in names})
    (group,) = wide_columns(list(columns_of(RawTable("a.csv", frame)).values()))
    assert group.name == "pain"
    assert tuple(group.columns.values()) == names
    assert list(group.days) == ["Minute 30", "Minute 90", "Hour 4", "Day 1", "Day 1.5"]
    assert [24 * at for at in group.days.values()] == pytest.approx([0.5, 1.5, 4, 24, 36])


def _changes(first: int) -> pd.DataFrame:
    rows = [
        {"id": f"P{i}", "arm": _arm(i), "week": w, "score": (first if w == 0 else -w) + i % 5 - 2}
        for i in PEOPLE
        for w in (0, 1, 2)
    ]
    return pd.DataFrame(rows)


def test_scores_of_both_signs_at_the_first_visit_are_asked_about(tmp_path: Path) -> None:
    """They may be changes already, so that another change would be taken from a change."""
    asked = _seen(tmp_path, changes=_changes(-3))
    assert "baseline" in _keys(asked, still_open=True)
    answered = inspect_folder(tmp_path, "synthetic", {"baseline": "none"})
    assert answered.chosen is not None
    plan = answered.chosen.plan
    assert plan["data"]["baseline_score"] == 0
    assert "Week 0" in plan["phases"]["treatment"]["visits"]
    assert plan["analyses"]["primary"]["covariates"] == []


def test_changes_that_begin_at_nought_need_no_answer(tmp_path: Path) -> None:
    frame = _changes(0)
    frame.loc[frame["week"] == 0, "score"] = 0
    assert "baseline" not in _keys(_seen(tmp_path, changes=frame), still_open=True)


def test_the_larger_of_groups_that_are_no_treatment_is_the_reference(tmp_path: Path) -> None:
    frame = _scores().drop(columns="arm")
    frame.insert(1, "onset", ["late" if int(p[1:]) < 20 else "early" for p in frame["id"]])
    seen = _seen(tmp_path, {"group": "onset"}, scores=frame)
    assert seen.chosen is not None
    question = next(q for q in seen.chosen.questions if q.key == "reference")
    assert question.taken == "early"
    assert "larger" in question.because


def test_two_treatments_without_a_control_are_asked_about(tmp_path: Path) -> None:
    frame = _scores().assign(arm=lambda rows: rows["arm"].map({"drug": "B", "placebo": "A"}))
    assert "reference" in _keys(_seen(tmp_path, scores=frame), still_open=True)


def test_a_crossover_is_analysed_in_all_its_periods(tmp_path: Path) -> None:
    rows = [
        {"id": f"P{i}", "period": p, "arm": _arm(i + p), "week": w, "madrs": 30 - w - i % 7}
        for i in PEOPLE
        for p in (1, 2)
        for w in (0, 2)
    ]
    seen = _seen(tmp_path, scores=pd.DataFrame(rows))
    assert seen.chosen is not None
    analysis = seen.chosen.plan["analyses"]["primary"]
    assert analysis["model"] == "crossover"
    assert analysis["periods"] == ["period_1", "period_2"]


def _studies() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("A", "25 mg", "10 mg"),
            ("A", "25 mg", "1 mg"),
            ("A", "10 mg", "1 mg"),
            ("B", "drug", "placebo"),
        ],
        columns=["study", "dose_arm1", "dose_arm2"],
    )


@pytest.mark.parametrize(("answer", "dose"), [("first named", "25 mg"), ("last named", "10 mg")])
def test_the_control_of_several_arms_is_never_an_active_one(answer: str, dose: str) -> None:
    pairs = {"dose": ("dose_arm1", "dose_arm2")}
    chosen = comparisons_of(_studies(), "study", pairs, Asked({"comparison": answer}))
    assert chosen.prefer == {"dose_arm2": ["1 mg"], "dose_arm1": [dose]}


def test_studies_of_two_arms_are_not_asked_about() -> None:
    pairs = {"dose": ("dose_arm1", "dose_arm2")}
    chosen = comparisons_of(_studies().iloc[3:], "study", pairs, Asked({}))
    assert chosen.prefer == {}
    assert chosen.question is None


def test_a_twin_of_another_format(tmp_path: Path) -> None:
    """A copy under another name that pandas writes as Stata is the same data."""
    _scores().to_csv(tmp_path / "a.csv", index=False)
    _scores().to_stata(tmp_path / "a.dta", write_index=False)
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [guess.file for guess in inspect_folder(tmp_path).guesses] == ["a.csv"]


def test_a_shift_in_people_who_are_not_compared_tells_no_direction(tmp_path: Path) -> None:
    """Reaction times that rise without sleep are no improvement."""
    seen = _seen(tmp_path, sleep=_scores().drop(columns="arm").rename(columns={"madrs": "ms"}))
    assert "better" in _keys(seen, still_open=True)


def test_rows_with_a_time_and_an_event_are_subjects_without_codes_and_arms(tmp_path: Path) -> None:
    seen = _seen(tmp_path, times=_times().drop(columns="id"))
    assert seen.chosen is not None
    assert seen.chosen.plan["data"]["rows_are_subjects"] is True
    assert seen.chosen.plan["analyses"]["time_to_event"]["model"] == "time_to_event"


def test_three_arms_are_tested_together_first(tmp_path: Path) -> None:
    three = _times().assign(arm=["placebo", "low", "high"] * 20)
    seen = _seen(tmp_path, times=three)
    assert seen.chosen is not None
    assert seen.chosen.plan["analyses"]["time_to_event"]["all_arms"] is True


def test_an_age_among_many_columns_is_not_the_time_of_the_event(tmp_path: Path) -> None:
    frame = _times().drop(columns="id").rename(columns={"time": "rfstime"})
    frame = frame.assign(age=range(40, 100), size=range(60), grade=[1, 2, 3] * 20)
    seen = _seen(tmp_path, times=frame)
    assert seen.chosen is not None
    assert seen.chosen.plan["data"]["columns"]["time"] == "rfstime"
