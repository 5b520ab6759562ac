"""Every format gives the same cohort, and a file that is not what it should be is refused."""

import gzip

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from pandas.testing import assert_frame_equal
from pydantic import ValidationError

from formats import WRITERS, numbers_and_codes, written
from ketaoutcomes.data.readers import limits
from ketaoutcomes.data.readers import read as readers
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.data import DataBlock
from unit.data.conftest import VISITS_CSV, SmallTrial
from unit.data.test_load import FRAMES, assert_same_cohort

FORMATS = tuple(WRITERS)


def write(trial: SmallTrial, kind: str) -> None:
    """Write the trial's text in another format, and let the plan name it."""
    trial.data["files"] = {"visits": written(trial.text, kind, trial.folder)}
    trial.add = lambda *_: None


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_the_same_cohort(visits_trial, kind):
    by_csv = visits_trial.load()
    write(visits_trial, kind)
    assert_same_cohort(by_csv, visits_trial.load())


FAULTS = {
    "missing column": ("TRT", "ARM", "a column `TRT`"),
    "duplicate subject and visit": (
        "1,Active,2,15,18",
        "1,Active,1,15,18",
        "one row per participant and visit",
    ),
    "unknown arm": ("4,Control", "4,Sham", "one of the plan's arms"),
    "one arm": ("Control", "Active", "participants in every arm"),
    "score that is no number": ("2,15,27.5", "2,15,much", "a number"),
    "score out of range": ("2,15,27.5", "2,15,61", "a MADRS score from 0 to 60"),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_in_every_format(visits_trial, kind, fault):
    old, new, expected = FAULTS[fault]
    visits_trial.replace(old, new)
    write(visits_trial, kind)
    assert any(expected in problem.expected for problem in visits_trial.problems())


@pytest.mark.parametrize("kind", FORMATS)
def test_a_visit_without_any_score_is_told_in_every_format(visits_trial, kind):
    for old, new in (("15,18,", "15,,"), ("16,15,", "16,,"), ("15,27.5,", "15,,")):
        visits_trial.replace(old, new)
    write(visits_trial, kind)
    _, expected, found, _ = visits_trial.problem()
    assert expected == "a MADRS score at every visit of phase `treatment`"
    assert found == "no score in any participant at `Week 2`"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_no_bytes_is_told_in_every_format(visits_trial, kind):
    write(visits_trial, kind)
    next(visits_trial.folder.glob("visits.*")).write_bytes(b"")
    _, expected, found, _ = visits_trial.problem()
    assert (expected, found) == ("at least one row of data", "no row")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_without_rows_is_told_in_every_format(visits_trial, kind):
    visits_trial.text = VISITS_CSV.splitlines()[0] + "\n"
    write(visits_trial, kind)
    _, expected, _, _ = visits_trial.problem()
    assert expected == "at least one row of data"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_other_bytes_is_told_in_every_format(visits_trial, kind):
    write(visits_trial, kind)
    next(visits_trial.folder.glob("visits.*")).write_bytes(b"\xff\xfejunk\x00" * 600)
    (problem,) = visits_trial.problems()
    assert problem.place.startswith("visits.")


CUT = sorted(set(FORMATS) - {"csv", "txt", "tab", "dat"})
"""A text has no end of its own: what is left of one that was cut is a text."""


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("part", [0.05, 0.5, 0.6, 0.9, 0.99])
def test_a_file_that_was_cut_is_told_in_every_format(visits_trial, kind, part):
    """One problem that names the file; free space at an end may be missing."""
    whole = visits_trial.load()
    write(visits_trial, kind)
    (path,) = (p for p in visits_trial.folder.glob("visits.*") if p.name != "visits.csv")
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    try:
        assert_same_cohort(whole, visits_trial.load())
    except DataError as error:
        (problem,) = error.problems
        assert problem.place.startswith("visits.")
        assert str(path.parent) not in str(problem)
    else:
        assert kind in ("duckdb", "por")  # free blocks, and a last line filled up with Z


def test_rows_are_told_as_the_user_counts_them(visits_trial):
    visits_trial.replace("2,15,27.5", "2,15,61")
    assert "row 9" in visits_trial.problem()[0]
    write(visits_trial, "parquet")
    assert "row 8" in visits_trial.problem()[0]


def test_value_labels_of_spss(visits_trial):
    by_csv = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    frame["TRT"] = frame["TRT"].map({"Active": 1.0, "Control": 2.0})
    labels = {"TRT": {1.0: "Active", 2.0: "Control"}, "SCORE": {0.0: "well", 60.0: "very ill"}}
    path = visits_trial.folder / "visits.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    visits_trial.data["files"] = {"visits": "visits.sav"}
    assert_same_cohort(by_csv, visits_trial.load())  # ends of a scale do not turn it into words
    visits_trial.data["labelled_values"] = "codes"
    visits_trial.data["labels"]["arm"] = {"1": "active", "2": "control"}
    assert_same_cohort(by_csv, visits_trial.load())


def test_a_query_may_join_tables(visits_trial):
    by_csv = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    people = frame[["ID", "TRT", "SITE", "AGE"]].drop_duplicates("ID")
    with duckdb.connect(str(visits_trial.folder / "trial.duckdb")) as base:
        base.register("scores_", frame[["ID", "WEEK", "DAY", "SCORE", "BASE"]])
        base.register("people_", people)
        base.execute("CREATE TABLE scores AS SELECT * FROM scores_")
        base.execute("CREATE TABLE people AS SELECT * FROM people_")
    query = "SELECT * FROM scores JOIN people USING (ID)"
    visits_trial.data["files"] = {"visits": {"file": "trial.duckdb", "query": query}}
    by_query = visits_trial.load()
    for frame in FRAMES:  # a note says that the rows are those of a query
        assert_frame_equal(getattr(by_csv, frame), getattr(by_query, frame))


HOSTILE = (
    "DROP TABLE visits",
    "SELECT 1; DROP TABLE visits",
    "CREATE TABLE more AS SELECT 1",
    "ATTACH 'other.db'",
    "COPY visits TO 'out.csv'",
    "PRAGMA database_list",
    "SELECT * FROM read_csv('visits.csv')",
    "SELECT load_extension('x')",
)


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_query_can_only_read_its_own_file(visits_trial, kind, query):
    visits_trial.load()
    write(visits_trial, kind)
    path = visits_trial.folder / f"visits.{kind}"
    before = path.read_bytes()
    visits_trial.data["files"]["visits"] = {"file": f"visits.{kind}", "query": query}
    (problem,) = visits_trial.problems()
    assert problem.place == f"visits.{kind} (a query)"
    assert path.read_bytes() == before
    assert not (visits_trial.folder / "out.csv").exists()


def test_a_database_needs_a_table(visits_trial):
    write(visits_trial, "sqlite")
    visits_trial.data["files"]["visits"] = "visits.sqlite"
    _, _, found, remedy = visits_trial.problem()
    assert found == "a database with the tables `visits`"
    assert remedy == "write {file: visits.sqlite, table: visits}"
    visits_trial.data["files"]["visits"] = {"file": "visits.sqlite", "table": "visit"}
    assert "no such table" in visits_trial.problem()[2]


def test_gzip_bomb(visits_trial):
    content = VISITS_CSV.encode() + b"1,Active,1,8,20,30,006,41\n" * 2_000_000
    (visits_trial.folder / "visits.csv.gz").write_bytes(gzip.compress(content))
    visits_trial.data["files"]["visits"] = "visits.csv.gz"
    assert "unpacks to at most 200 times its size" in visits_trial.problem()[1]


def test_parquet_bomb(visits_trial):
    table = pa.table({"ID": pa.repeat(1, 150_000_000), "TRT": pa.repeat(1, 150_000_000)})
    pq.write_table(table, visits_trial.folder / "visits.parquet", compression="zstd")
    visits_trial.data["files"]["visits"] = "visits.parquet"
    assert visits_trial.problem()[1] == "at most 200,000,000 cells"


def test_parquet_with_long_text_repeated(visits_trial, monkeypatch):
    """A text of a megabyte, written once and repeated, is read without being copied."""
    monkeypatch.setattr(limits, "FREE_BYTES", 1024)
    column = pa.DictionaryArray.from_arrays(pa.repeat(0, 50_000).cast("int32"), ["x" * 10**6])
    path = visits_trial.folder / "long.parquet"
    pq.write_table(pa.table({"ID": column}), path)
    table = readers.read_table(visits_trial.folder, "long.parquet", block())
    assert len(table.frame) == 50_000
    assert table.frame["ID"].iloc[0] is table.frame["ID"].iloc[-1]


def test_nested_parquet(visits_trial):
    pq.write_table(pa.table({"ID": [[1, 2], [3]]}), visits_trial.folder / "visits.parquet")
    visits_trial.data["files"]["visits"] = "visits.parquet"
    assert visits_trial.problem()[1] == "one value a cell"


def test_oversized_file(visits_trial, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 100)
    assert visits_trial.problem()[1].startswith("a file of at most")


@pytest.mark.parametrize("name", ["../visits.csv", "/etc/hostname", "link.csv"])
def test_links_and_paths_that_leave_the_folder(visits_trial, name, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "visits.csv"
    outside.write_text(VISITS_CSV, encoding="utf-8")
    (visits_trial.folder / "link.csv").symlink_to(outside)
    visits_trial.data["files"]["visits"] = name
    assert visits_trial.problem()[2] == "a path or a link that leads out of it"


def test_a_link_inside_the_folder_is_followed(visits_trial):
    by_file = visits_trial.load()
    (visits_trial.folder / "link.csv").symlink_to(visits_trial.folder / "visits.csv")
    visits_trial.data["files"]["visits"] = "link.csv"
    assert_same_cohort(by_file, visits_trial.load())


def test_semicolons_and_decimal_commas(visits_trial):
    by_csv = visits_trial.load()
    visits_trial.text = visits_trial.text.replace(",", ";").replace(".5", ",5")
    visits_trial.data["decimal"] = ","
    assert_same_cohort(by_csv, visits_trial.load())


def block() -> DataBlock:
    return DataBlock.model_validate({"files": {"visits": "x.csv"}, "columns": {"subject": "ID"}})


def test_unknown_ending(tmp_path):
    (tmp_path / "data.xls").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"cannot read data\.xls") as caught:
        readers.read_table(tmp_path, "data.xls", block())
    assert caught.value.problems[0].remedy == "save it as .xlsx"


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "é" * 200 + ".csv"])
def test_a_name_that_no_disk_takes(visits_trial, name):
    visits_trial.data["files"]["visits"] = name
    assert visits_trial.problem()[1] in ("a file", "a file that can be read")


def test_a_name_with_a_control_character_is_a_fault_of_the_plan(visits_trial):
    visits_trial.data["files"]["visits"] = "a\0b.csv"
    with pytest.raises(ValidationError, match="pattern"):
        visits_trial.load()


def test_control_characters_of_the_data_do_not_reach_the_terminal(visits_trial):
    visits_trial.replace("2,15,27.5", "2,15,\x1b[2J\x07")
    with pytest.raises(DataError) as caught:
        visits_trial.load()
    assert "\x1b" not in str(caught.value)
    assert r"`\x1b[2J\x07`" in str(caught.value)


def test_paths_of_windows_are_found_or_said_where_they_are(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "trial.csv").write_bytes(b"a,b\r\n1,2\r\n")
    found = readers.read_table(tmp_path, "sub\\trial.csv", readers.Writing())
    assert found.frame["b"].tolist() == ["2"]
    with pytest.raises(DataError) as error:
        readers.read_table(tmp_path, "C:\\Users\\me\\trial.csv", readers.Writing())
    assert "/mnt/c/Users/me/trial.csv" in str(error.value)
