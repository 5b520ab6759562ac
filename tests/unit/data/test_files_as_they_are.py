"""A file is read as its format means it, or refused in one sentence: nothing is lost unsaid."""

import io
import shutil
import sqlite3
from datetime import date, datetime

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats import numbers_and_codes
from ketaoutcomes.data.readers.databases import with_logs
from unit.data.conftest import VISITS_CSV
from unit.data.test_load import assert_same_cohort
from unit.data.test_readers import write

FUNCTION_FIXTURE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def given_bytes(trial, content, name="visits.csv"):
    """The trial in these bytes."""
    (trial.folder / name).write_bytes(content)
    trial.data["files"] = {"visits": name}
    trial.add = lambda *_: None
    return trial


# databases


@pytest.mark.parametrize("rows_in_log", [1, 3, 8])
def test_rows_in_the_log_of_a_database_are_rows(visits_trial, rows_in_log):
    """A database copied with its -wal; SQLite itself counts all rows."""
    whole = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    at_work = visits_trial.folder / "at_work.db"
    with sqlite3.connect(at_work) as base:
        base.execute("PRAGMA journal_mode=wal")
        base.execute("PRAGMA wal_autocheckpoint=0")
        frame.iloc[:-rows_in_log].to_sql("visits", base, index=False)
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        frame.iloc[-rows_in_log:].to_sql("visits", base, index=False, if_exists="append")
        base.commit()
        for ending in ("", "-wal"):
            shutil.copy(f"{at_work}{ending}", visits_trial.folder / f"visits.db{ending}")
    base.close()
    before = {path.name: path.read_bytes() for path in visits_trial.folder.iterdir()}
    visits_trial.data["files"] = {"visits": {"file": "visits.db", "table": "visits"}}
    visits_trial.add = lambda *_: None
    assert_same_cohort(whole, visits_trial.load())
    assert {path.name: path.read_bytes() for path in visits_trial.folder.iterdir()} == before
    names = [path.name for path in with_logs(visits_trial.folder / "visits.db")]
    assert names == ["visits.db", "visits.db-wal"]


def test_a_transaction_that_was_cut_off_is_undone(visits_trial):
    """The journal holds the pages as they were before it."""
    whole = visits_trial.load()
    at_work = visits_trial.folder / "at_work.db"
    base = sqlite3.connect(at_work, isolation_level=None)
    numbers_and_codes(visits_trial.text).to_sql("visits", base, index=False)
    base.execute("PRAGMA cache_size=1")
    base.execute("BEGIN")
    base.execute("UPDATE visits SET SCORE = 0")
    base.execute("CREATE TABLE filler AS SELECT randomblob(4096) FROM visits, visits AS again")
    for ending in ("", "-journal"):
        shutil.copy(f"{at_work}{ending}", visits_trial.folder / f"visits.db{ending}")
    base.execute("ROLLBACK")
    base.close()
    visits_trial.data["files"] = {"visits": {"file": "visits.db", "table": "visits"}}
    visits_trial.add = lambda *_: None
    assert_same_cohort(whole, visits_trial.load())


def test_rows_in_the_log_of_duckdb_are_rows(visits_trial):
    whole = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    base = duckdb.connect(str(visits_trial.folder / "at_work.duckdb"))
    base.execute("PRAGMA disable_checkpoint_on_shutdown")
    base.register("first", frame.iloc[:5])
    base.register("rest", frame.iloc[5:])
    base.execute("CREATE TABLE visits AS SELECT * FROM first")
    base.execute("CHECKPOINT")
    base.execute("INSERT INTO visits SELECT * FROM rest")
    for ending in ("", ".wal"):
        shutil.copy(
            visits_trial.folder / f"at_work.duckdb{ending}",
            visits_trial.folder / f"visits.duckdb{ending}",
        )
    base.close()
    visits_trial.data["files"] = {"visits": {"file": "visits.duckdb", "table": "visits"}}
    visits_trial.add = lambda *_: None
    assert_same_cohort(whole, visits_trial.load())


# Parquet


def test_two_columns_of_one_name_are_refused(visits_trial):
    table = pa.Table.from_pandas(numbers_and_codes(visits_trial.text))
    twice = pa.Table.from_arrays([*table.columns, table["SCORE"]], [*table.column_names, "SCORE"])
    pq.write_table(twice, visits_trial.folder / "visits.parquet")
    visits_trial.data["files"] = {"visits": "visits.parquet"}
    assert visits_trial.problem()[1:3] == ("each column name once", "`SCORE` twice or more")


@pytest.mark.parametrize("index", ["ID", ["ID", "WEEK"]])
def test_an_index_with_a_name_is_a_column(visits_trial, index):
    by_csv = visits_trial.load()
    numbers_and_codes(visits_trial.text).set_index(index).to_parquet(
        visits_trial.folder / "visits.parquet"
    )
    visits_trial.data["files"] = {"visits": "visits.parquet"}
    assert_same_cohort(by_csv, visits_trial.load())


def test_long_whole_numbers_keep_their_digits_next_to_missing_ones(visits_trial):
    """2^53 + 1 is not a double; a column with a missing cell must not become one."""
    number = 2**53 + 1
    visits_trial.replace("006", str(number)).data["factors"] = ["site"]
    visits_trial.text = visits_trial.text.replace("028", "")
    by_csv = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    frame["SITE"] = pd.array([int(site) if site else None for site in frame["SITE"]], dtype="Int64")
    frame.to_parquet(visits_trial.folder / "visits.parquet")
    visits_trial.data["files"] = {"visits": "visits.parquet"}
    assert_same_cohort(by_csv, visits_trial.load())


def test_text_kept_as_bytes_is_text(visits_trial):
    by_csv = visits_trial.load()
    frame = numbers_and_codes(visits_trial.text)
    frame["TRT"] = frame["TRT"].str.encode("utf-8")
    frame["SITE"] = frame["SITE"].str.encode("utf-8")
    frame.to_parquet(visits_trial.folder / "visits.parquet")
    visits_trial.data["files"] = {"visits": "visits.parquet"}
    assert_same_cohort(by_csv, visits_trial.load())


@given(
    scores=st.lists(st.decimals(0, 60, places=2), min_size=7, max_size=7),
    missing=st.integers(0, 6),
    kind=st.sampled_from(["parquet", "duckdb"]),
)
@FUNCTION_FIXTURE
def test_decimals_are_the_numbers_that_they_show(visits_trial, scores, missing, kind):
    """The same column as DECIMAL(6, 2), with a missing cell, and as text."""
    told = [None if place == missing else score for place, score in enumerate(scores)]
    frame = numbers_and_codes(VISITS_CSV).drop(index=3).reset_index(drop=True)
    frame["SCORE"] = told
    words = pd.read_csv(io.StringIO(VISITS_CSV), dtype=str).drop(index=3)
    visits_trial.text = words.assign(SCORE=told).to_csv(index=False)
    visits_trial.data["files"] = {"visits": "visits.csv"}
    by_csv = visits_trial.load()
    table = pa.Table.from_pandas(frame)
    place = table.schema.get_field_index("SCORE")
    table = table.set_column(place, "SCORE", table["SCORE"].cast(pa.decimal128(6, 2)))
    path = visits_trial.folder / f"visits.{kind}"
    path.unlink(missing_ok=True)
    if kind == "parquet":
        pq.write_table(table, path)
        visits_trial.data["files"] = {"visits": "visits.parquet"}
    else:
        with duckdb.connect(str(path)) as base:
            base.register("table_", table)
            base.execute("CREATE TABLE visits AS SELECT * FROM table_")
        visits_trial.data["files"] = {"visits": {"file": path.name, "table": "visits"}}
    assert_same_cohort(by_csv, visits_trial.load())


@pytest.mark.parametrize("when", [date(2021, 5, 3), datetime(2021, 5, 3)])  # noqa: DTZ001
@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_a_date_is_the_same_text_and_found_in_every_format(visits_trial, when, kind):
    visits_trial.load()
    frame = numbers_and_codes(visits_trial.text).assign(SEEN=when)
    path = visits_trial.folder / f"visits.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
        visits_trial.text = path.read_text()
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        with duckdb.connect(str(path)) as base:
            base.register("frame", frame)
            base.execute("CREATE TABLE visits AS SELECT * FROM frame")
    source = {"file": path.name, "table": "visits"} if kind == "duckdb" else path.name
    visits_trial.data["files"] = {"visits": source}
    assert "dates finer than a year" in visits_trial.problem()[1]
    visits_trial.data["deidentification"] = {"accept": {"SEEN": "shifted at random"}}
    visits_trial.data["columns"]["covariates"]["seen"] = "SEEN"
    assert visits_trial.load().subjects["seen"].tolist() == ["2021-05-03"] * 4


# SAS transport files


def transport(trial, version=5, rename=None):
    frame = numbers_and_codes(trial.text).replace(rename or {})
    path = trial.folder / "visits.xpt"
    pyreadstat.write_xport(frame, str(path), file_format_version=version)
    return path.read_bytes()


@pytest.mark.parametrize("version", [5, 8])
@pytest.mark.parametrize("lost", [1, 79, 80, 160])
def test_a_transport_file_that_is_cut_is_refused(visits_trial, version, lost):
    """Rows of 49 bytes or more in records of 80: a cut leaves a part of a row."""
    content = transport(visits_trial, version)
    given_bytes(visits_trial, content[:-lost].rstrip(b" "), "visits.xpt")
    assert visits_trial.problem()[3] == "copy or export the file again; its end is missing"


def test_a_version_8_file_cut_between_rows_is_known_by_its_count(visits_trial):
    content = transport(visits_trial, 8)
    header = content.rindex(b"HEADER RECORD*******OBSV8")
    given_bytes(
        visits_trial,
        content[:header] + content[header:].replace(b"   8 ", b"   9 ", 1),
        "visits.xpt",
    )
    assert visits_trial.problem()[1:3] == ("9 rows, as its header says", "8 rows")


def test_two_datasets_in_a_transport_file_are_refused(visits_trial):
    content = transport(visits_trial)
    given_bytes(visits_trial, content + content[240:], "visits.xpt")
    assert visits_trial.problem()[1:3] == ("one dataset in the file", "2 datasets")


@pytest.mark.parametrize(
    "encoding", ["latin-1", "latin1", "L1", "iso-8859-1", "ISO8859_1", "cp1252", "mac-roman"]
)
def test_an_encoding_has_the_same_names_in_every_format(visits_trial, encoding):
    visits_trial.replace("006", "Orléans").data["encoding"] = encoding
    text = visits_trial.text.encode(encoding)
    content = transport(visits_trial, rename={"Orléans": "Orl\x01ans"})
    by_csv = given_bytes(visits_trial, text).load()
    given_bytes(visits_trial, content.replace(b"\x01", "é".encode(encoding)), "visits.xpt")
    by_xpt = visits_trial.load()
    assert by_csv.subjects["site"].tolist() == by_xpt.subjects["site"].tolist()
    assert by_csv.subjects["site"][0] == "Orléans"


@pytest.mark.parametrize(
    "labels", [{"1": "Week 1", "2": "Week 2"}, {"1.0": "Week 1", "2": "Week 2"}]
)
def test_a_label_of_a_number_is_the_number(visits_trial, labels):
    """pandas writes whole numbers with .0 where one is missing."""
    plain = visits_trial.load()
    visits_trial.text = visits_trial.text.replace("Active,1,", "Active,1.0,")
    visits_trial.data["labels"]["visit"] = labels
    assert_same_cohort(plain, visits_trial.load())


def test_a_byte_of_another_encoding_is_placed_and_the_key_named(visits_trial):
    content = transport(visits_trial, rename={"028": "M\x01n"}).replace(b"\x01", b"\xfc")
    given_bytes(visits_trial, content, "visits.xpt")
    place, expected, found, remedy = visits_trial.problem()
    assert place == "visits.xpt, column `SITE`, row 3"
    assert (expected, found) == ("text in utf-8", "the byte 0xfc")
    assert "`data.encoding`" in remedy
    visits_trial.data["encoding"] = "klingon"
    assert visits_trial.problem()[0] == "the plan, data.encoding"


# CSV


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_in_which_excel_is_told_the_separator(visits_trial, line):
    plain = visits_trial.load()
    visits_trial.text = f"{line}\n" + visits_trial.text.replace(",", ";")
    assert_same_cohort(plain, visits_trial.load())
    visits_trial.replace("2;15;27.5", "2;15;61")
    assert "row 10" in visits_trial.problem()[0]


def test_a_declared_separator_goes_before_a_guess(visits_trial):
    plain = visits_trial.load()
    visits_trial.text = "sep=^\n" + visits_trial.text.replace(",", "^")
    assert_same_cohort(plain, visits_trial.load())


@pytest.mark.parametrize("title", ["Table 1\n\n", "Table 1, all visits\nby week\n"])
@pytest.mark.parametrize("sign", [",", ";"])
def test_lines_above_the_names_are_refused_with_the_row_or_read_by_it(visits_trial, title, sign):
    plain = visits_trial.load()
    visits_trial.text = title + visits_trial.text.replace(",", sign)
    assert "`data.header_row: 3`" in " ".join(problem.remedy for problem in visits_trial.problems())
    visits_trial.data["header_row"] = 3
    assert_same_cohort(plain, visits_trial.load())
    visits_trial.data["header_row"] = {"visits": 3}
    assert_same_cohort(plain, visits_trial.load())


@pytest.mark.parametrize("name", ['"MADRS, total; all"', '"MADRS\ntotal"', '" MADRS\r\n total"'])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_names_in_quotes_may_hold_any_sign(visits_trial, name, sign):
    plain = visits_trial.load()
    head, rows = visits_trial.text.split("\n", 1)
    head = head.replace(",", sign).replace("SCORE", name)
    visits_trial.text = f"{head}\n{rows.replace(',', sign)}"
    visits_trial.data["columns"]["value"] = " ".join(name.strip('"').split())
    assert_same_cohort(plain, visits_trial.load())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_line_ends_and_byte_order_marks(visits_trial, end, mark, encoding):
    plain = visits_trial.load()
    written = "utf-8" if encoding == "cp1252" and mark else encoding
    given_bytes(visits_trial, (mark + visits_trial.text.replace("\n", end)).encode(written))
    visits_trial.data["encoding"] = encoding
    assert_same_cohort(plain, visits_trial.load())


def test_utf_16_without_a_mark_is_named(visits_trial):
    given_bytes(visits_trial, visits_trial.text.encode("utf-16-le"))
    assert "`data.encoding: utf-16-le`" in visits_trial.problem()[3]


@pytest.mark.parametrize("in_header", ["", ",", ",,,"])
@pytest.mark.parametrize("in_rows", ["", ",", ",,,", ", ,"])
def test_separators_after_the_last_column_hold_nothing(visits_trial, in_header, in_rows):
    plain = visits_trial.load()
    head, *rows = visits_trial.text.splitlines()
    visits_trial.text = "\n".join([head + in_header, *(row + in_rows for row in rows), ",,,,,"])
    assert_same_cohort(plain, visits_trial.load())


def test_a_value_after_the_last_column_is_refused(visits_trial):
    visits_trial.text = visits_trial.text.replace("028,38", "028,38,7")
    assert visits_trial.problem()[2] == "9 fields"


def test_a_name_given_twice_is_refused(visits_trial):
    assert visits_trial.replace("BASE", "SCORE").problem()[2] == "`SCORE` twice or more"


# numbers as they are written


NOTATIONS = [(",", "."), (",", " "), (".", ","), (".", "'"), (",", "'"), (".", " ")]


@given(
    days=st.lists(st.integers(1, 10**7) | st.decimals(1, 10**7, places=1), min_size=4, max_size=4),
    signs=st.sampled_from(NOTATIONS),
    space=st.sampled_from(" \u00a0\u202f\u2009"),
)
@FUNCTION_FIXTURE
def test_grouped_numbers_are_the_numbers(times_trial, days, signs, space):
    """Two ways to write the same times."""
    decimal_sign, grouping = signs
    rows = ["1,Active,{},0,41", "2,Control,{},1,52", "3,Active,{},1,47", "4,Control,{},0,38"]
    text = times_trial.text
    times_trial.data |= {"time_unit": "hours"}
    plain = [row.format(day) for row, day in zip(rows, days, strict=True)]
    times_trial.text = "\n".join(["ID,TRT,WEEKS,CNSR,AGE", *plain])
    by_plain = times_trial.load()
    written = [
        f"{day:,}".translate({ord(","): grouping, ord("."): decimal_sign}).replace(" ", space)
        for day in days
    ]
    grouped = [row.replace(",", "\t").format(d) for row, d in zip(rows, written, strict=True)]
    times_trial.text = "\n".join(["ID\tTRT\tWEEKS\tCNSR\tAGE", *grouped])
    times_trial.data |= {"decimal": decimal_sign, "grouping": grouping}
    by_grouped = times_trial.load()
    times_trial.text = text
    del times_trial.data["decimal"], times_trial.data["grouping"]
    assert_same_cohort(by_plain, by_grouped)


def test_a_point_among_decimal_commas_is_a_fault(times_trial):
    times_trial.text = times_trial.text.replace(",", ";").replace(";8;", ";1.012;")
    times_trial.replace("2.5", "2,5").data["decimal"] = ","
    place, _, found, remedy = times_trial.problem()
    assert (place, found) == ("times.csv, column `WEEKS`, rows 3, 4", "`1.012`")
    assert remedy.startswith('set `data.grouping: "."`')
    times_trial.data["grouping"] = "."
    assert times_trial.load().times["time"].tolist() == [17.5, 7084.0, 7084.0, 7.0]
    times_trial.replace("1.012", "1.5")
    assert times_trial.problem()[2] == "`1.5`, where the point does not mark thousands"


def test_a_comma_that_marks_thousands_is_named(times_trial):
    times_trial.replace("3,Active,8", '3,Active,"1,012"')
    assert times_trial.problem()[3].startswith('set `data.grouping: ","`')


def test_numbers_of_the_format_itself_have_no_notation(visits_trial):
    by_csv = visits_trial.load()
    write(visits_trial, "parquet")
    visits_trial.data |= {"decimal": ",", "grouping": "."}
    assert_same_cohort(by_csv, visits_trial.load())


def test_codes_of_subjects_are_no_numbers(times_trial):
    times_trial.text = "\n".join(
        line if n == 0 else f"1.00{line}" for n, line in enumerate(times_trial.text.splitlines())
    ).replace(",", ";")
    times_trial.replace("2.5", "2,5").data |= {"decimal": ",", "grouping": "."}
    assert times_trial.load().subjects["subject"].tolist() == ["1.001", "1.002", "1.003", "1.004"]


# codes of subjects, sites, units, weights


@pytest.mark.parametrize(
    ("first", "second"),
    [("S00{}", "S{}"), ("00{}", "{}"), ("100{}", "100{}.0"), ("A-00{}", "a-{}")],
)
def test_subjects_whose_codes_a_program_changed(visits_trial, first, second):
    """One spelling in the first week, another in the second."""
    head, *rows = visits_trial.text.splitlines()
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[0] = (first if row[2] == "1" else second).format(row[0])
    visits_trial.text = "\n".join([head, *map(",".join, cells)])
    place, expected, found, remedy = visits_trial.problem()
    assert expected == "each participant spelt in one way"
    assert f"`{second.format(1)}`" in found
    assert f"`{first.format(1)}`" in found
    assert "leading zeros" in remedy
    assert place == "visits.csv, column `ID`, rows 3, 5, 7, 9"


def test_codes_that_differ_in_zeros_at_one_visit_are_two_people(visits_trial):
    visits_trial.text = visits_trial.text.replace("\n3,", "\n01,")
    assert set(visits_trial.load().subjects["subject"]) == {"1", "01", "2", "4"}


def site_remarks(trial):
    return [r for r in trial.load().source.remarks if "one slope" in r.what]


def with_numeric_sites(trial, sites):
    head, *rows = trial.text.splitlines()
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[6] = sites[int(row[0]) - 1]
    trial.text = "\n".join([head, *map(",".join, cells)])
    return trial


def test_codes_of_sites_as_a_slope_are_a_warning(visits_trial):
    with_numeric_sites(visits_trial, ["12", "28", "31", "12"])
    (remark,) = site_remarks(visits_trial)
    assert (remark.gravity, remark.analyses) == ("warning", ("main",))
    assert "`factors: [site]`" in remark.remedy
    visits_trial.data["factors"] = ["site"]
    assert site_remarks(visits_trial) == []


@pytest.mark.parametrize(
    ("values", "told"), [("1231", 1), ("0120", 1), ("1212", 0), (["1.5", "2", "3", "1"], 0)]
)
def test_whole_numbers_in_steps_are_a_note_whatever_their_name(visits_trial, values, told):
    columns = visits_trial.data["columns"]["covariates"]
    columns["stage"] = columns.pop("site")
    visits_trial.replace("SITE", "STAGE").data["columns"]["covariates"]["stage"] = "STAGE"
    visits_trial.plan["analyses"]["main"]["covariates"] = ["baseline", "stage"]
    remarks = site_remarks(with_numeric_sites(visits_trial, list(values)))
    assert [r.gravity for r in remarks] == ["note"] * told


def test_ages_with_a_unit_are_no_factor(visits_trial):
    rows = [f"{n},{('Active', 'Control')[n % 2]},1,8,20,30,006,{30 + n} years" for n in range(9)]
    visits_trial.text = "\n".join([visits_trial.text.splitlines()[0], *rows])
    visits_trial.text += "\n" + "\n".join(row.replace(",1,8,", ",2,15,") for row in rows)
    _, expected, _, remedy = visits_trial.problem()
    assert expected == "numbers without a unit in `age`"
    assert remedy.startswith("take the unit out of the cells (`years`)")
    visits_trial.data["factors"] = ["age"]
    assert visits_trial.load().subjects["age"][0] == "30 years"


def test_a_few_doses_with_a_unit_are_levels(visits_trial):
    visits_trial.text = visits_trial.text.replace("006", "5 mg").replace("028", "10 mg")
    assert visits_trial.load().subjects["site"].tolist() == ["5 mg", "10 mg", "5 mg", "10 mg"]


@pytest.mark.parametrize("weight", ["-1", "0", "heavy"])
def test_weights_are_above_zero(visits_trial, weight):
    visits_trial.plan["analyses"]["main"] |= {"weights": "age", "covariates": ["baseline"]}
    visits_trial.text = visits_trial.text.replace("028,38", f"028,{weight}")
    visits_trial.data["factors"] = ["age"]
    places = {problem.expected: problem.place for problem in visits_trial.problems()}
    assert places["a weight above 0 for analysis `main`"] == "visits.csv, column `AGE`, rows 8, 9"
