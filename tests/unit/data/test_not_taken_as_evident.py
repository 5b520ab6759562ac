"""Columns whose names say little, or files without a plan: what is asked, and what is said."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.words import inspection_words
from unit.data.test_telling_apart import asked, read, seen_in, survival

N = 40
TWO_ARMS = ["placebo", "drug"] * (N // 2)
SCORES = [10 + (7 * k) % 23 for k in range(N)]


def test_a_time_without_a_mark_of_the_event_is_no_score_by_itself(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": TWO_ARMS, "time": SCORES})
    seen = seen_in(tmp_path, frame)
    assert asked(seen)["outcome"] == ["time"]
    assert "a time, which no column says to end in an event" in inspection_words(seen)
    seen = seen_in(tmp_path, frame.rename(columns={"time": "minutes"}))
    assert asked(seen)["outcome"] == ["minutes"]


def test_the_logarithm_of_a_time_is_not_read_as_days(tmp_path: Path) -> None:
    frame = survival().rename(columns={"time": "log.time"})
    frame["log.time"] = np.log10(frame["log.time"])
    seen = seen_in(tmp_path, frame)
    assert asked(seen)["outcome"] == ["log.time"]
    assert "its name says that it is a logarithm" in inspection_words(seen)


def test_a_duration_and_a_letter_are_not_taken_for_a_time_and_its_event(tmp_path: Path) -> None:
    frame = survival().rename(columns={"time": "duration", "event": "d"})
    frame["gall"] = ["Yes", "No", "No"] * (len(frame) // 3)
    assert "outcome" in asked(seen_in(tmp_path, frame))


@pytest.mark.parametrize("stem", ["E", "V"])
def test_numbered_letters_may_be_visits_or_outcomes(tmp_path: Path, stem: str) -> None:
    columns = {f"{stem}{k}": [s + k for s in SCORES] for k in (1, 2, 3, 4)}
    seen = seen_in(tmp_path, pd.DataFrame({"treatment": TWO_ARMS, **columns}))
    assert set(asked(seen)["outcome"]) == {stem, *columns}


def test_infinity_is_not_taken_to_mean_missing(tmp_path: Path) -> None:
    columns = {f"j.{k}": [s + k if s % 3 else "Inf" for s in SCORES] for k in (1, 2, 3)}
    seen = seen_in(tmp_path, pd.DataFrame({"id": range(N), **columns}))
    assert seen.chosen is None


def test_a_response_tells_no_direction_and_numbers_below_0_may_be_gains(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": TWO_ARMS, "response": SCORES})
    assert "better" in asked(seen_in(tmp_path, frame))
    both = [s - 20 for s in SCORES]
    assert "better" in asked(seen_in(tmp_path, pd.DataFrame({"group": TWO_ARMS, "pain": both})))
    called = pd.DataFrame({"group": TWO_ARMS, "pain_change": both})
    assert read(seen_in(tmp_path, called))["better"] == "lower"


def counting_process(**marks: list[int]) -> pd.DataFrame:
    rows = [(k, start, start + 10) for k in range(N) for start in (0, 10)]
    return pd.DataFrame(rows, columns=["id", "start", "stop"]).assign(**marks)


def test_of_two_columns_of_events_in_rows_of_start_and_stop_one_is_asked(tmp_path: Path) -> None:
    status, event = [0, 1] * N, [2, 3] * N
    one = seen_in(tmp_path, counting_process(status=status))
    assert read(one)["event_column"] == "status"
    both = counting_process(status=status, event=event)
    assert asked(seen_in(tmp_path, both))["event_column"] == ["event", "status"]
    chosen = seen_in(tmp_path, both, {"event_column": "event"})
    assert asked(chosen)["event"] == ["2", "3"]
    answers = {"event_column": "event", "event": "2"}
    assert asked(seen_in(tmp_path, both, answers)).keys() <= {"outcome"}


def test_the_restricted_mean_of_arms_that_are_not_shown_ends_with_follow_up(tmp_path: Path) -> None:
    # each arm has seven rows, so no label is shown; the last of arm a are followed to 206 days,
    # which is 196 in steps of 14
    frame = survival(14).assign(group=["a"] * 7 + ["b"] * 7)
    seen = seen_in(tmp_path, frame, {"event": "1"})
    assert seen.chosen is not None
    assert seen.chosen.plan["analyses"]["time_to_event"]["rmst_days"] == 196


def test_numbers_of_centres_are_no_covariate(tmp_path: Path) -> None:
    frame = survival(center=[k % 7 for k in range(60)], age=[30 + k % 9 for k in range(60)])
    (guess,) = seen_in(tmp_path, frame).guesses
    assert guess.covariates == ("age",)


def test_rows_in_blocks_are_asked_about_and_may_be_of_one_person(tmp_path: Path) -> None:
    rows = [(w, m, 10 * w + k) for w in range(1, 7) for m in "ABC" for k in range(3)]
    frame = pd.DataFrame(rows, columns=["Worker", "Machine", "score"])
    assert asked(seen_in(tmp_path, frame))["whose"] == ["Worker", "each row"]
    assert "group" in asked(seen_in(tmp_path, frame, {"whose": "each row"}))
    told = inspection_words(seen_in(tmp_path, frame.groupby(["Worker", "Machine"]).head(1)))
    assert "rows come in blocks of one size" in told


def test_labels_that_each_had_once_may_be_the_conditions(tmp_path: Path) -> None:
    rows = [(s, t, (7 * s + k) % 11) for s in range(1, 10) for k, t in enumerate("WXYZ")]
    frame = pd.DataFrame(rows, columns=["Subject", "Type", "effort"])
    assert asked(seen_in(tmp_path, frame)) == {"conditions": ["Type", "none"]}
    answers = {"conditions": "Type"}
    assert {"order", "better"} <= asked(seen_in(tmp_path, frame, answers)).keys()


def test_files_without_a_plan_say_what_they_look_like(tmp_path: Path) -> None:
    people = range(1, 21)
    cells = [(i, a, b, (i * a) % 7) for i in people for a in (0, 4, 8) for b in (1, 2)]
    assert "a row for each combination of `angle` and `noise`" in told_of(
        tmp_path, pd.DataFrame(cells, columns=["id", "angle", "noise", "rt"])
    )
    own = [(i, i + k / 10, (i * k) % 7) for i in people for k in range(5)]
    assert "measurements at no common visits" in told_of(
        tmp_path, pd.DataFrame(own, columns=["id", "time", "conc"])
    )
    twice = [(i, t, (i * t) % 7) for i in people for t in (1, 2, 2)]
    assert "Rows share their participant and their `week`" in told_of(
        tmp_path, pd.DataFrame(twice, columns=["id", "week", "score"])
    )
    assert "No column has the visit" in told_of(
        tmp_path, pd.DataFrame({"id": [*people, *people], "score": range(40)})
    )


def told_of(folder: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(folder / "trial.csv", index=False)
    seen = inspect_folder(folder, "made")
    assert seen.chosen is None
    return inspection_words(seen)


def test_yes_or_no_under_two_conditions_is_compared_within_participants(tmp_path: Path) -> None:
    rows = [(k, c, int((k + j) % 3 == 0)) for k in range(1, 31) for j, c in enumerate("AB")]
    frame = pd.DataFrame(rows, columns=["id", "condition", "nausea"])
    whose = {"whose": "same participants"}
    seen = seen_in(tmp_path, frame, whose)
    assert seen.chosen is not None
    (order,) = (q for q in seen.chosen.questions if q.key == "order")
    answers = {**whose, "order": order.choices[0].value}
    chosen = seen_in(tmp_path, frame, answers).chosen
    assert chosen is not None
    assert chosen.plan["analyses"]["primary"]["model"] == "paired_proportions"
    assert chosen.plan["estimands"]["primary"]["summary"] == "change in proportion"


@pytest.mark.parametrize("names", [("pain_pre", "pain_post"), ("before", "after")])
def test_two_columns_of_yes_or_no_are_pairs_of_one_person(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    frame = pd.DataFrame({names[0]: [0, 1] * 20, names[1]: [0, 0, 1, 1] * 10})
    chosen = seen_in(tmp_path, frame).chosen
    assert chosen is not None
    if any(q.key == "whose" for q in chosen.questions):
        chosen = seen_in(tmp_path, frame, {"whose": "same participants"}).chosen
    assert chosen is not None
    assert chosen.plan["analyses"]["primary"]["model"] == "paired_proportions"


def trial_of(**columns: object) -> pd.DataFrame:
    """Two arms, three visits each."""
    rows = [(k, TWO_ARMS[k], w) for k in range(N) for w in (0, 4, 8)]
    return pd.DataFrame(rows, columns=["id", "arm", "week"]).assign(**columns)


def test_a_total_is_the_outcome_and_not_its_first_item(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    items = {f"phq_{k}": rng.integers(0, 4, 3 * N) for k in range(1, 10)}
    frame = trial_of(**items, phq_total=sum(items.values()))
    assert read(seen_in(tmp_path, frame))["outcome"] == "phq_total"


BELOW = [("scale", "HAMD BDI GAF"), ("PARAMCD", "A B C"), ("test", "ALT CREA"), ("unit", "kg lb")]


@pytest.mark.parametrize(("key", "labels"), BELOW)
def test_what_stands_below_each_other_is_asked(tmp_path: Path, key: str, labels: str) -> None:
    each = [trial_of(score=SCORES * 3).assign(**{key: label}) for label in labels.split()]
    seen = seen_in(tmp_path, pd.concat(each))
    wanted = sorted(f"{key} {label}" for label in labels.split())
    assert asked(seen)["rows"] == wanted
    chosen = seen_in(tmp_path, pd.concat(each), {"rows": wanted[1]}).chosen
    assert chosen is not None
    assert chosen.plan["data"]["where"]["visits"][key] == [wanted[1].removeprefix(f"{key} ")]


def test_codes_of_yes_and_no_are_asked_and_grades_tell_no_direction(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": TWO_ARMS, "healed": [1, 2, 2, 1] * (N // 4)})
    assert {"event", "better"} <= asked(seen_in(tmp_path, frame)).keys()
    assert read(seen_in(tmp_path, frame, {"event": "1"}))["better"] == "higher"
    words = ["much improved", "no change", "worse", "worse"] * (N // 4) * 2
    grades = pd.DataFrame({"group": TWO_ARMS * 2, "cgi": words})
    assert "better" in asked(seen_in(tmp_path, grades))
    improved = seen_in(tmp_path, grades, {"event": "much improved"})
    assert read(improved)["better"] == "higher"


def test_arms_that_stand_in_one_row_of_each_participant_are_those_of_all(tmp_path: Path) -> None:
    frame = trial_of(score=SCORES * 3)
    frame["arm"] = frame["arm"].where(frame["week"] == 0)
    chosen = seen_in(tmp_path, frame).chosen
    assert chosen is not None
    assert "where" not in chosen.plan["data"]
    assert any("have that of the other rows" in remark for remark in chosen.remarks)


def test_dates_and_whole_centres_are_said(tmp_path: Path) -> None:
    days = [f"2020-01-{1 + k % 28:02}" for k in range(N)]
    frame = pd.DataFrame(
        {"arm": TWO_ARMS, "start": days, "last_seen": days, "dead": [0, 1] * (N // 2)}
    )
    chosen = seen_in(tmp_path, frame).chosen
    assert chosen is not None
    assert any("days_between" in remark for remark in chosen.remarks)
    assert any(q.key == "outcome" and q.is_open for q in chosen.questions)
    clinics = pd.DataFrame({"clinic": [k // 5 for k in range(N)], "score": SCORES})
    chosen = seen_in(tmp_path, clinics.assign(arm=["a", "b"] * 20).assign(
        arm=lambda f: f["clinic"].map(lambda k: "ab"[k % 2]))).chosen  # fmt: skip
    assert chosen is not None
    assert any("cluster trial" in remark for remark in chosen.remarks)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_text_files_of_windows_are_read_as_they_are(tmp_path: Path, encoding: str) -> None:
    frame = pd.DataFrame({"Größe": range(N), "Gruppe": ["témoin", "drug"] * 20, "score": SCORES})
    text = frame.to_csv(index=False, sep=";", lineterminator="\r\n")
    (tmp_path / "trial.csv").write_bytes(text.encode(encoding))
    chosen = inspect_folder(tmp_path, "made").chosen
    assert chosen is not None
    told = {"encoding": encoding} if encoding == "cp1252" else {}  # the others say so themselves
    assert {k: v for k, v in chosen.plan["data"].items() if k == "encoding"} == told
    assert "témoin" in str(chosen.heads)


def test_episodes_and_words_among_numbers_are_said(tmp_path: Path) -> None:
    rows = [(k, f"2021-01-{j:02}", f"2021-02-{j:02}") for k in range(1, 21) for j in (3, 9)]
    frame = pd.DataFrame(rows, columns=["id", "start_date", "stop_date"])
    assert "how long it was taken is not analysed" in told_of(tmp_path, frame)
    rows = [(k, w, "withdrawn" if w == 8 and k % 3 == 0 else (k * w) % 23)
            for k in range(1, 41) for w in (0, 4, 8)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["id", "week", "ymrs"])
    assert "`data: missing`" in told_of(tmp_path, frame)


def test_factors_dates_of_visits_and_scales_with_a_number(tmp_path: Path) -> None:
    frame = pd.DataFrame({"therapy": [0, 1] * 20, "drug": [0, 0, 1, 1] * 10, "hads": SCORES})
    assert asked(seen_in(tmp_path, frame))["group"][:2] == ["therapy", "drug"]
    columns = {f"HAMD17_V{k}": SCORES for k in (1, 2, 3)}
    wide = seen_in(tmp_path, pd.DataFrame({"id": range(N), "arm": TWO_ARMS, **columns}))
    assert read(wide)["outcome"] == "HAMD17_V"
    dated = trial_of(score=SCORES * 3).drop(columns="week")
    dated["visit_date"] = [f"2022-0{1 + k % 3}-11" for k in range(len(dated))]
    dated.to_csv(tmp_path / "trial.csv", index=False)
    (guess,) = inspect_folder(tmp_path, "made").guesses
    assert "visit" not in guess.roles


def test_few_participants_with_a_code_are_no_rows_of_their_own(tmp_path: Path) -> None:
    rows = [(k, t, (k * t) % 7) for k in range(1, 6) for t in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["Subject", "Time", "conc"])
    assert "no visit or arm can be named here" in told_of(tmp_path, frame)
    money = pd.DataFrame({"PatientRevenue": [1000 + 7 * k for k in range(N)], "arm": TWO_ARMS})
    (guess,) = seen_in(tmp_path, money.assign(score=SCORES)).guesses
    assert "subject" not in guess.roles


def test_numbers_of_events_and_rates_of_success_are_no_outcome_in_silence(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"nfailures": [(k * k + k // 3) % 5 for k in range(N)], "fail": [0, 1] * (N // 2)}
    )
    assert "outcome" in asked(seen_in(tmp_path, frame.assign(pressure=SCORES)))
    rate = pd.DataFrame({"success": [0.1 * s for s in SCORES], "decision": ["yes", "no"] * 20})
    assert "outcome" in asked(seen_in(tmp_path, rate.assign(group=TWO_ARMS)))


def test_of_two_instruments_one_is_asked_and_codes_before_words_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    frame = trial_of(hamd=rng.integers(4, 35, 3 * N), ymrs=rng.integers(0, 40, 3 * N))
    assert asked(seen_in(tmp_path, frame))["outcome"] == ["hamd", "ymrs"]
    seen = survival()
    seen["event"] = seen["event"].map({1: "1:DECEASED", 0: "0:LIVING"})
    chosen = seen_in(
        tmp_path, seen.rename(columns={"event": "OS_STATUS", "time": "OS_DAYS"})
    ).chosen
    assert chosen is not None
    assert chosen.plan["data"]["labels"]["occurred"] == {"0:LIVING": False, "1:DECEASED": True}


def test_of_two_times_with_their_events_one_is_asked(tmp_path: Path) -> None:
    frame = survival().rename(columns={"time": "os", "event": "died"})
    frame = frame.assign(ttp=frame["os"] / 2, progressed=["yes", "no"] * 30)
    assert asked(seen_in(tmp_path, frame))["outcome"] == ["os", "ttp"]


def test_a_number_of_days_with_something_is_a_score_and_no_day(tmp_path: Path) -> None:
    frame = trial_of(headache_days=SCORES * 3)
    assert read(seen_in(tmp_path, frame))["outcome"] == "headache_days"
