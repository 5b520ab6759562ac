"""Numbers with a check digit, names and words in other alphabets, in columns of any name.

The published examples are those of the authorities that issue the numbers; whole columns are made
by the definition of each check digit, written here once more.
"""

import string

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.data.identifiers.numbers import kinds_of_numbers, luhn
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.readers.raw import RawTable

PEOPLE = 30


def kinds_in(column: str, values: list[str]) -> set[str]:
    frame = pd.DataFrame({"ID": [f"S{k:03}" for k in range(len(values))], column: values})
    return {one.kind for one in findings_in(RawTable("a.csv", frame), "ID") if one.column == column}


def nhs(number: int) -> str:
    """Weights of 10 down to 2, the rest from 11; a rest of 10 is not issued."""
    digits = f"{number:09d}"
    check = 11 - sum(int(d) * (10 - k) for k, d in enumerate(digits)) % 11
    return "" if check == 10 else f"{digits}{check % 11}"


def luhn_of(digits: str) -> str:
    """Every second digit from the right doubled, its digits added; the sum ends in 0."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value if value < 10 else value - 9
    return digits + str(-total % 10)


def pesel(number: int) -> str:
    digits = f"{440514 + number % 4:06d}{number % 9999:04d}"
    total = sum(int(d) * w for d, w in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), strict=True))
    return digits + str(-total % 10)


def dni(number: int) -> str:
    return f"{number:08d}" + "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]


def nir(number: int) -> str:
    digits = f"1{number:012d}"
    return f"{digits}{97 - int(digits) % 97:02d}"


@pytest.mark.parametrize(
    "number",
    [
        "943 476 5919",  # NHS Data Dictionary
        "11010519491231002X",  # GB 11643-1999
        "44051401359",  # gov.pl
        "111222333",  # elfproef
        "12345678Z",  # Ministerio del Interior
        "255081416802538",  # INSEE
        "131052-308T",  # DVV
        "811218-9876",  # Skatteverket
        "490154203237518",  # GSMA
        "529.982.247-25",  # Receita Federal
        "10000000146",  # the Turkish registry office
        "1630615123457",  # Registrul național, in python-stdnum
        "046 454 286",  # Canada Revenue Agency
        "756.9217.0769.85",  # Zentrale Ausgleichsstelle
        "12.531.909-2",  # Registro Civil, in python-stdnum
    ],
)
def test_the_published_example_of_each_authority_passes(number):
    few = {number + " " * k for k in range(20)}  # written in 20 ways, to be a column
    assert kinds_of_numbers(few)


MAKERS = {
    "medical record numbers": nhs,
    "social security numbers": dni,
    "device identifiers": lambda number: luhn_of(f"{number:014d}"),
}


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(sorted(MAKERS)),
    numbers=st.lists(
        st.integers(10_000_000, 99_999_999), min_size=PEOPLE, max_size=PEOPLE, unique=True
    ),
    column=st.text(string.ascii_uppercase, min_size=2, max_size=3),
)
def test_a_column_of_such_numbers_is_found_whatever_its_name(kind, numbers, column):
    values = [made for made in map(MAKERS[kind], numbers) if made]
    assert kind in kinds_in(f"{column}X", values)


@pytest.mark.parametrize("make", [pesel, nir])
def test_numbers_of_other_countries_are_found(make):
    assert "social security numbers" in kinds_in("V7", [make(7919 * k + 1) for k in range(PEOPLE)])


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(
        st.integers(100_000_000, 999_999_999), min_size=PEOPLE, max_size=PEOPLE, unique=True
    )
)
def test_numbers_that_only_have_the_length_are_none(numbers):
    """By chance all but three of thirty pass a check of one in ten in fewer than 1 of 10^20."""
    assert not kinds_of_numbers(map(str, numbers))
    assert not kinds_of_numbers(f"{number}0" for number in numbers)


@given(digits=st.text("0123456789", min_size=5, max_size=20))
def test_of_ten_last_digits_one_passes(digits):
    assert [luhn(f"{digits}{k}") for k in range(10)].count(True) == 1
    assert luhn(luhn_of(digits))


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("Фамилия", "Кузнецова", "names"),
        ("ФИО", "Кузнецова Анна", "names"),
        ("姓名", "王小明", "names"),
        ("이름", "김민수", "names"),
        ("Όνομα", "Γιώργος", "names"),
        ("Imię", "Zbigniew", "names"),
        ("Příjmení", "Novotný", "names"),
        ("Soyad\u0131", "Demir", "names"),
        ("адрес", "улица Ленина", "geography below the state"),
        ("住所", "東京都千代田区", "geography below the state"),
        ("Телефон", "8 912 345-67-89", "telephone numbers"),
        ("電話番号", "03-1234-5678", "telephone numbers"),
        ("PESEL", "44051401359", "social security numbers"),
        ("CPR_nr", "010190-1234", "social security numbers"),
        ("出生日期", "19900101", "dates finer than a year"),
        ("ชื่อ", "อนงค์", "names"),
        ("नाम", "लक्ष्मी", "names"),
        ("прізвище", "Коваленко", "names"),
        ("LastNm", "Breathnach", "names"),
        ("rater_login", "ckjaer6", "names"),
        ("prezime", "Horvat", "names"),
        ("PSČ", "989 48", "geography below the state"),
        ("cellulare", "353 0884983", "telephone numbers"),
        ("pincode", "741035", "geography below the state"),
        ("easting", "451766.5", "geography below the state"),
    ],
)
def test_words_of_other_alphabets_and_languages_are_read(column, value, kind):
    assert kind in kinds_in(column, [value] * PEOPLE)


@pytest.mark.parametrize(
    "alphabet", ["王李张刘陈杨赵黄", "김이박최정강조윤", "אבגדהוזח", "ابتثجحخد"]
)
def test_full_names_in_other_alphabets_are_found(alphabet):
    """Two or three characters without a blank in Chinese and Hangul; two words elsewhere."""
    blank = "" if alphabet[0] in "王김" else " "
    part = 1 if not blank else 2
    names = [
        "".join(alphabet[(k + j) % 8] for j in range(part))
        + blank
        + alphabet[k % 8]
        + alphabet[(k // 8 + 3 * k) % 8]
        for k in range(64)
    ]
    unique = list(dict.fromkeys(names))
    assert len(unique) > 20
    assert "names" in kinds_in("V3", unique)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pays from GB82 WEST 1234 5698 7654 32 monthly", "account numbers"),  # ISO 13616
        ("paid to DE89370400440532013000", "account numbers"),
        ("reached at 06 12 34 56 78", "telephone numbers"),
        ("Tel. 0171/1234567", "telephone numbers"),
        ("call (030) 1234567", "telephone numbers"),
        ("lives with Frau Quuxmann", "names"),
        ("seen by Mme Dupuis", "names"),
        ("сообщил Иванов И. И.", "names"),
        ("позвонила Ольга Петровна", "names"),
        ("K1A 0B1", "geography below the state"),
        ("POINT(11.0235 49.7502)", "geography below the state"),
        ("12/11/2563", "dates finer than a year"),
        ("05 Dec", "dates finer than a year"),
        ("15 lipca 2021", "dates finer than a year"),
        ("3 марта 2021", "dates finer than a year"),
        ("54°58'47\"N 10°41'43\"E", "geography below the state"),
        ("linkedin.com/in/quuxman-8139", "web addresses"),
    ],
)
def test_texts_that_tell_a_person_are_found(text, kind):
    assert kind in kinds_in("V9", [text, *["none"] * PEOPLE])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("other unique codes", [f"{7919 * k % 10**9:09d}" for k in range(1, PEOPLE)]),
        ("other unique codes", [f"756.{k:04d}.{7919 * k:06d}" for k in range(1, PEOPLE)]),
        ("other unique codes", [f"K{123457 * k % 10**6:06d}({k % 10})" for k in range(1, PEOPLE)]),
        ("telephone numbers", [f"(35) 9{7919 * k % 10**4:04d}-{k:04d}" for k in range(1, PEOPLE)]),
        ("telephone numbers", [f"080-{7919 * k % 10**4:04d}-{k:04d}" for k in range(1, PEOPLE)]),
        ("geography below the state", [f"{1011 + 97 * k} KB" for k in range(PEOPLE)]),
        ("dates finer than a year", [str(2_459_000 + 37 * k) for k in range(PEOPLE)]),
    ],
)
def test_columns_in_which_each_has_a_number_are_found(kind, values):
    assert kind in kinds_in("V9", values)


@pytest.mark.parametrize("column", ["years_at_entry", "b_yrs", "Lebensjahre"])
def test_nothing_but_an_age_has_lasted_ninety_years(column):
    values = [str(63 + k) for k in range(PEOPLE)]
    assert kinds_in(column, values) == {"ages over 89"}
    assert not kinds_in("pack_years", values)
    assert not kinds_in("gaf", values)


@pytest.mark.parametrize(
    "values",
    [
        ["GB82 WEST 1234 5698 7654 33"] * 12,  # fails its check
        [f"KIT-{k:05d}" for k in range(40)],
        [f"1{k:03d} MG" for k in range(40)],
        [f"{k / 7:.4f}" for k in range(40)],
        ["0.5 mg/kg", "placebo"] * 15,
        ["mild", "moderate", "severe"] * 10,
        ["轻度", "中度", "重度"] * 10,
        [str(8_000_000 + 7_919_431 * k) for k in range(40)],  # reads of a sequencer
        [f"{k}.{7 * k % 10}-{2 * k}.5" for k in range(40)],
        [f"{k:03d}-{k % 7:04d}" for k in range(40)],  # site and participant
        ["лёгкая", "средняя", "тяжёлая"] * 10,
    ],
)
def test_what_is_no_number_or_name_of_a_person_stays(values):
    assert kinds_in("V9", values) <= {"other unique codes"}
