"""Workbooks, archives, Dataset-JSON, R and Stata: what only these formats can get wrong."""

import datetime as dt
import gzip
import io
import json
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import rdata

from formats import dataset_json, numbers_and_codes, workbook
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.readers.define import labels_next_to
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import ENDINGS, ENDINGS_IN_WORDS, read_table
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan.files import TableOfFile, Writing
from unit.data.conftest import VISITS_CSV

FRAME = numbers_and_codes(VISITS_CSV)


def read(folder: Path, source: Any, **writing: Any) -> RawTable:
    return read_table(folder, source, Writing(**writing))


def refused(folder: Path, source: Any, **writing: Any) -> Problem:
    with pytest.raises(DataError) as caught:
        read(folder, source, **writing)
    (problem,) = caught.value.problems
    return problem


def sheet_of(rows: list[list[Any]], path: Path) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


# Excel ----------------------------------------------------------------------------------------


def test_a_title_above_the_table_is_met_with_the_row_to_name(tmp_path):
    workbook(FRAME, tmp_path / "t.xlsx", above=2)
    problem = refused(tmp_path, "t.xlsx")
    assert problem.place == "t.xlsx, row 1"
    assert "set `data.header_row: 3`" in problem.remedy
    table = read(tmp_path, "t.xlsx", header_row=3)
    assert list(table.frame.columns) == list(FRAME.columns)
    assert list(table.frame.index[:2]) == [4, 5]  # as the spreadsheet counts them


def test_of_several_sheets_the_plan_names_one(tmp_path):
    workbook(FRAME, tmp_path / "t.xlsx", sheet="Scores")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    book.create_sheet("Notes").append(["checked"])
    book.create_sheet("Empty")
    book.save(tmp_path / "t.xlsx")
    problem = refused(tmp_path, "t.xlsx")
    assert problem.found == "2 sheets with values: `Scores`, `Notes`"
    assert problem.remedy == "write {file: t.xlsx, sheet: Scores}"
    book["Scores"].sheet_state = "hidden"
    book.active = book["Notes"]
    book.save(tmp_path / "hides.xlsx")
    hidden = refused(tmp_path, "hides.xlsx")
    assert hidden.found == "2 sheets with values: `Scores`, `Notes`, which hides `Scores`"
    assert hidden.remedy == "write {file: hides.xlsx, sheet: Notes}"
    assert len(read(tmp_path, TableOfFile(file="t.xlsx", sheet="Scores")).frame) == len(FRAME)
    wrong = refused(tmp_path, TableOfFile(file="t.xlsx", sheet="Score"))
    assert wrong.remedy.startswith("did you mean `Scores`?")
    assert (
        "the name of a sheet alone"
        in refused(tmp_path, TableOfFile(file="t.xlsx", table="Scores")).expected
    )


def test_cells_are_read_as_they_are_kept(tmp_path):
    rows = [
        ["id", "day", "code", "part", "seen", "done", "word"],
        ["a", 1, "007", 0.123456789012, dt.date(2021, 5, 3), True, "NA"],
        ["b", 2.0, "012", 1e-7, dt.datetime.fromisoformat("2021-05-03T08:30"), False, "1,5"],
    ]
    sheet_of(rows, tmp_path / "t.xlsx")
    table = read(tmp_path, "t.xlsx")
    assert table.frame.loc[2].to_dict() == {
        "id": "a",
        "day": "1",
        "code": "007",
        "part": "0.123456789012",
        "seen": "2021-05-03",
        "done": "true",
        "word": None,
    }
    assert table.frame["seen"].tolist()[1] == "2021-05-03 08:30:00"
    assert table.dates == {"seen"}
    assert table.worded == {"id", "code", "word"}
    assert table.absent == {"word": {"NA": 1}}


def test_a_number_among_words_keeps_its_value_where_the_decimal_sign_is_a_comma(tmp_path):
    sheet_of([["id", "score"], ["a", 1.012], ["b", "1,5"], ["c", "2.001"]], tmp_path / "t.xlsx")
    table = read(tmp_path, "t.xlsx", decimal=",", grouping=".")
    assert table.frame["score"].tolist() == ["1.012", "1.5", "2001"]


def test_a_formula_that_was_never_calculated_is_no_empty_cell(tmp_path):
    sheet_of([["id", "total"], ["a", "=1+1"], ["b", 3]], tmp_path / "t.xlsx")
    problem = refused(tmp_path, "t.xlsx")
    assert problem.found == "formulas without one in `B2`"
    with (
        zipfile.ZipFile(tmp_path / "t.xlsx") as book,
        zipfile.ZipFile(tmp_path / "by_r.xlsx", "w") as other,
    ):
        for part in book.namelist():  # as openxlsx of R writes it
            content = book.read(part).replace(b'<c r="B2">', b'<c r="B2" t="str">')
            other.writestr(part, content.replace(b"<v></v>", b"").replace(b"<v />", b""))
    assert refused(tmp_path, "by_r.xlsx").found == "formulas without one in `B2`"


def _rewritten(path: Path, part: str, old: bytes, new: bytes) -> None:
    """The workbook with some bytes of one part changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def test_entities_of_a_workbook_are_refused(tmp_path):
    workbook(FRAME, tmp_path / "t.xlsx")
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet '
    _rewritten(tmp_path / "t.xlsx", "xl/worksheets/sheet1.xml", b"<worksheet ", entity)
    assert refused(tmp_path, "t.xlsx").expected == "XML without a document type"


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    workbook(FRAME, tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx", "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/image1.png", b"\0" * 40_000_000)
    assert "unpacks to at most 200 times its size" in refused(tmp_path, "t.xlsx").expected


def test_old_workbooks_and_those_with_a_password_are_told_apart_from_others(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert refused(tmp_path, "t.xlsx").remedy == "save it in Excel as .xlsx, without a password"


def test_dates_of_a_sheet_are_identifiers(tmp_path):
    sheet_of(
        [["id", "x"], *([f"s{n}", dt.date(2021, 5, n)] for n in range(1, 9))],
        tmp_path / "t.xlsx",
    )
    (finding,) = inspect_folder(tmp_path).findings
    assert (finding.column, finding.kind) == ("x", "dates finer than a year")


def test_inspect_names_the_sheets_and_data_frames_of_a_file(tmp_path):
    scores = FRAME.assign(ID=[f"S{n}" for n in range(8)])
    workbook(scores, tmp_path / "t.xlsx", sheet="Scores")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    notes = book.create_sheet("Notes")
    for row in (["what", "who"], ["a", "b"]):
        notes.append(row)
    book.save(tmp_path / "t.xlsx")
    rdata.write_rda(
        tmp_path / "u.rda", {"scores": scores.iloc[:7], "people": scores[["ID", "AGE"]]}
    )
    seen = {guess.file for guess in inspect_folder(tmp_path).guesses}
    assert seen == {"t.xlsx (Scores)", "t.xlsx (Notes)", "u.rda (scores)", "u.rda (people)"}


# archives -------------------------------------------------------------------------------------


def test_an_archive_of_several_files_needs_a_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.writestr("a.csv", VISITS_CSV)
        packed.writestr("deep/b.tsv", VISITS_CSV.replace(",", "\t"))
        packed.writestr("readme.txt", "of the export")
    assert refused(tmp_path, "t.zip").found == "the files `a.csv`, `deep/b.tsv`, `readme.txt`"
    for name in ("a.csv", "b.tsv", "deep/b.tsv"):
        table = read(tmp_path, TableOfFile(file="t.zip", table=name))
        assert (table.name, len(table.frame)) == (f"t.zip ({name})", 8)


@pytest.mark.parametrize("ending", ["zip", "tsv.gz"])
def test_archives_that_unpack_to_too_much(tmp_path, ending):
    content = VISITS_CSV.encode() + b"1,Active,1,8,20,30,006,41\n" * 2_000_000
    path = tmp_path / f"t.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("t.csv", content)
    else:
        path.write_bytes(gzip.compress(content))
    assert "unpacks to at most 200 times its size" in refused(tmp_path, path.name).expected


def test_an_archive_whose_directory_understates_a_size_gives_no_more_than_that(tmp_path):
    """The size in the directory is what is checked, so that it must be what is unpacked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("t.csv", b"id,x\n" + b"1,2\n" * 1000)
    content = bytearray(stream.getvalue())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 9)
    (tmp_path / "t.zip").write_bytes(content)
    assert refused(tmp_path, "t.zip").expected == "a zip file"


# Dataset-JSON ---------------------------------------------------------------------------------


def _json(tmp_path: Path, **changes: Any) -> None:
    told = json.loads(dataset_json(FRAME, lines=False))
    (tmp_path / "t.json").write_text(json.dumps(told | changes), encoding="utf-8")


def test_what_dataset_json_says_of_its_columns(tmp_path):
    columns = [
        {"itemOID": "1", "name": "USUBJID", "label": "Subject", "dataType": "string"},
        {"itemOID": "2", "name": "ADT", "label": "Date", "dataType": "date"},
        {"itemOID": "3", "name": "SDT", "dataType": "integer", "displayFormat": "DATE9."},
        {"itemOID": "4", "name": "AVAL", "dataType": "decimal"},
    ]
    rows = [["a", "2021-05-03", 22403, "2.50"], ["b", None, None, None]]
    _json(tmp_path, columns=columns, rows=rows, records=2)
    table = read(tmp_path, "t.json")
    assert table.dates == {"ADT", "SDT"}
    assert table.titles == {"USUBJID": "Subject", "ADT": "Date"}
    assert table.frame.loc[1].tolist() == ["a", "2021-05-03", "22403", "2.5"]
    assert table.find("aval") == "AVAL"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"datasetJSONVersion": "1.0.0"}, "Dataset-JSON of version 1.1"),
        ({"records": 9}, "9 rows, as `records` says"),
        ({"rows": [["1"]]}, "8 values, one for each of `columns`"),
        ({"rows": [[[1], 2, 3, 4, 5, 6, 7, 8]]}, "one value a cell"),
        ({"rows": []}, "at least one row of data"),
        ({"columns": "x"}, "a dataset as CDISC Dataset-JSON 1.1 has it, with `columns` and `rows`"),
    ],
)
def test_dataset_json_that_is_not_as_it_says(tmp_path, changes, expected):
    _json(tmp_path, **changes)
    assert refused(tmp_path, "t.json").expected == expected


@pytest.mark.parametrize("content", ["[" * 100_000, "{", '{"a": 1}', "[]", "7"])
def test_json_that_is_none_of_cdisc(tmp_path, content):
    (tmp_path / "t.json").write_text(content, encoding="utf-8")
    assert refused(tmp_path, "t.json").place.startswith("t.json")


# R --------------------------------------------------------------------------------------------


def test_an_r_file_of_several_data_frames_needs_a_name(tmp_path):
    rdata.write_rda(tmp_path / "t.rda", {"scores": FRAME, "people": FRAME[["ID"]]})
    assert refused(tmp_path, "t.rda").found == "2 data frames: `scores`, `people`"
    table = read(tmp_path, TableOfFile(file="t.rda", table="people"))
    assert list(table.frame.columns) == ["ID"]
    near = refused(tmp_path, TableOfFile(file="t.rda", table="score"))
    assert near.remedy.startswith("did you mean `scores`?")


def test_an_r_file_without_a_data_frame(tmp_path):
    rdata.write_rds(tmp_path / "t.rds", np.arange(3.0))
    assert refused(tmp_path, "t.rds").found == "other objects of R alone"


R_LABELLED = """
library(haven)
d <- data.frame(id = 1:4, arm = labelled(c(0, 1, 0, 1), c(control = 0, active = 1)),
                pain = labelled(c(1, 2, 3, 4), c(none = 1)))
d$age <- labelled_spss(c(30, -9, -2, 41), na_values = -9, na_range = c(-3, -1))
d$gone <- labelled(c(1, NA, tagged_na("a"), 4), c(refused = tagged_na("a")))
saveRDS(d, "t.rds"); saveRDS(list(people = d, scores = d["id"]), "list.rds")
saveRDS(list(d), "one.rds")
"""


def test_labels_of_values_in_r_are_read_as_those_of_spss(tmp_path):
    """Words where every value has one, numbers elsewhere, and what SPSS has as missing."""
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    done = subprocess.run(
        ["Rscript", "-e", R_LABELLED], cwd=tmp_path, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("haven is not installed")
    rows = read(tmp_path, "t.rds").frame.to_dict("list")
    assert rows["arm"] == ["control", "active", "control", "active"]
    assert rows["pain"] == ["1", "2", "3", "4"]
    assert rows["age"] == ["30", None, None, "41"]
    assert rows["gone"] == ["1", None, None, "4"]
    assert read(tmp_path, "t.rds", codes=True).frame["arm"].tolist() == ["0", "1", "0", "1"]
    assert refused(tmp_path, "list.rds").remedy == "write {file: list.rds, table: people}"
    people = read(tmp_path, TableOfFile(file="list.rds", table="people"))
    assert people.frame.to_dict("list") == rows
    assert read(tmp_path, "one.rds").frame.to_dict("list") == rows
    alone = refused(tmp_path, TableOfFile(file="t.rds", table="d"))
    assert alone.remedy == "write `t.rds`"


def test_numbers_of_single_precision_are_read_by_the_digits_that_tell_them(tmp_path):
    """34.6 as four bytes is 34.599998474121094; the file of text has 34.6."""
    frame = pd.DataFrame({"id": ["a", "b", "c"], "age": np.array([34.6, 0.1, np.nan], "float32")})
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as base:
        base.execute("CREATE TABLE t (id VARCHAR, age FLOAT)")
        base.execute("INSERT INTO t VALUES ('a', 34.6), ('b', 0.1), ('c', NULL)")
    for source in ("t.dta", "t.parquet", TableOfFile(file="t.duckdb", table="t")):
        assert read(tmp_path, source).frame["age"].tolist() == ["34.6", "0.1", None]


def test_lists_and_records_of_a_database_are_refused(tmp_path):
    with duckdb.connect(str(tmp_path / "t.duckdb")) as base:
        base.execute("CREATE TABLE t AS SELECT 1 AS id, [1, 2] AS scores")
        base.execute("CREATE TABLE r AS SELECT 1 AS id, {'a': 1} AS record")
    for table, column in (("t", "scores"), ("r", "record")):
        problem = refused(tmp_path, TableOfFile(file="t.duckdb", table=table))
        assert problem.place == f"t.duckdb ({table}), column `{column}`"
        assert problem.expected == "one value a cell"
    (tmp_path / "t.csv").write_text("id,x\n1,2\n1,3\n")
    query = "SELECT id, list(x) AS x FROM t GROUP BY id"
    assert "one value a cell" in refused(tmp_path, TableOfFile(file="t.csv", query=query)).expected


def test_dataset_json_of_version_1_0_is_told_apart_from_other_json(tmp_path):
    (tmp_path / "t.json").write_text('{"datasetJSONVersion": "1.0.0", "clinicalData": {}}')
    assert refused(tmp_path, "t.json").found == "version `1.0.0`"
    (tmp_path / "t.json").write_text('[{"id": 1}]')
    assert refused(tmp_path, "t.json").found == "other JSON"


def test_a_workbook_in_an_archive_is_read_where_it_lies(tmp_path):
    workbook(FRAME, tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.write(tmp_path / "t.xlsx", "export/t.xlsx")
    assert read(tmp_path, "t.zip").frame.equals(read(tmp_path, "t.xlsx").frame)
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as packed:
        packed.write(tmp_path / "t.zip", "t.zip")
    assert refused(tmp_path, "twice.zip").found == "the files `t.zip`"


def test_a_sequence_of_r_is_not_written_out_before_its_length_is_known(tmp_path):
    """R keeps 1:1e12 as three numbers; the length is that of 8 TB."""

    def integer(value: int) -> bytes:
        return struct.pack(">i", value)

    def symbol(name: bytes) -> bytes:
        return integer(1) + integer(0x40009) + integer(len(name)) + name

    def reals(*values: float) -> bytes:
        packed = b"".join(struct.pack(">d", v) for v in values)
        return integer(14) + integer(len(values)) + packed

    nothing = integer(254)
    info = integer(2) + symbol(b"compact_intseq") + integer(2) + symbol(b"base")
    info += integer(2) + integer(13) + integer(1) + integer(13) + nothing
    head = b"X\n" + integer(3) + integer(0x40202) + integer(0x30500) + integer(5) + b"UTF-8"
    (tmp_path / "t.rds").write_bytes(head + integer(238) + info + reals(1e12, 1, 1) + nothing)
    assert refused(tmp_path, "t.rds").expected == "at most 200,000,000 cells"


R_FRAME = """
d <- data.frame(id = c("a", "b", "c"), n = c(1L, NA, 3L), x = c(1.5, NA, -2),
  f = factor(c("low", NA, "high")), l = c(TRUE, NA, FALSE), w = c("NA", NA, "\\u00e9"),
  day = as.Date(c("2020-01-01", NA, "2021-05-06")), stringsAsFactors = FALSE)
e <- d[c(3, 1), c("id", "n")]; rownames(d) <- c("Ann", "Bob", "Cat")
f <- function(x) x; other <- 1:5; seq <- data.frame(id = 1:4)
save(d, e, f, other, seq, file = "t.rda", compress = "xz")
saveRDS(d, "t.rds", compress = "bzip2"); saveRDS(seq, "ascii.rds", ascii = TRUE)
d$m <- I(list(1, 2, 3)); saveRDS(d, "list.rds")
"""


def test_files_that_r_itself_has_written(tmp_path):
    pytest.importorskip("shutil").which("Rscript") or pytest.skip("R is not installed")
    subprocess.run(["Rscript", "-e", R_FRAME], cwd=tmp_path, check=True, capture_output=True)
    table = read(tmp_path, TableOfFile(file="t.rda", table="d"))
    nothing = [None] * len(table.frame.columns)
    assert table.frame.loc[1].tolist() == [
        *("Ann", "a", "1", "1.5", "low", "true", "NA", "2020-01-01")
    ]
    assert table.frame.loc[2].tolist() == ["Bob", "b", *nothing[2:]]
    assert table.frame.loc[3, "w"] == "é"
    assert table.dates == {"day"}
    assert read(tmp_path, "t.rds").frame.equals(table.frame)
    rows = read(tmp_path, TableOfFile(file="t.rda", table="e")).frame
    assert rows.to_dict("list") == {"id": ["c", "a"], "n": ["3", "1"]}
    assert read(tmp_path, "ascii.rds").frame["id"].tolist() == ["1", "2", "3", "4"]
    assert refused(tmp_path, "list.rds").place == "list.rds, column `m`"


# Stata and SPSS -------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_value_labels(tmp_path, ending):
    frame = pd.DataFrame({"id": ["a", "b"], "sex": [1, 2], "pain": [0, 10]})
    labels = {"sex": {1: "female", 2: "male"}, "pain": {0: "none"}}
    writer = pyreadstat.write_dta if ending == "dta" else pyreadstat.write_sav
    writer(frame, str(tmp_path / f"t.{ending}"), variable_value_labels=labels)
    assert read(tmp_path, f"t.{ending}").frame["sex"].tolist() == ["female", "male"]
    assert read(tmp_path, f"t.{ending}").frame["pain"].tolist() == ["0", "10"]
    assert read(tmp_path, f"t.{ending}", codes=True).frame["sex"].tolist() == ["1", "2"]


def test_dates_of_stata_are_known_by_their_format(tmp_path):
    frame = pd.DataFrame({"id": ["a"], "seen": [dt.date(2021, 5, 3)], "year": [2021]})
    pyreadstat.write_dta(frame, str(tmp_path / "t.dta"), variable_format={"year": "%ty"})
    assert read(tmp_path, "t.dta").dates == {"seen"}


# define.xml, and formats that are not read ----------------------------------------------------

DEFINE = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study><MetaDataVersion>
 <ItemGroupDef OID="IG.ADSL" Name="ADSL"><ItemRef ItemOID="IT.A.AGE"/></ItemGroupDef>
 <ItemGroupDef OID="IG.ADQS" Name="ADQS"><ItemRef ItemOID="IT.Q.AGE"/></ItemGroupDef>
 <ItemDef OID="IT.A.AGE" Name="AGE"><Description>
   <TranslatedText xml:lang="de">Alter</TranslatedText>
   <TranslatedText xml:lang="en">Age at
     entry</TranslatedText></Description></ItemDef>
 <ItemDef OID="IT.Q.AGE" Name="AGE"><Description><TranslatedText>Other</TranslatedText>
 </Description></ItemDef></MetaDataVersion></Study></ODM>"""


def test_labels_of_define_xml(tmp_path):
    (tmp_path / "define.xml").write_text(DEFINE, encoding="utf-8")
    (tmp_path / "adsl.csv").write_text("usubjid,age\n1,41\n", encoding="utf-8")
    assert labels_next_to(tmp_path / "adsl.csv") == {"AGE": "Age at entry"}
    assert read(tmp_path, "adsl.csv").titles == {"age": "Age at entry"}
    assert labels_next_to(tmp_path / "adae.csv") == {}
    entity = DEFINE.replace("<ODM ", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ODM ')
    (tmp_path / "define.xml").write_text(entity, encoding="utf-8")
    assert refused(tmp_path, "adsl.csv").expected == "XML without a document type"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("scores.xls", "save it as .xlsx"),
        ("scores.pkl", "write it as Parquet; opening a pickle may run a program"),
        ("scores.tar.gz", "unpack it, or pack it as .zip"),
        ("scores", "save it as CSV (UTF-8)"),
        ("scores.abc", "save it as CSV (UTF-8)"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_can(tmp_path, name, remedy):
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        inspect_folder(tmp_path / name)
    (problem,) = caught.value.problems
    assert problem.place == name
    assert problem.expected == f"one of: {ENDINGS_IN_WORDS}"
    plain = {ending.rsplit(".", 1)[0] if ending.count(".") > 1 else ending for ending in ENDINGS}
    assert plain == set(ENDINGS_IN_WORDS.split(";")[0].split(", "))
    assert problem.remedy == remedy


def test_a_folder_without_a_file_that_can_be_read(tmp_path):
    (tmp_path / "scores.xls").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        inspect_folder(tmp_path)
    assert caught.value.problems[0].found == "files of other kinds: .xls"
