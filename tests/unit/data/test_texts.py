"""Tables of text as other programs write them: blanks, names of rows, no names of columns."""

import bz2
import gzip
import lzma
import zipfile

import pytest

from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.readers.read import read_table
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.files import TableOfFile, Writing

PLAIN = "id,arm,score\n1,a b,2.5\n2,c,3\n3,a b,NA\n"


def read(folder, text, name="scores.txt", **writing):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(folder, name, Writing("utf-8", **writing)).frame


def refused(folder, text, name="scores.txt"):
    with pytest.raises(DataError) as caught:
        read(folder, text, name)
    (problem,) = caught.value.problems
    return problem


# 1 to 5 are the same table; what R writes is copied from R 4.2.2
@pytest.mark.parametrize(
    "text",
    [
        'id arm score\n1 "a b" 2.5\n2 "c" 3\n3 "a b" NA\n',
        '"id" "arm" "score"\n"1" 1 "a b" 2.5\n"2" 2 "c" 3\n"3" 3 "a b" NA\n',
        '  id   arm     score\n   1   "a b"   2.5\r\n   2   c        3  \r\n\n 3   "a b"   NA\n',
        "  id    arm    score\n   1    a b      2.5\n   2      c        3\n   3    a b       NA\n",
        "id\tarm\tscore\n1\t1\ta b\t2.5\n2\t2\tc\t3\n3\t3\ta b\tNA\n",
    ],
)
@pytest.mark.parametrize("name", ["scores.txt", "scores.csv", "scores.dat"])
def test_blanks_part_columns_as_commas_do(tmp_path, text, name):
    plain = read(tmp_path, PLAIN, "plain.csv")
    found = read(tmp_path, text, name)
    assert list(found.columns) == list(plain.columns)
    assert found.to_numpy().tolist() == plain.to_numpy().tolist()


def test_names_of_rows_that_are_words_are_a_column(tmp_path):
    frame = read(tmp_path, 'mpg cyl\n"Mazda RX4" 21 6\n"Datsun 710" 22.8 4\n')
    assert list(frame.columns) == ["row.names", "mpg", "cyl"]
    assert frame["row.names"].tolist() == ["Mazda RX4", "Datsun 710"]


def test_fields_after_a_short_header_that_are_no_names_of_rows_are_refused(tmp_path):
    problem = refused(tmp_path, "arm\tscore\na\t1\t2\na\t2\t3\n")
    assert (problem.expected, problem.found) == ("2 fields, as in the header", "3 fields")


def test_a_first_row_of_numbers_is_not_lost_as_names(tmp_path):
    problem = refused(tmp_path, "2 6 1\n2 7 1\n1 8 0\n")
    assert problem.place == "scores.txt, row 1"
    assert problem.found == "numbers alone, as of a file without names"
    # pandas numbers columns without names from 0: nothing is lost
    assert list(read(tmp_path, ",0,1\na,5,6\nb,7,8\n", "numbered.csv").columns)[1:] == ["0", "1"]


@pytest.mark.parametrize(
    "text",
    [
        "Read me first\nthis is a text of words\nand so on\n",
        "Notes\none of three\nand now of four\n",
    ],
)
def test_prose_is_no_table(tmp_path, text):
    assert refused(tmp_path, text).found == "rows of words that nothing parts alike"


def test_titles_above_and_a_declared_separator_are_as_in_csv(tmp_path):
    below = "Scores of a trial\n\nid arm\n1 a\n2 b\n"
    assert list(read(tmp_path, below, header_row=3).columns) == ["id", "arm"]
    assert list(read(tmp_path, "sep=;\nid;arm\n1;a\n").columns) == ["id", "arm"]


@pytest.mark.parametrize(
    "text", [b"\xff\xfei\x00d\x00\x00\xd8\x00\x00", b"\xfe\xff\x00i\xd8\x00\x00i"]
)
def test_utf_16_that_is_none_is_refused(tmp_path, text):
    assert refused(tmp_path, text).found == "bytes that are none"


def test_a_readme_is_not_taken_for_the_data(tmp_path, visits_trial):
    (tmp_path / "visits.csv").write_text(visits_trial.text, encoding="utf-8")
    (tmp_path / "readme.txt").write_text("Read me first\nthis is a text\n", encoding="utf-8")
    seen = inspect_folder(tmp_path)
    assert [guess.file for guess in seen.guesses] == ["visits.csv"]
    assert [problem.place for problem in seen.unreadable] == ["readme.txt, row 1"]


def test_an_archive_with_a_readme_holds_one_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.writestr("scores.csv", PLAIN)
        packed.writestr("readme.txt", "a,b\n1,2\n")
    of_zip = read_table(tmp_path, "t.zip", Writing("utf-8")).frame
    assert list(of_zip.columns) == ["id", "arm", "score"]
    named = TableOfFile(file="t.zip", table="readme.txt")
    assert list(read_table(tmp_path, named, Writing("utf-8")).frame.columns) == ["a", "b"]


def test_a_column_without_a_name_is_called_after_its_place(tmp_path):
    frame = read(tmp_path, ",arm,score\np1,a,2\np2,b,3\n", "scores.csv")
    assert frame["column_1"].tolist() == ["p1", "p2"]
    problem = refused(tmp_path, ",column_1\na,2\nb,3\n", "scores.csv")
    assert problem.found == "`column_1` twice or more"


def test_a_column_without_a_name_is_not_taken_for_the_arms(tmp_path):
    rows = "\n".join(f"{n},{n % 7},{n % 9},{'mf'[n % 2]}" for n in range(1, 60))
    (tmp_path / "t.csv").write_text(f",left,right,gender\n{rows}\n", encoding="utf-8")
    seen = inspect_folder(tmp_path)
    assert "arm" not in seen.guesses[0].roles
    assert seen.guesses[0].column("arm") is None


@pytest.mark.parametrize(("ending", "packer"), [("gz", gzip), ("bz2", bz2), ("xz", lzma)])
def test_texts_compressed_as_pandas_does(tmp_path, ending, packer):
    found = read(tmp_path, packer.compress(PLAIN.encode()), f"scores.csv.{ending}")
    assert found["arm"].tolist() == ["a b", "c", "a b"]


def test_a_text_that_is_called_a_workbook_is_told_apart_from_a_damaged_one(tmp_path):
    problem = refused(tmp_path, PLAIN, "scores.xlsx")
    assert (problem.expected, problem.found) == ("an Excel workbook (.xlsx)", "a text")
    assert ".csv" in problem.remedy


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("id,arm,madrs,madrs\n", "each column name once"),
        ("id,arm,madrs_base,madrs_w4\n,,points,points\n", "numbers under"),
    ],
)
def test_a_row_of_data_is_not_taken_for_the_names_below_a_faulty_header(tmp_path, head, expected):
    rows = "".join(f"S{n},{['placebo', 'drug'][n % 2]},{20 + n},{15 + n}\n" for n in range(30))
    (tmp_path / "t.csv").write_text(head + rows, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        inspect_folder(tmp_path)
    assert caught.value.problems[0].expected.startswith(expected)
