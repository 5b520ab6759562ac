"""A SELECT over files that are no database: what it gives, and what it cannot reach."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from formats import written
from ketaoutcomes.data.readers import repeatable
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import read_table
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.files import TableOfFile, Writing
from unit.data.conftest import VISITS_CSV
from unit.data.test_derive import assert_same_frames

INTERVALS = """\
id,centre,treat,start,stop,status,enum
1,north,Active,0,219,1,1
1,north,Active,219,373,1,2
1,north,Active,373,414,0,3
2,north,Control,0,8,1,1
2,north,Control,8,26,1,2
2,north,Control,26,439,0,3
3,south,Control,0,382,0,1
4,south,Active,0,388,0,1
"""


def test_two_files_are_joined(visits_trial):
    plain = visits_trial.load()
    lines = [line.split(",") for line in VISITS_CSV.splitlines()]
    people = [",".join([c[0], c[1], c[6], c[7]]) for c in (lines[0], *lines[1::2])]
    scores = [",".join(c[:1] + c[2:6]) for c in lines]
    visits_trial.add("people.csv", "\n".join(people))
    visits_trial.add("scores.csv", "\n".join(scores))
    visits_trial.data["files"]["visits"] = {
        "files": {"people": "people.csv", "scores": "scores.csv"},
        "query": "SELECT * FROM scores LEFT JOIN people USING (ID)",
    }
    cohort = visits_trial.load()
    assert_same_frames(plain, cohort)
    assert [name for name, _ in cohort.source.sha256s] == ["people.csv", "scores.csv"]
    said = "people.csv, scores.csv (a query): 8 rows are given by `SELECT * FROM scores LEFT JOIN"
    assert any(remark.sentence().startswith(said) for remark in cohort.source.remarks)


def test_codes_stay_codes_and_numbers_are_numbers(visits_trial):
    """Site 006 is a text, a score is a number, and what is missing is null."""
    plain = visits_trial.load()
    visits_trial.data["files"]["visits"] = {
        "file": "visits.csv",
        "query": """SELECT * FROM visits
                    WHERE SITE LIKE '0%' AND (SCORE > 0 OR SCORE IS NULL) AND BASE + 1 > 28""",
    }
    assert_same_frames(plain, visits_trial.load())


def test_times_and_recurrences_of_a_counting_process(times_trial):
    """One file of intervals as participants, first events and events; counted by hand."""
    times_trial.text, times_trial.file = INTERVALS, "cgd.csv"
    times_trial.data["files"] = {
        "times": {"file": "cgd.csv", "query": "SELECT * FROM cgd WHERE enum = 1"},
        "subjects": {
            "file": "cgd.csv",
            "query": "SELECT id, arg_min(treat, start) AS treat, max(stop) AS last, 'completed' AS "
            "why FROM cgd GROUP BY id",
        },
        "events": {
            "file": "cgd.csv",
            "query": "SELECT id, stop AS day, 'infection' AS event FROM cgd WHERE status = 1",
        },
    }
    times_trial.data["columns"] = {
        "subject": "id",
        "arm": "treat",
        "time": "stop",
        "occurred": "status",
        "day": ["day", "last"],
        "reason": "why",
        "event": "event",
    }
    times_trial.data |= {"time_unit": "days", "first_dose_day": 0}
    times_trial.plan["analyses"]["main"]["covariates"] = []
    cohort = times_trial.load()
    assert cohort.times[["subject", "time", "event"]].to_numpy().tolist() == [
        *(["1", 219.0, True], ["2", 8.0, True], ["3", 382.0, False], ["4", 388.0, False])
    ]
    assert cohort.events[["subject", "day"]].to_numpy().tolist() == [
        *(["1", 219.0], ["1", 373.0], ["2", 8.0], ["2", 26.0])
    ]
    assert cohort.follow_up["last_day"].tolist() == [414, 439, 382, 388]


HOSTILE = (
    "SELECT * FROM read_csv('visits.csv')",
    "SELECT * FROM 'visits.csv'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('*')",
    "SELECT * FROM frame",
    "SELECT * FROM base",
    "COPY visits TO 'out.csv'",
    "COPY (SELECT 1) TO 'out.csv'",
    "ATTACH 'other.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CREATE TABLE more AS SELECT 1",
    "DELETE FROM visits",
    "SELECT 1; SELECT 2",
    "SELECT",
    "nothing",
    "",
)


@pytest.mark.parametrize("query", HOSTILE)
def test_a_select_reaches_its_own_tables_alone(visits_trial, query):
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": query}
    (problem, *_) = visits_trial.problems()
    assert problem.place == "visits.csv (a query)"
    assert [path.name for path in visits_trial.folder.iterdir()] == ["visits.csv"]
    assert (visits_trial.folder / "visits.csv").read_text(encoding="utf-8") == VISITS_CSV


CHANCE = (
    "SELECT *, random() AS r FROM visits",
    "SELECT *, RANDOM() AS r FROM visits",
    "SELECT * FROM visits WHERE (SELECT uuid()) IS NOT NULL",
    "SELECT *, current_date AS d FROM visits",
    "SELECT *, now() AS d FROM visits",
    "WITH v AS (SELECT * FROM visits ORDER BY random()) SELECT * FROM v",
    "SELECT * FROM visits USING SAMPLE 3 ROWS",
    "SELECT * FROM visits TABLESAMPLE 50%",
)


@pytest.mark.parametrize("query", CHANCE)
def test_what_depends_on_chance_or_on_the_clock_is_refused(visits_trial, query):
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": query}
    (problem, *_) = visits_trial.problems()
    assert problem.expected == "a SELECT that gives the same rows every time"


def test_a_query_that_does_not_end_is_interrupted(visits_trial, monkeypatch):
    monkeypatch.setattr(repeatable, "SECONDS", 0.5)
    query = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT max(n) FROM r"
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": query}
    (problem, *_) = visits_trial.problems()
    assert problem.expected == "a SELECT that ends within 0.5 seconds"


@pytest.fixture
def database(tmp_path):
    """Reads the rows of a SELECT on a small database of a kind."""

    for kind in ("duckdb", "sqlite"):
        written(VISITS_CSV, kind, tmp_path)

    def read(kind: str, query: str) -> RawTable:
        return read_table(tmp_path, TableOfFile(file=f"visits.{kind}", query=query), Writing())

    return read


OF_DATABASES = (
    *(("duckdb", query) for query in (*CHANCE, "SELECT *, txid_current() AS t FROM visits")),
    ("sqlite", "SELECT *, random() AS r FROM visits"),
    ("sqlite", "SELECT *, CURRENT_DATE AS r FROM visits"),
    ("sqlite", "SELECT *, date('now') AS r FROM visits"),
    ("sqlite", "SELECT *, unixepoch() AS r FROM visits"),
)


@pytest.mark.parametrize(("kind", "query"), OF_DATABASES)
def test_a_database_gives_the_same_rows_every_time_too(database, kind, query):
    with pytest.raises(DataError) as caught:
        database(kind, query)
    (problem,) = caught.value.problems
    told = problem.expected == "a SELECT that gives the same rows every time"
    assert told or "not authorized to use function" in problem.found
    assert len(database(kind, "SELECT ID, abs(SCORE) AS SCORE FROM visits").frame) > 1


def test_a_query_on_a_database_that_does_not_end_is_interrupted(database, monkeypatch):
    monkeypatch.setattr(repeatable, "SECONDS", 0.5)
    query = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT max(n) FROM r"
    with pytest.raises(DataError, match=r"a SELECT that ends within 0\.5 seconds"):
        database("duckdb", query)


def test_a_query_that_names_no_column_is_told_the_columns(visits_trial):
    query = "SELECT SCOR FROM visits"
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": query}
    (problem, *_) = visits_trial.problems()
    assert "SCOR" in problem.found
    assert "`visits` has `ID`, `TRT`, `WEEK`, `DAY`, `SCORE` and 3 more" in problem.remedy


def test_a_column_that_no_select_takes_is_looked_at_for_identifiers(visits_trial):
    lines = visits_trial.text.splitlines()
    mails = ["mail", *(f"p{n}@example.org" for n in range(8))]
    visits_trial.text = "\n".join(f"{a},{b}" for a, b in zip(lines, mails, strict=True))
    query = "SELECT * EXCLUDE mail FROM visits"
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": query}
    with pytest.raises(DataError, match="may identify a person") as caught:
        visits_trial.load()
    assert caught.value.problems[0].place == "visits.csv, column `mail`"


def test_sheets_of_a_workbook_are_tables_of_a_select(visits_trial, tmp_path):
    import openpyxl  # noqa: PLC0415

    plain = visits_trial.load()
    book = openpyxl.Workbook()
    for name, columns in (("people", (0, 1, 6, 7)), ("scores", (0, 2, 3, 4, 5))):
        sheet = book.create_sheet(name)
        rows = [line.split(",") for line in VISITS_CSV.splitlines()]
        for row in rows[:1] + (rows[1::2] if name == "people" else rows[1:]):
            sheet.append([row[at] or None for at in columns])
    book.save(tmp_path / "trial.xlsx")
    visits_trial.data["files"]["visits"] = {
        "files": {
            "p": {"file": "trial.xlsx", "sheet": "people"},
            "s": {"file": "trial.xlsx", "sheet": "scores"},
        },
        "query": "SELECT * FROM p JOIN s USING (ID)",
    }
    assert_same_frames(plain, visits_trial.load())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(visits_trial, seed):
    visits_trial.data["files"]["visits"] = {"file": "visits.csv", "query": "SELECT * FROM visits"}
    plain = visits_trial.load()
    head, *rows = VISITS_CSV.splitlines()
    random.Random(seed).shuffle(rows)
    visits_trial.text = "\n".join([head, *rows]) + "\n"
    assert_same_frames(plain, visits_trial.load())


@pytest.mark.parametrize(
    "source",
    [
        {"file": "visits.csv"},
        {"file": "visits.csv", "table": "a", "query": "SELECT 1"},
        {"files": {"a b": "visits.csv"}, "query": "SELECT 1"},
        {"files": {"v": "visits.csv", "V": "visits.csv"}, "query": "SELECT 1"},
        {"files": {}, "query": "SELECT 1"},
        {"files": {"v": "visits.csv"}},
    ],
)
def test_a_source_that_says_too_little_or_too_much(visits_trial, source):
    visits_trial.data["files"]["visits"] = source
    with pytest.raises(ValidationError):
        visits_trial.load()
