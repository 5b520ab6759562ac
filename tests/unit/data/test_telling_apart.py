"""Columns that are alike by name or layout: the right one is taken, or what is left is asked."""

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ketaoutcomes.data.inspection.direction import better_of_two
from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked
from ketaoutcomes.data.inspection.timed import times_and_marks
from ketaoutcomes.data.inspection.visits import wide_columns
from ketaoutcomes.data.inspection.whose import SAME
from ketaoutcomes.data.inspection.words import inspection_words
from ketaoutcomes.plan.gaps import gaps_in

N = 60
RNG_SEED = 5


def seen_in(folder: Path, frame: pd.DataFrame, answers: dict[str, str] | None = None) -> Inspection:
    frame.to_csv(folder / "trial.csv", index=False)
    return inspect_folder(folder, "made", answers)


def asked(seen: Inspection) -> dict[str, list[str]]:
    """Open questions with their candidates."""
    assert seen.chosen is not None
    return {q.key: [c.value for c in q.choices] for q in seen.chosen.questions if q.is_open}


def read(seen: Inspection) -> dict[str, str]:
    """What was decided."""
    assert seen.chosen is not None
    return {q.key: q.taken for q in seen.chosen.questions if not q.is_open}


def columns_of(plan: dict[str, Any]) -> dict[str, Any]:
    return plan["data"]["columns"]


def survival(n: int = N, **others: Any) -> pd.DataFrame:
    """Times of which the censored ones are late, as at the end of a study."""
    event = np.arange(n) % 2
    time = np.where(event == 1, 10 + np.arange(n), 200 + np.arange(n))
    return pd.DataFrame({"time": time, "event": event, **others})


def named_pairs(**columns: Any) -> set[tuple[str, str]]:
    listed = [Column(k, pd.Series(list(map(str, v)))) for k, v in columns.items()]
    return {(time.name, mark.name) for time, _, mark in times_and_marks(listed)[0]}


LONG, SHORT, MARK = range(100, 160), range(40, 100), [0, 1] * 30


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("rtime", "recur"), ("dtime", "death")),
        (("rfstime", "rfsstat"), ("prtime", "prstat")),
        (("OS", "Death"), ("RFS", "Recurrence")),
        (("t1", "d1"), ("t2", "d2")),
        (("srv", "srvstat"), ("rel", "relstat")),
        (("time", "death"), ("time2", "death2")),
        (("time.to.cmv", "cmv"), ("time.to.agvhd", "agvhd")),
        (("suivi", "deces"), ("ptime", "pstat")),
        (("med_duration", "med_censor"), ("block_duration", "block_censor")),
    ],
)
def test_times_and_marks_whose_names_belong_together(first, second) -> None:
    columns = {first[0]: LONG, second[0]: SHORT, second[1]: MARK, first[1]: MARK[::-1]}
    assert named_pairs(**columns) == {first, second}


def test_a_time_that_says_nothing_else_goes_before_others() -> None:
    assert named_pairs(diag_time=LONG, time=SHORT, status=MARK) == {("time", "status")}


def test_times_of_which_none_says_more_are_all_candidates() -> None:
    pairs = named_pairs(diag_time=LONG, stime=SHORT, status=MARK)
    assert pairs == {("diag_time", "status"), ("stime", "status")}


def test_an_age_among_others_is_no_time() -> None:
    columns = {"median_age": LONG, "survtime": SHORT, "censor": MARK}
    assert named_pairs(**columns) == {("survtime", "censor")}


def test_two_times_with_their_events_are_asked(tmp_path: Path) -> None:
    frame = survival().rename(columns={"time": "dtime", "event": "death"})
    frame = frame.assign(rtime=frame["dtime"] - 3, recur=frame["death"], trt=["a", "b"] * 30)
    assert asked(seen_in(tmp_path, frame))["outcome"][:2] == ["dtime", "rtime"]
    plan = seen_in(tmp_path, frame, {"outcome": "rtime"}).chosen.plan  # type: ignore[union-attr]
    assert columns_of(plan)["occurred"] == "recur"


def test_a_column_of_two_values_may_be_the_event(tmp_path: Path) -> None:
    frame = survival().rename(columns={"event": "tumour"}).assign(trt=["a", "b"] * 30)
    candidates = asked(seen_in(tmp_path, frame))["outcome"]
    assert "time with tumour" in candidates
    answers = {"outcome": "time with tumour", "event": "1", "reference": "a"}
    plan = seen_in(tmp_path, frame, answers).chosen.plan  # type: ignore[union-attr]
    assert not tuple(gaps_in(plan))
    assert columns_of(plan)["occurred"] == "tumour"


def test_a_status_is_read_by_the_times_or_asked(tmp_path: Path) -> None:
    """`status` may be 1 for alive; a death is a death."""
    alike = pd.DataFrame({"time": range(10, 10 + N), "status": [0, 1] * 30})
    assert asked(seen_in(tmp_path, alike))["event"] == ["1", "0"]
    assert read(seen_in(tmp_path, alike.rename(columns={"status": "death"})))["event"] == "1"
    assert read(seen_in(tmp_path, survival().rename(columns={"event": "status"})))["event"] == "1"


def test_true_and_false_and_yes_of_the_living(tmp_path: Path) -> None:
    frame = survival()
    words = frame.assign(event=frame["event"].map({1: "True", 0: "False"}))
    assert seen_in(tmp_path, words).chosen.plan["data"]["labels"]["occurred"] == {  # type: ignore[union-attr]
        "False": False,
        "True": True,
    }
    alive = frame.assign(alive=frame["event"].map({1: "no", 0: "yes"})).drop(columns="event")
    assert seen_in(tmp_path, alive).chosen.plan["data"]["labels"]["occurred"] == {  # type: ignore[union-attr]
        "no": True,
        "yes": False,
    }


def test_of_columns_called_after_arms_the_allocation_is_taken(tmp_path: Path) -> None:
    """A drug that some of both arms take is no arm, and neither is the time of a treatment."""
    frame = pd.DataFrame({
        "drug": ["yes", "no", "no"] * 20, "traitement": ["TAU", "btb"] * 30,
        "bdi_pre": [20 + k % 9 for k in range(N)], "bdi_2m": [18 + k % 8 for k in range(N)],
    })  # fmt: skip
    plan = seen_in(tmp_path, frame).chosen.plan  # type: ignore[union-attr]
    assert columns_of(plan)["arm"] == "traitement"
    other = frame.rename(columns={"drug": "tx_complete", "traitement": "group"})
    plan = seen_in(tmp_path, other).chosen.plan  # type: ignore[union-attr]
    assert columns_of(plan)["arm"] == "group"


def test_two_columns_of_arms_that_differ_are_asked(tmp_path: Path) -> None:
    frame = survival(arm=["A", "B"] * 30, treatment=["x", "x", "y"] * 20)
    assert asked(seen_in(tmp_path, frame))["group"][:2] == ["treatment", "arm"]
    same = frame.assign(arm=frame["treatment"].map({"x": 1, "y": 2}))
    assert "group" not in asked(seen_in(tmp_path, same))


def test_groups_with_few_rows_are_asked_and_not_shown(tmp_path: Path) -> None:
    frame = survival(marker=[1] * 52 + [2] * 8)
    seen = seen_in(tmp_path, frame)
    assert asked(seen)["group"] == ["marker", "none"]
    assert "1 label with fewer than 11" in inspection_words(seen)


def test_columns_that_differ_in_kind_are_no_visits() -> None:
    """Numbers behind a letter count covariates as often as visits."""
    columns = {"z1": range(7, 67), "z2": MARK, "z3": [2600 - k for k in range(N)]}
    listed = [Column(k, pd.Series(list(map(str, v)))) for k, v in columns.items()]
    assert wide_columns(listed) == ()


def test_parts_of_hours_in_names() -> None:
    rng = np.random.default_rng(RNG_SEED)
    listed = [
        Column(name, pd.Series(list(map(str, rng.normal(4, 1, N).round(1)))))
        for name in ("t0", "t0.5", "t1", "t1.5", "t2")
    ]
    (group,) = wide_columns(listed)
    assert list(group.columns.values()) == ["t0", "t0.5", "t1", "t1.5", "t2"]


def test_markers_with_numbers_are_not_taken_for_visits(tmp_path: Path) -> None:
    rng = np.random.default_rng(RNG_SEED)
    doses = {f"CD{k}.dose": rng.normal(4, 1, N).round(2) for k in (3, 8, 34)}
    frame = pd.DataFrame({"arm": ["placebo", "drug"] * 30, **doses, "TNC.dose": rng.normal(size=N)})
    assert "outcome" in asked(seen_in(tmp_path, frame))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pain_free", "higher"),
        ("seizure free", "higher"),
        ("pain", "lower"),
        ("abnormal", "lower"),
        ("normal", "higher"),
        ("response_time", ""),
        ("PANSS_positive", "lower"),
        ("hiv_positive", ""),
        ("muerte", "lower"),
        ("Ansprechen", "higher"),
    ],
)
def test_the_direction_that_a_name_tells(name: str, found: str) -> None:
    assert better_of_two(Asked(), name, "1").taken == found


def test_shuffled_rows_of_a_counting_process(tmp_path: Path) -> None:
    rows = [(k, start, start + 10, int(k % 3 == 0 and start == 20), "ab"[k % 2])
            for k in range(40) for start in (0, 10, 20)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["id", "start", "stop", "event", "trt"])
    shuffled = frame.sample(frac=1, random_state=RNG_SEED)
    seen = seen_in(tmp_path, shuffled)
    assert seen.guesses[0].kind == "intervals"
    assert read(seen)["outcome"] == "first event"


def test_kinds_of_events_of_a_counting_process_are_asked(tmp_path: Path) -> None:
    kind = [0, 0, 1, 0, 2, 1]
    rows = [(k, start, start + 10, kind[(k + start // 10) % 6], "ab"[k % 2])
            for k in range(60) for start in (0, 10, 20)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["id", "start", "stop", "status", "trt"])
    assert asked(seen_in(tmp_path, frame))["event"] == ["1", "2"]
    answers = {"event": "1", "reference": "a", "outcome": "all events"}
    plan = seen_in(tmp_path, frame, answers).chosen.plan  # type: ignore[union-attr]
    assert "IN (1)" in plan["data"]["files"]["events"]["query"]


def test_two_eyes_of_a_person_are_units_with_robust_errors(tmp_path: Path) -> None:
    rows = [(k, eye, 10 + 7 * k + eye, int((k + eye) % 3 > 0)) for k in range(N) for eye in (0, 1)]
    frame = pd.DataFrame(rows, columns=["id", "trt", "time", "status"])
    assert [*asked(seen_in(tmp_path, frame))] == ["whose"]  # codes that count may begin anew
    seen = seen_in(tmp_path, frame, {"whose": SAME})
    assert asked(seen)["rows"] == ["trt 0", "trt 1", "every row"]
    answers = {"whose": SAME, "rows": "every row", "reference": "0", "event": "1"}
    plan = seen_in(tmp_path, frame, answers).chosen.plan  # type: ignore[union-attr]
    assert not tuple(gaps_in(plan))
    assert plan["data"]["rows_are_subjects"] is True
    assert columns_of(plan)["covariates"][plan["analyses"]["time_to_event"]["cluster"]] == "id"


def test_times_that_run_on_are_no_units(tmp_path: Path) -> None:
    """The last row of each is censored: events of one participant, one after the other."""
    rows = [(k, 10 * n + k % 7, int(n < 3)) for k in range(N) for n in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["id", "time", "status"])
    assert seen_in(tmp_path, frame).chosen is None


def test_codes_that_are_not_called_so(tmp_path: Path) -> None:
    rows = [(f"n{k}", w, "ab"[k % 2], 20 + k % 7 - w) for k in range(40) for w in (0, 4, 8)]
    frame = pd.DataFrame(rows, columns=["tree", "Woche", "Behandlung", "size"])
    seen = seen_in(tmp_path, frame)
    assert columns_of(seen.chosen.plan)["subject"] == "tree"  # type: ignore[union-attr]
    assert any("`tree` is taken for" in r for r in seen.chosen.remarks)  # type: ignore[union-attr]


def test_visits_without_codes_are_not_taken_for_participants(tmp_path: Path) -> None:
    rows = [(w, "ab"[k % 2], 20 + k % 7 - w) for k in range(40) for w in (0, 4, 8)]
    seen = seen_in(tmp_path, pd.DataFrame(rows, columns=["week", "arm", "score"]))
    assert seen.chosen is None
    assert "no column shows whose each row is" in inspection_words(seen)


def test_totals_of_arms_are_no_participants(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": ["drug", "placebo"], "yes": [12, 7], "no": [30, 35]})
    seen = seen_in(tmp_path, frame)
    assert seen.chosen is None
    assert "totals of arms" in inspection_words(seen)


def test_an_age_that_few_codes_share_is_no_visit(tmp_path: Path) -> None:
    """A code that stands twice by mistake does not make rows visits."""
    frame = survival(id=range(N), age=[30 + k % 40 for k in range(N)])
    twice = pd.concat([frame, frame.iloc[:3].assign(age=29, time=7)])
    assert "visit" not in seen_in(tmp_path, twice).guesses[0].roles


def test_one_column_that_can_be_the_outcome_is_it(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tratamiento": ["control", "activo"] * 30, "edad": range(20, 20 + N),
                          "polipos": [k % 11 for k in range(N)]})  # fmt: skip
    seen = seen_in(tmp_path, frame)
    assert read(seen)["outcome"] == "polipos"
    assert list(asked(seen)) == ["better"]
    assert "outcome" in asked(seen_in(tmp_path, frame.assign(hospital=range(900, 900 + N))))


def test_words_of_an_outcome_that_few_have_are_not_shown(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"arm": ["control", "active"] * 30, "lesion": ["rarissima"] * 4 + ["w"] * 56}
    )
    seen = seen_in(tmp_path, frame)
    assert "rarissima" not in inspection_words(seen)
    assert any("fewer than 11" in gap for _, gap in gaps_in(seen.chosen.plan))  # type: ignore[union-attr]


def test_of_several_words_it_is_asked_which_is_the_event(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"arm": ["control", "active"] * 30, "Improved": ["nil", "some", "marked"] * 20}
    )
    assert asked(seen_in(tmp_path, frame))["event"][:3] == ["marked", "nil", "some"]
    plan = seen_in(tmp_path, frame, {"event": "not nil"}).chosen.plan  # type: ignore[union-attr]
    assert plan["data"]["labels"]["value"] == {"marked": 1, "nil": 0, "some": 1}
    plan = seen_in(tmp_path, frame, {"event": "marked"}).chosen.plan  # type: ignore[union-attr]
    assert plan["data"]["labels"]["value"] == {"marked": 1, "nil": 0, "some": 0}


def test_a_period_is_no_centre_in_which_codes_begin_anew(tmp_path: Path) -> None:
    rows = [(k, p, "ab"[(k + p) % 2], 20 + k % 7) for k in range(22) for p in (1, 2)]
    frame = pd.DataFrame(rows, columns=["ID", "StudyPeriod", "Treatment", "result"])
    guess = seen_in(tmp_path, frame).guesses[0]
    assert guess.roles["subject"] == "ID"
    assert guess.roles["phase"] == "StudyPeriod"


def test_a_title_above_two_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Stents, export"
    for row in [(), ("OUTCOME", "GROUP"), *[("stroke" if k % 3 else "no event", "ab"[k % 2])
                                           for k in range(N)]]:  # fmt: skip
        sheet.append(row)
    book.save(tmp_path / "trial.xlsx")
    seen = inspect_folder(tmp_path, "made")
    assert read(seen)["outcome"] == "OUTCOME"


@pytest.mark.parametrize(
    "names",
    [
        ("paciente", "tratamiento", "visita", "puntuacion"),
        ("paziente", "trattamento", "visita", "punteggio"),
        ("sujet", "traitement", "visite", "score"),
        ("Probandennr", "Behandlung", "Visite", "Punktwert"),
        ("deelnemer", "behandeling", "bezoek", "uitslag"),
    ],
)
def test_names_in_other_languages(tmp_path: Path, names: tuple[str, ...]) -> None:
    rows = [(k, "ab"[k % 2], v, 20 + k % 7 - v) for k in range(40) for v in (0, 1, 2)]
    plan = seen_in(tmp_path, pd.DataFrame(rows, columns=list(names))).chosen.plan  # type: ignore[union-attr]
    found = columns_of(plan)
    assert [found[k] for k in ("subject", "arm", "visit", "value")] == list(names)


def test_a_month_may_be_that_of_the_calendar(tmp_path: Path) -> None:
    frame = survival(month=[k % 12 + 1 for k in range(N)], sex=["f", "m"] * 30)
    frame = frame.drop(columns="time").rename(columns={"event": "died"})
    assert "month" in asked(seen_in(tmp_path, frame))["outcome"]


def test_how_all_arms_move_is_offered_and_not_taken(tmp_path: Path) -> None:
    """Scores of an illness that progresses move in every arm, too."""
    rows = [(k, "ab"[k % 2], w, 60 - 4 * w + k % 7) for k in range(40) for w in (0, 1, 2)]
    seen = seen_in(tmp_path, pd.DataFrame(rows, columns=["id", "trt", "visit", "ALSFRS"]))
    (question,) = [q for q in seen.chosen.questions if q.key == "better"]  # type: ignore[union-attr]
    assert question.is_open
    assert question.offered == "lower"
    assert "the mean fell in every arm" in question.told


def test_a_file_that_is_called_after_a_scale(tmp_path: Path) -> None:
    rows = [(k, "ab"[k % 2], w, 60 - 4 * w + k % 7) for k in range(40) for w in (0, 1, 2)]
    frame = pd.DataFrame(rows, columns=["id", "trt", "visit", "total"])
    frame.to_csv(tmp_path / "panss.csv", index=False)
    assert read(inspect_folder(tmp_path, "made"))["better"] == "lower"
    (tmp_path / "panss.csv").rename(tmp_path / "pain.csv")
    assert "better" in asked(inspect_folder(tmp_path, "made"))


def test_a_cause_beside_a_time_is_no_evident_outcome(tmp_path: Path) -> None:
    frame = pd.DataFrame({"trt": ["placebo", "drug"] * 30, "days": range(100, 160),
                          "outcome": ["lymphoma", "sarcoma", "other"] * 20})  # fmt: skip
    assert asked(seen_in(tmp_path, frame))["outcome"] == ["days", "outcome"]


def test_levels_of_a_variable_are_no_visits() -> None:
    level = np.arange(N) % 4
    listed = [
        Column(f"type{k}", pd.Series((level == k).astype(int).astype(str))) for k in (1, 2, 3)
    ]
    assert wide_columns(listed) == ()
    again = [*listed, Column("type4", pd.Series((level < 2).astype(int).astype(str)))]
    assert len(wide_columns(again)) == 1


def test_a_time_and_a_mark_that_share_the_name_of_an_event_go_together(tmp_path: Path) -> None:
    n = np.arange(N)
    pairs = {f"t_{e}": 5.0 + n % 40 + k for k, e in enumerate(("gvhd", "rel", "plate"))}
    marks = {f"d_{e}": (n // (k + 1)) % 2 for k, e in enumerate(("gvhd", "rel", "plate"))}
    frame = pd.DataFrame({"id": n, "treat": n % 2, "age": 20 + n % 30, **pairs, **marks})
    choices = asked(seen_in(tmp_path, frame))["outcome"]
    assert {choice.split(" with ")[0] for choice in choices[:3]} == set(pairs)
    assert len(set(choices)) == len(choices)
    assert not any(choice.startswith("age with") for choice in choices)


@pytest.mark.parametrize(("time", "mark"), [("t", "status"), ("T", "E")])
def test_a_time_of_one_letter_is_offered_with_its_mark(
    tmp_path: Path, time: str, mark: str
) -> None:
    frame = survival(arm=np.arange(N) % 3 % 2).rename(columns={"time": time, "event": mark})
    seen = seen_in(tmp_path, frame)
    offered = asked(seen).get("outcome", [read(seen).get("outcome")])
    assert offered[0] in (time, f"{time} with {mark}")
    assert seen.guesses[0].kind == "times" or f"{time} with {mark}" in offered


def test_arms_in_more_and_in_fewer_groups_are_asked_about(tmp_path: Path) -> None:
    arms = np.arange(N) % 4
    frame = survival(treat=(arms > 0) * 1, arms=arms)
    assert asked(seen_in(tmp_path, frame))["group"][:2] == ["treat", "arms"]


def test_the_code_of_a_neighbourhood_is_not_that_of_a_participant(tmp_path: Path) -> None:
    n = np.arange(400)
    frame = pd.DataFrame({"married": n % 2, "drinks": n % 7, "neighborhood_id": n // 10})
    assert "subject" not in seen_in(tmp_path, frame).guesses[0].roles


@pytest.mark.parametrize(
    "names",
    [
        ("MADRS base", "MADRS 24h", "MADRS day 7", "MADRS day 14"),
        ("baseline_madrs", "madrs_24_h", "madrs_week_1", "madrs_week_2"),
        ("madrs bl", "madrs h24", "madrs d7", "madrs d14"),
    ],
)
def test_times_of_several_units_in_the_names_are_one_outcome(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    rng = np.random.default_rng(RNG_SEED)
    scores = {name: rng.integers(10, 40, N) for name in names}
    seen = seen_in(
        tmp_path, pd.DataFrame({"id": range(N), "arm": ["placebo", "drug"] * 30, **scores})
    )
    assert seen.chosen is not None
    days = [visit["day"] for visit in seen.chosen.plan["phases"]["treatment"]["visits"].values()]
    assert days == [1, 2, 8, 15]
    assert set(read(seen)) >= {"outcome"}


@pytest.mark.parametrize("stem", ["var", "cv", "num", "item"])
def test_numbered_columns_that_say_nothing_are_not_taken_for_visits(
    tmp_path: Path, stem: str
) -> None:
    rng = np.random.default_rng(RNG_SEED)
    columns = {f"{stem}{k}": rng.normal(size=N) for k in (1, 2, 3)}
    seen = seen_in(
        tmp_path, pd.DataFrame({"id": range(N), "arm": ["placebo", "drug"] * 30, **columns})
    )
    assert asked(seen)["outcome"][0] == stem


def test_more_numbered_columns_than_visits_can_be_are_asked_about(tmp_path: Path) -> None:
    rng = np.random.default_rng(RNG_SEED)
    genes = pd.DataFrame(rng.normal(size=(N, 60)), columns=[f"gene{k}" for k in range(60)])
    people = pd.DataFrame({"id": range(N), "arm": ["placebo", "drug"] * 30, "madrs": range(N)})
    assert "outcome" in asked(seen_in(tmp_path, pd.concat([people, genes], axis=1)))


def redcap_rows(arms_in_events: bool) -> str:
    """Forty participants at three events, of which some have rows of a repeating instrument."""
    rows = []
    for i in range(1, 41):
        arm = 1 + (i % 2) * arms_in_events
        for place, event in enumerate(("baseline", "week_1", "week_4")):
            treat = 1 + i % 2 if place == 0 else ""
            rows.append(f"{i},{event}_arm_{arm},,,{treat},{30 + i % 7 - place * (i % 5)},")
        rows += [f"{i},week_1_arm_{arm},adverse_events,{k},,,Headache" for k in range(1, i % 3 + 1)]
    head = (
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,treat,madrs,ae"
    )
    return "\n".join([head, *rows])


@pytest.mark.parametrize("arms_in_events", [False, True])
def test_rows_of_repeating_instruments_are_left_out_and_counted(
    tmp_path: Path, arms_in_events: bool
) -> None:
    (tmp_path / "export.csv").write_text(redcap_rows(arms_in_events), encoding="utf-8")
    chosen = inspect_folder(tmp_path, "made").chosen
    assert chosen is not None
    assert chosen.plan["data"]["where"] == {"visits": {"redcap_repeat_instrument": ""}}
    assert any("40 rows of repeating instruments" in remark for remark in chosen.remarks)
    visits = chosen.plan["phases"]["treatment"]["visits"]
    assert {name: visit["day"] for name, visit in visits.items()} == {
        "Baseline": 1,
        "Week 1": 8,
        "Week 4": 29,
    }


def test_what_is_analysed_may_stand_in_the_repeating_rows(tmp_path: Path) -> None:
    text = redcap_rows(arms_in_events=False).replace(",madrs,", ",provider,")
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    chosen = inspect_folder(tmp_path, "made").chosen
    assert chosen is None or "where" not in chosen.plan["data"]
