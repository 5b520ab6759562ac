"""What the data leave open becomes a question with its numbers, and a gap; never a silent guess."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.__main__ import main
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.words import plan_words
from ketaoutcomes.errors import CommandError


def censored_late(folder: Path, name: str = "CENSOR", *, arms: str = "01") -> None:
    """Forty events on days 11 to 50, then twenty followed to days 501 to 520: 1 is the event."""
    days = [*range(11, 51), *range(501, 521)]
    frame = pd.DataFrame({"id": range(60), "days": days, name: [1] * 40 + [0] * 20})
    frame.assign(treat=[arms[k % 2] for k in range(60)]).to_csv(folder / "x.csv", index=False)


def questions(folder: Path, **answers: str):
    chosen = inspect_folder(folder, answers=answers).chosen
    assert chosen is not None
    return {question.key: question for question in chosen.questions}


def test_the_curve_and_not_the_name_says_which_value_is_the_event(tmp_path: Path) -> None:
    """By the other reading nobody has an event before day 500, when all others have left."""
    censored_late(tmp_path)
    event = questions(tmp_path)["event"]
    assert event.taken == "1"
    assert "40 events of 60, none before 10" in event.told
    assert "20 events of 60, none before 500" in event.told
    plan = inspect_folder(tmp_path).chosen.plan
    assert plan["data"]["columns"]["occurred"] == "CENSOR"


@pytest.mark.parametrize("few", [3, 7, 9])
def test_the_words_of_a_plan_hold_no_small_count_and_no_difference_of_two(tmp_path: Path, few: int):
    """They become comments of the plan, which the folder of a report holds."""
    frame = pd.DataFrame({"id": range(60), "days": range(11, 71), "status": 1, "cond": "usual"})
    frame.loc[: few - 1, "status"] = 0
    frame.loc[60 - few :, "cond"] = "new"
    frame.to_csv(tmp_path / "x.csv", index=False)
    told = " ".join(question.told for question in questions(tmp_path).values())
    assert "events in all but fewer than 11 of 60" in told
    assert "usual: at least 11, 1 label with fewer than 11" in told
    assert not {str(few), str(60 - few)} & set(
        re.findall(r"\d+", told.replace("none before 10", ""))
    )


def test_a_name_and_times_that_contradict_are_asked(tmp_path: Path) -> None:
    days = [*range(11, 51), *range(501, 521)]
    frame = pd.DataFrame({"id": range(60), "days": days, "died": [0] * 40 + [1] * 20})
    frame.assign(arm=["Placebo", "Drug"] * 30).to_csv(tmp_path / "x.csv", index=False)
    assert questions(tmp_path)["event"].is_open


def test_codes_of_arms_are_asked_and_validate_wants_the_gap_filled(tmp_path, capsys) -> None:
    censored_late(tmp_path)
    plan = tmp_path / "plan.yaml"
    plan.write_text(plan_words(inspect_folder(tmp_path)), encoding="utf-8")
    assert main(["validate", str(plan)]) == 2
    told = capsys.readouterr().err
    assert "fill this: Which arm is the reference" in told
    plan.write_text(plan_words(inspect_folder(tmp_path, answers={"reference": "0"})), "utf-8")
    assert main(["validate", str(plan)]) == 0


def test_an_outcome_that_is_one_of_several_is_not_chosen(tmp_path: Path) -> None:
    rows = [
        (
            person,
            "ab"[person % 2],
            week,
            20 + (7 * person + week) % 13,
            5 + (11 * person + week) % 7,
        )
        for person in range(30)
        for week in range(3)
    ]
    columns = ["id", "arm", "week", "level_a", "level_b"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "x.csv", index=False)
    outcome = questions(tmp_path)["outcome"]
    assert outcome.is_open
    assert {choice.value for choice in outcome.choices} == {"level_a", "level_b"}


def test_a_first_follow_up_is_no_baseline(tmp_path: Path) -> None:
    rows = [
        (person, ["Placebo", "Drug"][person % 2], month, 20 + (7 * person + month) % 13)
        for person in range(30)
        for month in (1, 3, 5)
    ]
    pd.DataFrame(rows, columns=["id", "arm", "month", "pain"]).to_csv(
        tmp_path / "x.csv", index=False
    )
    assert questions(tmp_path)["baseline"].taken == "none"
    plan = inspect_folder(tmp_path).chosen.plan
    assert plan["data"]["baseline_score"] == 0
    assert "Month 1" in plan["phases"]["treatment"]["visits"]


def test_an_answer_that_is_no_candidate_is_refused(tmp_path: Path) -> None:
    censored_late(tmp_path)
    with pytest.raises(CommandError, match="one of: 0, 1"):
        inspect_folder(tmp_path, answers={"reference": "placebo"})


def start(folder: Path, *words: str) -> list[str]:
    return ["start", str(folder), "--to", str(folder / "plan.yaml"), *words]


def test_start_asks_nothing_where_nobody_is(tmp_path: Path, capsys) -> None:
    censored_late(tmp_path)
    assert main(start(tmp_path)) == 2
    assert "Still to decide: reference" in capsys.readouterr().out
    (tmp_path / "plan.yaml").unlink()
    (tmp_path / "answers.yaml").write_text('reference: "0"\n')
    data = tmp_path / "x.csv"
    words = ["start", str(data), "--to", str(tmp_path / "plan.yaml")]
    assert main([*words, "--answers", str(tmp_path / "answers.yaml")]) == 0
    assert "Participants in each arm: 0: 30; 1: 30" in capsys.readouterr().out
    assert main(["validate", str(tmp_path / "plan.yaml"), "--data", str(tmp_path)]) == 0


def typed_in_a_terminal(folder: Path, keys: bytes) -> tuple[int, str]:
    """What the command ends with and shows on a terminal where these keys are pressed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ketaoutcomes", *start(folder)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, keys)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:
            pass  # the terminal closes with the command
    os.close(ours)
    return process.returncode, shown.decode()


def test_start_asks_in_a_terminal(tmp_path: Path) -> None:
    """Which arm is the reference (the second), and what ended follow-up (Enter)."""
    censored_late(tmp_path)
    code, told = typed_in_a_terminal(tmp_path, b"2\n\n")
    assert code == 0, told
    assert "Enter takes the one in brackets" in told
    assert "Which arm is the reference" in told
    assert "What ended the follow-up" in told
    assert "next: python -m ketaoutcomes validate" in told
    assert "reference: arm_1" in (tmp_path / "plan.yaml").read_text("utf-8")


def test_start_goes_back_to_the_question_before(tmp_path: Path) -> None:
    """The second arm, back from the next question, the first arm, and Enter."""
    censored_late(tmp_path)
    code, told = typed_in_a_terminal(tmp_path, b"2\n0\n1\n\n")
    assert code == 0, told
    assert told.count("Which arm is the reference, with") >= len("ab")
    assert "reference: arm_0" in (tmp_path / "plan.yaml").read_text("utf-8")


def test_answers_that_are_not_there_are_no_plan(tmp_path: Path, capsys) -> None:
    censored_late(tmp_path)
    assert main([*start(tmp_path), "--answers", str(tmp_path / "none.yaml")]) != 0
    assert "a YAML file of answers" in capsys.readouterr().err
