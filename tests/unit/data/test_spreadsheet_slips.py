"""Slips of exports and spreadsheets: each is told once, with its place and the way out."""

import pytest

SECOND_HEADER = "id,treatment,week,study day,total,baseline,site,years"


def test_a_decimal_comma_is_known_and_told_once(visits_trial):
    visits_trial.text = visits_trial.text.replace(",", ";").replace("27.5", "27,5")
    visits_trial.replace("52.5", "52")
    place, expected, found, remedy = visits_trial.problem()
    assert (place, expected, found) == ("visits.csv, column `SCORE`, row 9", "a number", "`27,5`")
    assert remedy.startswith('set `data.decimal: ","`')


def test_a_covariate_with_decimal_commas_is_no_factor(visits_trial):
    visits_trial.text = visits_trial.text.replace(",", ";").replace("27.5", "27")
    for age in ("41", "52.5", "38"):
        visits_trial.replace(f";{age}\n", f";{age.replace('.', '')},5\n")
    place, _, _, remedy = visits_trial.problem()
    assert place.startswith("visits.csv, column `AGE`, rows 2, 3, 4")
    assert remedy.startswith('set `data.decimal: ","`')


def test_percent_signs_are_told(visits_trial):
    _, _, found, remedy = visits_trial.replace("27.5", "27%").problem()
    assert (found, remedy) == ("`27%`", "take the percent signs out")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_usual_separator_is_read(visits_trial, sign):
    visits_trial.text = visits_trial.text.replace(",", sign)
    assert len(visits_trial.load().subjects) == 4


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"PK\x03\x04", "a spreadsheet, or another packed file"),
        (b"\xff\xfe", "bytes that are none"),
    ],
)
def test_bytes_that_are_no_plain_text_are_named(visits_trial, start, found):
    visits_trial.data["files"] = {"visits": "other.csv"}
    (visits_trial.folder / "other.csv").write_bytes(start + bytes(range(256)))
    place, _, told, remedy = visits_trial.problem()
    assert (place, told) == ("other.csv", found)
    assert "UTF-8" in remedy


@pytest.mark.parametrize("told", [{"encoding": "utf-16"}, {"encoding": "utf-8"}, {}])
def test_utf_16_with_its_mark_is_read_whatever_the_plan_says(visits_trial, told):
    visits_trial.data |= {"files": {"visits": "other.csv"}, **told}
    (visits_trial.folder / "other.csv").write_bytes(visits_trial.text.encode("utf-16"))
    assert len(visits_trial.load().subjects) == 4


def test_a_second_header_is_one_fault(visits_trial):
    header, rows = visits_trial.text.split("\n", 1)
    visits_trial.text = f"{header}\n{SECOND_HEADER}\n{rows}"
    place, expected, found, remedy = visits_trial.problem()
    assert place == "visits.csv, row 2"
    assert expected.startswith("numbers under `ID`, `WEEK`")
    assert found == "words: a second header, or units"
    assert remedy.startswith("delete row 2")


def test_a_first_row_with_a_stray_word_is_no_header(visits_trial):
    place, _, found, _ = visits_trial.replace("1,Active,1,8,20", "1,Active,1,8,n/a").problem()
    assert (place, found) == ("visits.csv, column `SCORE`, row 2", "`n/a`")


def test_a_title_above_the_names_is_told(visits_trial):
    visits_trial.text = "Table 1" + "," * 7 + "\n" + visits_trial.text
    place, _, found, remedy = visits_trial.problem()
    assert (place, found) == ("visits.csv, row 1", "7 of 8 columns without a name")
    assert "set `data.header_row: 2`" in remedy


@pytest.mark.parametrize("called", ["Total", "MEAN:", "Grand total", "Mittelwert", "Sum (n = 4)"])
def test_a_row_of_totals_is_no_participant(visits_trial, called):
    last = visits_trial.text.splitlines()[-1].split(",")
    visits_trial.text += ",".join([called, *last[1:]]) + "\n"
    place, expected, _, remedy = visits_trial.problem()
    assert (place.split(", row")[0], expected) == (
        "visits.csv, column `ID`",
        "the code of a participant",
    )
    assert remedy.startswith("delete the row")


def test_participants_may_be_called_nearly_as_totals_are(visits_trial):
    visits_trial.text = visits_trial.text.replace("S01", "Total-01")
    assert len(visits_trial.load().subjects) == 4


def test_a_note_below_the_table_is_no_participant(visits_trial):
    columns = visits_trial.text.splitlines()[0].count(",")
    visits_trial.text += "Source: the hospital" + "," * columns + "\n"
    place, _, found, remedy = visits_trial.problem()
    row = len(visits_trial.text.splitlines())
    assert (place, remedy) == (f"visits.csv, row {row}", f"delete row {row}")
    assert found == "a sentence in one field, as of a note below the table"


def test_names_in_two_rows_are_met_with_how_to_join_them(visits_trial):
    names, *rows = visits_trial.text.splitlines()
    told = names.split(",")
    above = [*told[:4], "Scores", *[""] * (len(told) - 5)]
    below = ["", "", "", "", *told[4:]]
    visits_trial.text = "\n".join([",".join(above), ",".join(below), *rows]) + "\n"
    place, _, found, remedy = visits_trial.problem()
    assert place == "visits.csv, rows 1 and 2"
    assert found == "names in two rows, as under merged cells"
    assert f"`Scores {told[4]}`" in remedy


def test_an_open_quote_is_placed(visits_trial):
    place, expected, _, _ = visits_trial.replace("3,Active,2", '3,"Active,2').problem()
    assert (place, expected) == ("visits.csv, row 7", "fields whose quotes are closed")


def test_one_subject_in_two_spellings_is_told(visits_trial):
    visits_trial.text = "\n".join(
        line if n == 0 else f"{'s' if n == 2 else 'S'}{line}"
        for n, line in enumerate(visits_trial.text.splitlines())
    )
    place, expected, found, _ = visits_trial.problem()
    assert place == "visits.csv, column `ID`, row 3"
    assert expected == "each participant spelt in one way"
    assert found == "`s1`, elsewhere in other capitals"


def test_two_subjects_whose_codes_differ_in_capitals_stay_two(visits_trial):
    """Codes made by a hash may; both are seen at the same visit."""
    visits_trial.text = visits_trial.text.replace("\n1,", "\nAb,").replace("\n3,", "\naB,")
    assert set(visits_trial.load().subjects["subject"]) == {"Ab", "aB", "2", "4"}


def test_a_file_of_nearly_the_name_is_suggested(visits_trial):
    visits_trial.data["files"] = {"visits": "visit.csv"}
    _, _, found, remedy = visits_trial.problem()
    assert found == "no such file"
    assert remedy.startswith("did you mean `visits.csv`?")
