"""Whatever a proposed plan settles stands in its comments and on the screen, with its numbers.

Trials are drawn as in `test_trials_never_seen`; a failure names its seed. What is open is then
answered by what is offered first, so that the decisions that follow are seen, too.
"""

import re
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.__main__ import main
from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder
from ketaoutcomes.data.inspection.propose import Proposal
from ketaoutcomes.data.inspection.reading import Reading, settled_in, unsaid
from ketaoutcomes.data.inspection.words import plan_words
from unseen.silent import drawn

MADE = runpy.run_path(str(Path(__file__).resolve().parents[3] / "docs" / "first_contact.py"))
BLOCKS = range(0, 40, 10)
NAMED = re.compile(r"`[^`]*`")
"""Names of columns and labels, whose digits are no consequence."""


def faults(proposal: Proposal, words: str) -> Iterator[str]:
    """What is settled and not said, with the words of a screen or of a plan."""
    yield from (f"{path} has no reading" for path in unsaid(proposal.plan, proposal.readings))
    for reading in proposal.readings:
        reasoned = reading.because and re.search(r"\d", NAMED.sub("", reading.follows))
        if reading.told not in words or not reasoned:
            yield f"not shown, or without a reason or number: {reading.told}"
    for question in proposal.questions:
        if not question.is_open and f"`{question.key}` is {question.chosen}" not in words:
            yield f"not shown: {question.told}"
    for remark in proposal.remarks:
        if remark not in words or not re.search(r"\d", NAMED.sub("", remark)):
            yield f"not shown, or without a number: {remark}"


def answered_as_offered(place: Path, answers: dict[str, str] | None = None) -> Inspection:
    """A first look, with each open question answered by what is offered first."""
    answers = dict(answers or {})
    while True:
        seen = inspect_folder(place, "made", answers)
        open_ = [] if seen.chosen is None else [q for q in seen.chosen.questions if q.is_open]
        if not open_:
            return seen
        answers[open_[0].key] = open_[0].offered


def found(seen: Inspection) -> list[str]:
    return [] if seen.chosen is None else list(faults(seen.chosen, plan_words(seen)))


@pytest.fixture(scope="module")
def kinds() -> set[str]:
    return set()


@pytest.mark.parametrize("first", BLOCKS)
def test_trials_that_are_drawn(first: int, tmp_path: Path, kinds: set[str]) -> None:
    wrong = {}
    for seed in range(first, first + BLOCKS.step):
        drawn(seed).frame.to_csv(tmp_path / "x.csv", index=False)
        looks = (inspect_folder(tmp_path, "made"), answered_as_offered(tmp_path))
        if told := [fault for seen in looks for fault in found(seen)]:
            wrong[seed] = told
        kinds |= {r.kind for seen in looks if seen.chosen for r in seen.chosen.readings}
    assert not wrong


def test_kinds_of_readings_are_seen(kinds: set[str]) -> None:
    """The test of drawn trials would hold of a reading that none of them has."""
    if not kinds:
        pytest.skip("no trial was looked at in this run")
    common = "file participant arm reference outcome scale direction visits baseline result"
    more = "unit event follow-up covariates model missing bounds rows identifiers"
    assert {*common.split(), *more.split(), "yes or no"} <= kinds


@pytest.mark.parametrize("case", MADE["NEWCOMERS"], ids=lambda case: case.folder)
def test_a_newcomer(case, newcomers_dir: Path) -> None:
    """Public datasets, as met and with the answers of somebody who knows them."""
    for answers in ({}, case.answers):
        assert not found(inspect_folder(newcomers_dir / case.folder, "public", answers))


@pytest.mark.parametrize("case", MADE["DATA"], ids=lambda case: case.folder)
def test_a_dataset(case, real_data_dir: Path) -> None:
    for answers in ({}, case.answers):
        assert not found(inspect_folder(real_data_dir / case.folder, "public", answers))


def trial(folder: Path) -> Path:
    """Sixty participants in two arms: at the end 20 and 14 on average, from 30 and 31."""
    rows = [
        (person, "placebo" if person % 2 else "drug", week, score + (person // 2) % 3 - 1)
        for person in range(60)
        for week, score in ((0, 30 + (1 - person % 2)), (4, 20 if person % 2 else 14))
    ]
    frame = pd.DataFrame(rows, columns=["id", "arm", "week", "MADRS"])
    frame.to_csv(folder / "x.csv", index=False)
    return folder


def test_start_and_inspect_show_the_same_on_the_screen(tmp_path: Path, capsys) -> None:
    """Both commands print each reading; what stands in the plan is what is shown."""
    folder = trial(tmp_path)
    chosen = inspect_folder(folder).chosen
    assert chosen is not None
    for words in (["inspect", str(folder)], ["inspect", "--plan", str(folder)]):
        assert main(words) == 0
        assert not list(faults(chosen, capsys.readouterr().out))
    plan = tmp_path / "plan.yaml"
    assert main(["start", str(folder), "--to", str(plan)]) == 0
    assert not list(faults(chosen, capsys.readouterr().out))
    assert not list(faults(chosen, plan.read_text("utf-8")))


def test_the_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    """By hand: 30 of 60 have a drug; means as `trial` makes them, as (k - 1) has the mean 0."""
    chosen = inspect_folder(trial(tmp_path)).chosen
    assert chosen is not None
    told = {reading.kind: reading.follows for reading in chosen.readings}
    assert told["arm"] == "drug: 30; placebo: 30"
    assert "mean at `Baseline`: `drug` 31, `placebo` 30" in told["outcome"]
    assert "mean at `Week 4`: `drug` 14, `placebo` 20" in told["outcome"]
    assert told["file"] == "about 120 rows of about 60 participants"


def test_a_reading_cannot_be_without_a_reason_or_a_number() -> None:
    plain = Reading("arm", "`arm` holds the arm", "it is called so", "placebo: 30")
    for without in ({"because": ""}, {"follows": "many participants"}):
        with pytest.raises(ValueError, match="a reason and a number"):
            replace(plain, **without)


def test_what_no_reading_settles_is_found() -> None:
    """The property above would hold of a plan whose parts nothing looks at."""
    plan = {
        "data": {"columns": {"arm": "trt", "subject": "id"}, "first_dose_day": 0},
        "estimands": {"primary": {"population": "to be completed", "visit": "fill this: which"}},
    }
    reading = Reading("arm", "`trt`", "of its name", "30", (("data", "columns", "arm"),))
    assert set(settled_in(plan)) == {
        ("data", "columns", "arm"),
        ("data", "columns", "subject"),
        ("data", "first_dose_day"),
    }
    assert unsaid(plan, (reading,)) == (("data", "columns", "subject"), ("data", "first_dose_day"))


@pytest.mark.parametrize("few", [3, 7])
def test_a_comment_shows_no_small_count_and_no_difference_of_two(tmp_path: Path, few: int) -> None:
    """`few` drop out of each arm of thirty, so that 30 - few are left; a third arm has `few`."""
    frame = pd.read_csv(trial(tmp_path) / "x.csv")
    late = frame["week"].eq(4) & (frame["id"] < 2 * few)
    frame.loc[late, "MADRS"] = None
    frame.loc[frame["id"] >= 60 - few, "arm"] = "other"
    frame.to_csv(tmp_path / "x.csv", index=False)
    told = "\n".join(
        line for line in plan_words(inspect_folder(tmp_path)).splitlines() if line[:1] == "#"
    )
    shown = set(map(int, re.findall(r"(?<![\d.`])\d+(?![\d.`])", NAMED.sub("", told))))
    assert "fewer than 11" in told
    forbidden = {few, 2 * few, 30 - few, 60 - few, 60 - 2 * few, 120 - 2 * few, 120 - few}
    assert not shown & (forbidden - {14, 20})
