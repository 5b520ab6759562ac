"""Who is in: `where` on participants against the same files without them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data import load_cohort
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan import AnalysisPlan
from two_arm_plans import two_arm_plan

IDS = [f"S{i:02d}" for i in range(12)]
ARMS = dict(zip(IDS, ["drug", "control"] * 6, strict=True))
SHARED = (HealthCheck.function_scoped_fixture,)


def files_of(cohorts: dict[str, str], *, arms_in: str, out: frozenset[str]) -> dict[str, str]:
    """The study as CSV files without some participants; the arm stands in one of them."""
    ids = [one for one in IDS if one not in out]
    arm = {one: f",{ARMS[one]}" for one in ids}
    own = {role: (arm if role == arms_in else dict.fromkeys(ids, "")) for role in ROLES}
    head = {role: ",arm" if role == arms_in else "" for role in ROLES}
    lines = {
        "subjects": [f"id,cohort{head['subjects']}"]
        + [f"{one},{cohorts[one]}{own['subjects'][one]}" for one in ids],
        "visits": [f"id,visit,day,score,group{head['visits']}"]
        + [
            f"{one},{visit},{day},{20 + day % 3},{cohorts[one]}{own['visits'][one]}"
            for one in ids
            for visit, day in (("Baseline", 1), ("Week 1", 8))
        ],
        "events": ["id,day,event"] + [f"{one},3,fall" for one in ids],
    }
    if arms_in == "assignments":
        lines["assignments"] = [f"id,set{head['assignments']}"] + [
            f"{one},{cohorts[one]}{own['assignments'][one]}" for one in ids
        ]
    return {f"{role}.csv": "\n".join(rows) + "\n" for role, rows in lines.items()}


ROLES = ("subjects", "assignments", "visits")
COLUMN = {"subjects": "cohort", "assignments": "set", "visits": "group"}


def plan_of(arms_in: str, keep: dict[str, Any]) -> AnalysisPlan:
    roles = ("subjects", "visits", "events")
    roles += ("assignments",) if arms_in == "assignments" else ()
    columns = {"subject": "id", "arm": "arm", "visit": "visit", "day": "day", "value": "score"}
    return two_arm_plan(
        {"Baseline": {"day": 1}, "Week 1": {"day": 8}},
        {"kind": "change", "scale": "MADRS"},
        {"visit": "Week 1", "summary": "difference in means"},
        {"model": "mmrm"},
        data={
            "files": {role: f"{role}.csv" for role in roles},
            "columns": {**columns, "event": "event", "covariates": {"cohort": "cohort"}},
            "scale": "MADRS",
            "where": keep,
        },
    )


def loaded(folder: Path, plan: AnalysisPlan, files: dict[str, str]) -> Cohort:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_cohort(plan, folder)


@pytest.mark.parametrize("keep_in", ["subjects", "assignments"])
@pytest.mark.parametrize("arms_in", ["subjects", "assignments", "visits"])
@settings(max_examples=15, suppress_health_check=SHARED)
@given(others=st.sets(st.sampled_from(IDS[4:])))
def test_whoever_keep_leaves_out_is_out_as_if_the_files_did_not_have_them(
    tmp_path: Path, keep_in: str, arms_in: str, others: set[str]
) -> None:
    if keep_in == "assignments" and arms_in != "assignments":
        return  # there is no such file
    cohorts = {one: "other" if one in others else "this" for one in IDS}
    keep = {keep_in: {COLUMN[keep_in]: "this"}}
    files = files_of(cohorts, arms_in=arms_in, out=frozenset())
    kept = loaded(tmp_path, plan_of(arms_in, keep), files)
    without = files_of(cohorts, arms_in=arms_in, out=frozenset(others))
    removed = loaded(tmp_path, plan_of(arms_in, {}), without)
    for name, frame in removed.frames().items():
        assert_frame_equal(kept.frames()[name], frame)
    counts = [r.count for r in kept.source.remarks if "left out of every" in r.what]
    assert counts == ([len(others)] if others else [])


def test_two_disjoint_cohorts_share_nobody(tmp_path: Path) -> None:
    cohorts = {one: "fixed" if place < 4 else "flexible" for place, one in enumerate(IDS)}
    files = files_of(cohorts, arms_in="visits", out=frozenset())
    members = [
        set(
            loaded(tmp_path, plan_of("visits", {"subjects": {"cohort": value}}), files).visits[
                "subject"
            ]
        )
        for value in ("fixed", "flexible")
    ]
    assert members == [set(IDS[:4]), set(IDS[4:])]


def test_keep_on_the_file_that_alone_says_the_arms_leaves_out_participants(tmp_path: Path) -> None:
    cohorts = {one: "this" if place < 8 else "other" for place, one in enumerate(IDS)}
    files = files_of(cohorts, arms_in="visits", out=frozenset())
    cohort = loaded(tmp_path, plan_of("visits", {"visits": {"group": "this"}}), files)
    assert set(cohort.events["subject"]) == set(cohort.assignments["subject"]) == set(IDS[:8])


def test_keep_on_another_file_selects_rows_and_says_who_has_none(tmp_path: Path) -> None:
    cohorts = {one: "this" if place < 8 else "other" for place, one in enumerate(IDS)}
    files = files_of(cohorts, arms_in="subjects", out=frozenset())
    cohort = loaded(tmp_path, plan_of("subjects", {"visits": {"group": "this"}}), files)
    assert set(cohort.assignments["subject"]) == set(IDS)
    told = {remark.unit: remark for remark in cohort.source.remarks}
    assert (told["row"].count, told["row"].total) == (8, 24)
    assert (told["participant"].count, told["participant"].gravity) == (4, "warning")


def test_a_file_without_the_column_of_participants_is_one_error_whatever_where_selects(
    tmp_path: Path,
) -> None:
    cohorts = {one: "this" if place < 8 else "other" for place, one in enumerate(IDS)}
    files = files_of(cohorts, arms_in="subjects", out=frozenset())
    files["visits.csv"] = files["visits.csv"].replace("id,", "number,", 1)
    with pytest.raises(DataError, match="a column `id`"):
        loaded(tmp_path, plan_of("subjects", {"visits": {"group": "this"}}), files)


def test_participants_whom_the_file_of_participants_lacks_are_counted(tmp_path: Path) -> None:
    files = files_of(dict.fromkeys(IDS, "this"), arms_in="visits", out=frozenset())
    short = "\n".join(files["subjects.csv"].splitlines()[:-3]) + "\n"
    cohort = loaded(tmp_path, plan_of("visits", {}), {**files, "subjects.csv": short})
    strangers = [r for r in cohort.source.remarks if "are not in the `subjects` file" in r.what]
    assert [(r.where, r.count) for r in strangers] == [
        ("`data.files.visits`", 3),
        ("`data.files.events`", 3),
    ]
    assert pd.isna(cohort.subjects.set_index("subject").loc[IDS[-1], "cohort"])


def test_a_value_of_keep_in_another_spelling_is_refused(tmp_path: Path) -> None:
    files = files_of(dict.fromkeys(IDS, "Part A"), arms_in="visits", out=frozenset())
    with pytest.raises(Exception, match="did you mean `Part A`"):
        loaded(tmp_path, plan_of("visits", {"subjects": {"cohort": "part-a"}}), files)
    numbered = files_of(dict.fromkeys(IDS, "1.0"), arms_in="visits", out=frozenset())
    with pytest.raises(Exception, match=r"did you mean `1\.0`"):
        loaded(tmp_path, plan_of("visits", {"subjects": {"cohort": 1}}), numbered)


def test_a_value_of_keep_that_no_row_has_is_reported(tmp_path: Path) -> None:
    files = files_of(dict.fromkeys(IDS, "this"), arms_in="visits", out=frozenset())
    keep = {"subjects": {"cohort": ["this", "Chicago"]}}
    told = loaded(tmp_path, plan_of("visits", keep), files).source.remarks
    assert [r.where for r in told if "Chicago" in r.what] == [
        "`data.where.subjects`, column `cohort`"
    ]
