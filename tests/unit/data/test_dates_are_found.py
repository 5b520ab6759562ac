"""A date is found however it is written; numbers that are none are not.

45 CFR 164.514(b)(2)(i)(C) names all elements of dates except the year. The formats are those of the
SAS 9.4 and SPSS manuals and of SDTM's partial dates (SDTM Implementation Guide 3.4, section 4.4.2).
"""

from datetime import date

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.data.identifiers.dates import are_dates, is_date, is_date_format
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.statistical import read_spss, read_xpt
from ketaoutcomes.plan.files import Writing

DATES = "dates finer than a year"
some_day = st.dates(date(1920, 1, 1), date(2039, 12, 31))
WAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%Y", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M"),
    *("%d%b%Y", "%d%b%y", "%d-%b-%Y", "%d/%b/%Y", "%d %B %Y", "%B %d, %Y", "%d. %B %Y", "%Y-%b-%d"),
    *("%b%Y", "%b-%Y", "%B %Y", "%m/%Y", "%Y-%m", "%Y/%m", "--%m-%d", "%Y---%d"),
    *("UN/%b/%Y", "UNK-%b-%Y", "UN%b%Y", "%Y-%m-UN", "%Y-%m-UNK", "%Y-%m-XX", "UN/%m/%Y", "%Y-W%V"),
)
IN_DIGITS = ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%Y%m%d%H%M%S", "%m-%Y")
MONTHS_ELSEWHERE = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
}


def kinds(column: str, values: list[str]) -> set[str]:
    subjects = [f"S{k:03d}" for k in range(len(values))]
    frame = pd.DataFrame({"id": subjects, column: values}, dtype=object)
    return {finding.kind for finding in findings_in(RawTable("f.csv", frame), "id")}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=15)
@given(day=some_day, upper=st.booleans())
def test_any_date_in_any_way(way, day, upper):
    text = day.strftime(way)
    text = text.upper() if upper else text
    assert is_date(text), text
    assert kinds("x1", [text, "none", "none"]) == {DATES}


@pytest.mark.parametrize("language", MONTHS_ELSEWHERE)
@settings(max_examples=15)
@given(
    day=some_day,
    way=st.sampled_from(["{d}. {m} {y}", "{d} {m} {y}", "{m} {y}", "{d} de {m} de {y}"]),
)
def test_months_of_other_languages(language, day, way):
    month = MONTHS_ELSEWHERE[language].split()[day.month - 1]
    assert is_date(way.format(d=day.day, m=month, y=day.year))


@pytest.mark.parametrize("way", IN_DIGITS)
@settings(max_examples=15)
@given(days=st.lists(some_day, min_size=1, max_size=8))
def test_a_column_of_dates_in_digits(way, days):
    assert kinds("x1", [day.strftime(way) for day in days]) == {DATES}


@settings(max_examples=15)
@given(st.lists(some_day, min_size=3, max_size=8, unique_by=lambda day: (day.year, day.month)))
def test_a_column_of_months_in_digits(days):
    assert kinds("x1", [day.strftime("%Y%m") for day in days]) == {DATES}


@pytest.mark.parametrize(
    "column",
    ["RFSTDT", "ADT", "EOSDT", "visit_date", "VISDAT", "visitDate", "dose_date", "date1", "adt"],
)
@settings(max_examples=15)
@given(days=st.lists(some_day, min_size=1, max_size=5), origin=st.sampled_from(["sas", "excel"]))
def test_numbers_of_days_in_columns_named_like_dates(column, days, origin):
    epoch = date(1960, 1, 1) if origin == "sas" else date(1899, 12, 30)
    numbers = [(day - epoch).days for day in days]
    far = [str(n) for n in numbers if n >= 10_000]
    assert kinds(column, far) == ({DATES} if far else set())


@pytest.mark.parametrize("column", ["BRTHDT", "birth_date", "DOB"])
@settings(max_examples=15)
@given(st.dates(date(1930, 1, 1), date(1957, 1, 1)))
def test_births_before_the_origin_of_sas(column, day):
    number = (day - date(1960, 1, 1)).days
    assert kinds(column, [str(number)]) == {DATES}
    assert kinds(column, [str(day.year)]) == set()  # a year may stay


@pytest.mark.parametrize(
    "text",
    [
        *("2021", "2021-UNK-UNK", "2021-UN-UN", "UN/UNK/2021", "UN-UN-2021", "1998 cohort"),
        *("12/20", "120/80", "01-1001", "1/2", "2.5 mg", "Q2", "CAN-2021-A", "Week 2"),
        *("6dec97ab-1111-4222-8333", "0dec1999-aaaa-4222-8333", "SEP-363856", "May 5 mg"),
    ],
)
def test_years_and_other_texts_pass(text):
    assert not is_date(text)


NUMBERS = {
    "days": st.integers(-400, 4000).map(str),
    "weight": st.floats(30, 200).map(lambda x: f"{x:.1f}"),
    "score": st.integers(0, 300).map(str),
    "count": st.integers(0, 10**8).map(str),
    "year": st.integers(1920, 2039).map(str),
    "visit_date": st.integers(-400, 4000).map(str),
    "follow_up_dt": st.integers(0, 4000).map(str),
}


@pytest.mark.parametrize("column", NUMBERS)
@settings(max_examples=15)
@given(data=st.data())
def test_numbers_pass(column, data):
    values = data.draw(st.lists(NUMBERS[column], min_size=8, max_size=30, unique=True))
    assert kinds(column, values) == set()


def test_codes_of_subjects_and_studies_pass():
    """A subject's own code, even if it looks like a day, stays; so does the number of a study."""
    codes = [f"202105{k:02d}" for k in range(1, 9)]
    frame = pd.DataFrame({"id": codes, "STUDYID": "20120304"}, dtype=object)
    assert findings_in(RawTable("f.csv", frame), "id") == ()
    assert not are_dates([f"2021{k:04d}" for k in range(1, 40)])


SAS = (
    *(
        "DATE9",
        "YYMMDD10",
        "YYMMDDN8",
        "MMDDYYS10",
        "DDMMYYP10",
        "E8601DA10",
        "E8601DT19",
        "DATETIME20",
    ),
    *("MONYY7", "YYMM7", "MMYY7", "YYMON7", "YYQ6", "YEAR4", "WEEKDATE29", "WEEKDATX29", "DTDATE9"),
    *("EURDFDD8", "DEUDFWDX20", "MDYAMPM22", "NENGO10", "MINGUO8", "HDATE17", "JULIAN7", "QTR1"),
    *("DTMONYY7", "WORDDATE18", "NLDATE20", "B8601DA8", "IS8601DA10", "WEEKU5", "MONNAME9"),
)
SPSS = (
    "DATE11",
    "ADATE10",
    "EDATE10",
    "SDATE10",
    "JDATE7",
    "DATETIME20",
    "YMDHMS19",
    "QYR8",
    "MOYR8",
)
NO_DATES = (
    "BEST12",
    "COMMA9.2",
    "DOLLAR8",
    "F8.2",
    "TIME8",
    "HHMM5",
    "TOD8",
    "PERCENT6",
    "Z5",
    "DAYS",
)


@pytest.mark.parametrize("name", SAS)
def test_formats_of_sas(name):
    assert is_date_format(name, spss=False)
    assert is_date_format(f"{name.lower()}.", spss=False)


@pytest.mark.parametrize("name", [*SPSS, "WKYR10"])
def test_formats_of_spss(name):
    assert is_date_format(name, spss=True)


@pytest.mark.parametrize("name", NO_DATES)
def test_formats_of_numbers(name):
    assert not is_date_format(name, spss=False)
    assert not is_date_format(name, spss=True)


@pytest.mark.parametrize("name", ["WKDAY3", "MONTH9", "DTIME10"])
def test_days_of_the_week_and_durations_of_spss_are_numbers_of_their_own(name):
    assert not is_date_format(name, spss=True)


def test_the_format_is_read_from_files(tmp_path):
    frame = pd.DataFrame({"ID": ["a", "b"], "SEEN": [22403.0, 22404.0]})
    sas, spss = tmp_path / "f.xpt", tmp_path / "f.sav"
    pyreadstat.write_xport(frame, str(sas), variable_format={"SEEN": "MONYY7"})
    pyreadstat.write_sav(frame, str(spss), variable_format={"SEEN": "MOYR8"})
    assert read_xpt(Held.of(sas, "f.xpt"), Writing()).dates == {"SEEN"}
    assert read_spss(Held.of(spss, "f.sav"), Writing()).dates == {"SEEN"}


@pytest.mark.parametrize("text", ["2021年5月3日", "2021年05月", "令和3年5月1日", "2021년 5월 3일"])
def test_dates_of_east_asia(text):
    assert is_date(text)
    assert not is_date("2021年")
