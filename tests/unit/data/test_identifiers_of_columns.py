"""Names on no list, initials, day numbers and ages are known by the whole column they stand in."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.readers.raw import RawTable

PEOPLE = 60
DATES, NAMES, AGES = "dates finer than a year", "names", "ages over 89"
syllables = st.sampled_from(
    ["bra", "quux", "zor", "mik", "vel", "tan", "oye", "ka", "gol", "é", "ł"]
)
invented = st.lists(syllables, min_size=2, max_size=4).map(lambda parts: "".join(parts).title())


def people(size: int = PEOPLE, rows_each: int = 1) -> list[str]:
    return [f"ST-{k:04d}" for k in range(size) for _ in range(rows_each)]


def kinds(subject: str = "id", **columns: list[str]) -> dict[str, str]:
    frame = pd.DataFrame({"id": people(len(next(iter(columns.values()))))} | columns, dtype=object)
    found = findings_in(RawTable("f.csv", frame), subject)
    return {finding.column: finding.kind for finding in found}


@pytest.mark.parametrize(
    "way", ["{0} {1}", "{1}, {0}", "{0} {2} {1}", "{0} van {1}", "{0} A. {1}", "upper"]
)
@settings(max_examples=10)
@given(names=st.lists(st.tuples(invented, invented, invented), min_size=20, unique=True))
def test_full_names_of_any_language(way, names):
    written = ["{} {}".format(*n).upper() if way == "upper" else way.format(*n) for n in names]
    if len(set(written)) == len(written):
        assert kinds(V1=written) == {"V1": NAMES}
        frame = pd.DataFrame({"id": written}, dtype=object)
        (finding,) = findings_in(RawTable("f.csv", frame), "id")  # as the codes of the subjects
        assert finding.kind == NAMES


def test_a_name_in_every_row_of_a_person():
    frame = pd.DataFrame({"id": people(rows_each=3)}, dtype=object)
    letters = "abcdefghijklmnopqrstuvwxyz"
    frame["who"] = [
        f"Zor{letters[int(c[3:]) % 26]} Quu{letters[int(c[3:]) // 26]}x" for c in frame.id
    ]
    (finding,) = findings_in(RawTable("f.csv", frame), "id")
    assert (finding.kind, finding.rows) == (NAMES, 3 * PEOPLE)


@pytest.mark.parametrize(
    "column",
    [
        *("Nachname", "VORNAME", "Familienname", "nom", "Prénom", "prenom", "NOM_FAMILLE"),
        *("apellido", "Apellidos", "cognome", "PATNAME", "efternamn", "pat_nachname"),
    ],
)
def test_words_of_other_languages_for_names(column):
    assert kinds(**{column: ["Oyelaran", "Wu"]}) == {column: NAMES}


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("Geburtsdatum", "19725", DATES),
        ("date_naissance", "-4000", DATES),
        ("fecha_nacimiento", "19725", DATES),
        ("Wohnort", "Husum", "geography below the state"),
        ("Straße", "Am Deich", "geography below the state"),
        ("Telefon", "0484 12345", "telephone numbers"),
        ("Versichertennummer", "A123456789", "health plan numbers"),
        ("efternavn", "Oyelaran", NAMES),
        ("domicilio", "Calle Zor 4", "geography below the state"),
        ("kod_pocztowy", "00-950", "geography below the state"),
        ("tel_mobil", "01711234567", "telephone numbers"),
        ("Kfz-Kennzeichen", "ZZ 12345", "vehicle identifiers"),
        ("hospital_no", "7712345", "medical record numbers"),
        ("Historia clinica", "7712345", "medical record numbers"),
        ("Numero de securite sociale", "1850578006", "social security numbers"),
        ("Alter", "93", AGES),
        ("edad", "90", AGES),
        ("PTAGE", "101", AGES),
    ],
)
def test_words_of_other_languages(column, value, kind):
    assert kinds(**{column: [value, value]}) == {column: kind}


@settings(max_examples=10)
@given(
    st.lists(
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=3), min_size=30, unique=True
    )
)
def test_initials_in_any_column(initials):
    assert kinds(V2=initials) == {"V2": NAMES}


def test_codes_of_countries_are_no_initials():
    countries = ["DE", "FR", "US", "GB", "JP", "CN", "PL", "CZ", "HU", "ES", "IT", "CA"]
    assert kinds(COUNTRY=[countries[k % 12] for k in range(PEOPLE)]) == {}


ORIGINS = {
    "excel": (date(1899, 12, 30), 1),
    "sas": (date(1960, 1, 1), 1),
    "sas seconds": (date(1960, 1, 1), 86_400),
    "spss": (date(1582, 10, 14), 86_400),
    "unix": (date(1970, 1, 1), 86_400),
}


@pytest.mark.parametrize("origin", ORIGINS)
@settings(max_examples=10)
@given(days=st.lists(st.dates(date(2009, 1, 1), date(2024, 12, 31)), min_size=12, unique=True))
def test_numbers_of_days_and_seconds_in_any_column(origin, days):
    epoch, unit = ORIGINS[origin]
    numbers = [(day - epoch).days * unit for day in days]
    if max(days).toordinal() - min(days).toordinal() >= 2 * len(days):
        assert kinds(V16=[str(n) for n in numbers]) == {"V16": DATES}


def test_days_of_the_year():
    assert kinds(V3=[f"20{k:02d}{37 * k:03d}" for k in range(1, 10)] * 2) == {}  # nine values
    assert kinds(V3=[f"2019{11 * k:03d}" for k in range(1, 31)]) == {"V3": DATES}


HARMLESS = {
    "kit": [str(40_000 + 37 * k) for k in range(PEOPLE)],
    "serial": [str(40_001 + k) for k in range(PEOPLE)],  # counts on like rows
    "cost": [str(36_600 + 93 * k) for k in range(PEOPLE)],
    "platelets": [str(140_000 + 3_111 * k) for k in range(PEOPLE)],
    "weight": [str(45 + k) for k in range(PEOPLE)],
    "site": [f"Clinic {'ABCDE'[k % 5]}" for k in range(PEOPLE)],
    "diagnosis": [("Major Depression", "Bipolar Disorder")[k % 2] for k in range(PEOPLE)],
}


@pytest.mark.parametrize("column", HARMLESS)
def test_other_columns_pass(column):
    assert kinds(**{column: HARMLESS[column]}) == {}


def ages(*oldest: int) -> list[str]:
    young = np.random.default_rng(5).integers(18, 80, PEOPLE - len(oldest))
    return [str(age) for age in (*young, *oldest)]


def test_an_age_over_89_in_a_column_of_any_name():
    assert kinds(V7=ages(93)) == {"V7": AGES}
    assert kinds(years=ages(93, 104)) == {"years": AGES}
    assert kinds(V7=ages(89)) == {}


def test_scores_of_several_visits_are_no_ages():
    assert kinds(y0=ages(93), y1=ages(95), y2=ages(91)) == {}


def test_numbers_that_change_in_a_person_are_no_ages():
    frame = pd.DataFrame({"id": people(rows_each=2)}, dtype=object)
    frame["V7"] = [str(20 + (7 * k) % 75) for k in range(len(frame))]
    assert findings_in(RawTable("f.csv", frame), "id") == ()


def birthdays(size: int = PEOPLE) -> list[date]:
    """Days of many years, months and days of the month."""
    return [date(1938 + 7 * k % 61, 1 + 5 * k % 12, 1 + 11 * k % 28) for k in range(size)]


@pytest.mark.parametrize(
    "way",
    ["{0:%d%m%y}-{1}", "{0:%y%m%d}-{1}", "{1} {0:%d%m%y}", "QUZO{0:%d%m%y}", "ZQ_{0:%m%d%y}"],
)
def test_days_of_birth_in_codes(way):
    codes = [way.format(day, 4000 + 37 * k) for k, day in enumerate(birthdays())]
    frame = pd.DataFrame({"id": people(), "V1": codes}, dtype=object)
    found = {finding.kind for finding in findings_in(RawTable("f.csv", frame), "id")}
    assert DATES in found  # some have the shape of a personal number of a country, too


@pytest.mark.parametrize(
    "code", ["{0:02d}{1:02d}{2:02d}-A", "US-{0:02d}01{2:02d}", "K{3:06d}", "LOT {4:06d}"]
)
def test_numbers_of_sites_and_participants_are_no_days(code):
    codes = [
        code.format(1 + k % 3, 1 + k % 5, 1 + k // 3, 812345 + 7919 * k % 99_991, 101_000 + k)
        for k in range(PEOPLE)
    ]
    assert DATES not in kinds(V1=codes).values()


def test_initials_with_the_year_of_birth():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZÉŁØ"
    codes = [f"{letters[k % 29]}{letters[7 * k % 29]}{day:%Y}" for k, day in enumerate(birthdays())]
    assert kinds(V1=codes) == {"V1": NAMES}


def test_files_that_are_called_after_people():
    letters = "abcdefghijklmnopqrstuvwxyz"
    files = [f"Zor{letters[k % 26]}_Quu{letters[k // 26]}x_mri.nii.gz" for k in range(PEOPLE)]
    assert kinds(SCAN=files) == {"SCAN": NAMES}
    coded = [f"sub-{k:03d}_T1w.nii.gz" for k in range(PEOPLE)]
    assert kinds(SCAN=coded) == {}
    assert kinds(SCAN=[f"Brain_Baseline_{k}.csv" for k in range(PEOPLE)]) == {}


@pytest.mark.parametrize(
    "plate",
    ["{0}{0}-{1} {3}", "{0}{1}{2:02d} {0}{1}{0}", "{0}{1}-{3:03d}-{1}{0}", "{3:04d} {1}{4}{1}"],
)
def test_number_plates_in_any_column(plate):
    """Of Germany, Great Britain, France, Spain; codes of sites and participants are none."""
    written = [
        plate.format("BDHKM"[k % 5], "CFGRT"[k % 7 % 5], k, 100 + 7 * k, "BCDFG"[k % 5])
        for k in range(PEOPLE)
    ]
    frame = pd.DataFrame({"id": people(), "V7": written}, dtype=object)
    found = findings_in(RawTable("f.csv", frame), "id")
    assert "vehicle identifiers" in {finding.kind for finding in found}
    codes = [f"DE{k % 4:02d}-{k:03d}" for k in range(PEOPLE)]
    assert "vehicle identifiers" not in kinds(screening=codes).values()


@pytest.mark.parametrize("way", ["{0}.{1}", "{0}_{1}", "{0} {1} 2", "{0}.{1}7", "upper"])
def test_names_as_codes_of_subjects(way):
    """As in addresses, or with a number that tells two of one name apart."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [(f"zor{letters[k % 26]}", f"quu{letters[k // 26]}x") for k in range(PEOPLE)]
    written = ["_".join(n).upper() if way == "upper" else way.format(*n) for n in names]
    if " " in way:
        written = [one.title() for one in written]
    frame = pd.DataFrame({"id": written}, dtype=object)
    assert NAMES in {one.kind for one in findings_in(RawTable("f.csv", frame), "id")}


def test_numbered_words_are_no_names():
    """Each participant has the same words and a number, or a code with letters of the study."""
    for way in ("Subject No {}", "Site Alpha {}", "ketamine_arm{}", "KET.{}"):
        frame = pd.DataFrame({"id": [way.format(k) for k in range(PEOPLE)]}, dtype=object)
        assert list(findings_in(RawTable("f.csv", frame), "id")) == []


def test_milliseconds_of_stata():
    day = 86_400_000
    times = [str(((date(2021, 3, 1) - date(1960, 1, 1)).days + 3 * k) * day) for k in range(PEOPLE)]
    assert kinds(V9=times) == {"V9": DATES}
