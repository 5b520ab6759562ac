"""Codes that stand under several arms: one person in all of them, or numbered anew in each."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder
from ketaoutcomes.data.inspection.whose import APART, DIFFERENT, SAME
from ketaoutcomes.errors import CommandError
from ketaoutcomes.plan.gaps import gaps_in
from tolerances import EXACT
from unit.data.test_more_kinds import main_result, open_keys, plan_of, seen_in, table

N = 20


def begun_anew(*, traits: bool = False, groups: tuple[str, ...] = ("placebo", "drug")) -> str:
    """Other people under each code: their ages and sexes are drawn anew."""
    rng = np.random.default_rng(6)
    rows = [
        (group, k, int(rng.integers(20, 70)), "mf"[int(rng.integers(2))], int(rng.integers(9, 40)))
        for group in groups
        for k in range(1, N + 1)
    ]
    frame = pd.DataFrame(rows, columns=["group", "id", "age", "sex", "result"])
    return (frame if traits else frame.drop(columns=["age", "sex"])).to_csv(index=False)


def test_codes_that_count_in_each_group_are_asked_about_and_never_paired(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, begun_anew())
    assert open_keys(seen) == ["whose"]
    (gap, *_) = gaps_in(plan_of(seen))
    assert "40 participants, each under one `group`" in str(plan_of(seen)["data"])
    assert gap


def test_different_participants_are_compared_between_arms(tmp_path: Path) -> None:
    """The estimate is the difference between the means of the arms, as counted by hand."""
    text = begun_anew()
    answers = {"whose": DIFFERENT, "better": "lower", "outcome": "result"}
    seen = seen_in(tmp_path, text, answers)
    assert plan_of(seen)["data"]["columns"]["subject"] == ["group", "id"]
    means = pd.read_csv(tmp_path / "trial.csv").groupby("group")["result"].mean()
    found = main_result(tmp_path, seen, "difference_in_ls_means")
    assert found == pytest.approx(means["drug"] - means["placebo"], rel=EXACT)


def test_the_same_participants_are_pairs(tmp_path: Path) -> None:
    answers = {"whose": SAME, "order": "placebo, then drug", "better": "lower"}
    seen = seen_in(tmp_path, begun_anew(), answers)
    assert plan_of(seen)["analyses"]["primary"]["model"] == "paired"
    wide = pd.read_csv(tmp_path / "trial.csv").pivot(index="id", columns="group", values="result")
    found = main_result(tmp_path, seen, "paired_difference")
    assert found == pytest.approx((wide["drug"] - wide["placebo"]).mean(), rel=EXACT)


def test_an_age_that_differs_within_a_code_tells_other_people(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, begun_anew(traits=True))
    assert "whose" not in open_keys(seen)
    assert plan_of(seen)["data"]["columns"]["subject"] == ["group", "id"]
    assert seen.chosen is not None
    assert any("`age` differs within most" in question.told for question in seen.chosen.questions)


@pytest.mark.parametrize("code", ["counted", "sparse"])
def test_people_who_keep_their_age_or_codes_that_do_not_count_are_pairs(
    tmp_path: Path, code: str
) -> None:
    rows = [
        (
            k if code == "counted" else 300 + k * k,
            condition,
            30 + k,
            20 + k % 5 + (condition == "b"),
        )
        for k in range(1, N + 1)
        for condition in "ab"
    ]
    seen = seen_in(tmp_path, table("id,condition,age,result", rows))
    assert "whose" not in open_keys(seen)
    assert plan_of(seen)["data"]["columns"]["subject"] == "id"
    without = [(k, condition, result) for k, condition, _, result in rows]
    other = seen_in(tmp_path, table("id,condition,result", without))
    assert ("whose" in open_keys(other)) is (code == "counted")


def test_visits_of_codes_that_begin_anew_in_each_arm(tmp_path: Path) -> None:
    rows = [
        (group, k, week, 30 - week + k % 4 + len(group))
        for group in ("placebo", "drug")
        for k in range(1, N + 1)
        for week in (0, 2, 4)
    ]
    text = table("group,id,week,score", rows)
    assert open_keys(seen_in(tmp_path, text)) == ["whose"]
    plan = plan_of(seen_in(tmp_path, text, {"whose": DIFFERENT}))
    assert plan["data"]["columns"]["subject"] == ["group", "id"]
    assert plan["data"]["columns"]["visit"] == "week"
    assert plan["analyses"]["primary"]["model"] == "mmrm"


def test_a_crossover_with_periods_is_not_asked_about(tmp_path: Path) -> None:
    rows = [
        (k, period, ("placebo", "drug")[(k + period) % 2], 20 + k * period % 7)
        for k in range(1, N + 1)
        for period in (1, 2)
    ]
    seen = seen_in(tmp_path, table("id,period,treatment,score", rows))
    assert "whose" not in open_keys(seen)


@pytest.mark.parametrize("names", [("A", "B"), ("cross", "self"), ("Treated", "Control")])
@pytest.mark.parametrize("order", ["varied", "second"])
def test_two_bare_columns_are_asked_about_and_paired(
    tmp_path: Path, names: tuple[str, str], order: str
) -> None:
    """Boys' shoes: each wore material A on one foot and B on the other."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({names[0]: rng.uniform(6, 15, 10).round(1)})
    frame[names[1]] = (frame[names[0]] + rng.uniform(-0.3, 1, 10)).round(1)
    text = frame.to_csv(index=False)
    assert open_keys(seen_in(tmp_path, text)) == ["whose"]
    assert open_keys(seen_in(tmp_path, text, {"whose": SAME})) == ["order", "better"]
    first, second = names if order == "varied" else names[::-1]
    answers = {"whose": SAME, "better": "lower"}
    answers["order"] = "varied" if order == "varied" else f"{first}, then {second}"
    seen = seen_in(tmp_path, text, answers)
    found = main_result(tmp_path, seen, "paired_difference")
    assert found == pytest.approx((frame[second] - frame[first]).mean(), rel=EXACT)
    assert seen_in(tmp_path, text, {"whose": DIFFERENT}).chosen is None
    assert seen_in(tmp_path, text, {"whose": APART}).chosen is None


@pytest.mark.parametrize("names", [("time", "status"), ("age", "score"), ("weeks", "score")])
def test_other_two_columns_are_no_pairs(tmp_path: Path, names: tuple[str, str]) -> None:
    rows = [(20 + k, (k % 2) if names[1] == "status" else 25 + k) for k in range(30)]
    seen = seen_in(tmp_path, table(",".join(names), rows))
    assert seen.chosen is None or "whose" not in open_keys(seen)


@pytest.mark.parametrize("again", [1, 7])
def test_rows_of_a_column_that_may_be_a_code_are_said_to_be_participants(
    tmp_path: Path, again: int
) -> None:
    """Grass plants at seven concentrations: nothing in their names says that they are units."""
    rows = [(f"Q{k}", ("chilled", "not")[k % 2], 20 + k % 5 + n) for k in range(24)
            for n in range(again)]  # fmt: skip
    chosen = seen_in(tmp_path, table("plant,treatment,uptake", rows)).chosen
    assert chosen is not None
    told = [r for r in chosen.remarks if r.startswith("each row is taken for a participant")]
    assert len(told) == (again > 1)
    assert all("`plant` has each value in 7 rows" in remark for remark in told)


def test_an_answer_that_is_none_of_both_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        seen_in(tmp_path, begun_anew(), {"whose": "the same"})


def _inspected(frame: pd.DataFrame) -> Inspection:
    with TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "made.csv", index=False)
        return inspect_folder(Path(folder), "made")


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(11, 30), min_size=2, max_size=5),
    arm=st.sampled_from(["group", "Treatment", "condition", "ARM", "diet"]),
    code=st.sampled_from(["id", "Subject", "rat", "PATNO"]),
    first=st.integers(0, 101),
    trait=st.sampled_from(["", "age", "Sex"]),
    seed=st.integers(0, 10**6),
)
def test_people_numbered_anew_are_never_paired_unasked(
    sizes: list[int], arm: str, code: str, first: int, trait: str, seed: int
) -> None:
    """Whatever the columns are called, and in whatever order rows and columns stand."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            code: first + k,
            arm: f"level {group}",
            "result": int(rng.integers(10, 60)),
            "age": int(rng.integers(18, 80)),
            "Sex": "mf"[int(rng.integers(2))],
        }
        for group, size in enumerate(sizes)
        for k in range(size)
    ]
    frame = pd.DataFrame(rows).drop(columns=[c for c in ("age", "Sex") if c != trait])
    frame = frame.sample(frac=1, random_state=seed)[list(rng.permutation(frame.columns))]
    chosen = _inspected(frame).chosen
    if chosen is None:
        return
    asked = any(q.key == "whose" and q.is_open for q in chosen.questions)
    joined = chosen.plan["data"]["columns"].get("subject") == [arm, code]
    assert asked or joined
