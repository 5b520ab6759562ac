"""Planted identifiers of each Safe Harbor class are found and never shown; study data pass."""

import string
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.data.identifiers.classes import CLASSES
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.identifiers.values import GIVEN_NAMES
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.errors import DataError
from unit.data.conftest import SmallTrial

PEOPLE = 40
digits = st.integers(0, 9).map(str)


def number(length, first="123456789"):
    """Digits of a number of this length."""
    return st.tuples(
        st.sampled_from(first), st.text(string.digits, min_size=length - 1, max_size=length - 1)
    ).map("".join)


def written(*parts):
    """Parts, words or strategies, one after the other."""
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map("".join)


def with_luhn(body: str) -> str:
    """Sixteen digits of a card, in fours."""
    for check in string.digits:
        doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(body + check))]
        if sum(d // 10 + d % 10 for d in doubled) % 10 == 0:
            return " ".join((body + check)[i : i + 4] for i in range(0, 16, 4))
    raise AssertionError


def vehicle(body: str) -> str:
    """A vehicle identification number, its check digit by 49 CFR 565.15."""
    values = {letter: 1 + "ABCDEFGH".find(letter) for letter in "ABCDEFGH"}
    values |= {letter: 1 + "JKLMN".find(letter) for letter in "JKLMN"}
    values |= {"P": 7, "R": 9} | {letter: 2 + "STUVWXYZ".find(letter) for letter in "STUVWXYZ"}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(
        w * (int(c) if c.isdigit() else values[c]) for w, c in zip(weights, body, strict=True)
    )
    return body[:8] + "0123456789X"[total % 11] + body[9:]


given_name = st.sampled_from(sorted(GIVEN_NAMES))
family_name = st.sampled_from(["Smith", "Nguyen", "Oyelaran", "Kowalski", "McDonald", "O'Brien"])
day = st.dates(date(1920, 1, 1), date(2029, 12, 31))
formats = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d%b%Y",
    "%d-%b-%Y",
    "%B %d, %Y",
    "%Y-%m",
    "%d.%m.%Y",
)
codes = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

PLANTED = {
    "names": st.one_of(
        written(given_name, " ", family_name),
        written(family_name, ", ", given_name),
        written("seen by Dr ", st.sampled_from(["Ahmed", "Lee"])),
    ),
    "geography below the state": st.one_of(
        written(number(3), " ", st.sampled_from(["Elm", "North Main"]), " Street"),
        written(number(5), "-", number(4)),
        written("Springfield, IL ", number(5)),
    ),
    "dates finer than a year": st.tuples(day, st.sampled_from(formats)).map(
        lambda pair: pair[0].strftime(pair[1])
    ),
    "telephone numbers": st.one_of(
        written("(", number(3), ") ", number(3), "-", number(4)),
        written(number(3), "-", number(3), "-", number(4)),
        written("+44 20 ", number(4), " ", number(4)),
    ),
    "fax numbers": written("fax: ", number(3), "-", number(3), "-", number(4)),
    "e-mail addresses": st.emails(),
    "social security numbers": written(number(3, "12345"), "-", number(2), "-", number(4)),
    "medical record numbers": written("MRN: ", number(7)),
    "health plan numbers": written("Medicare number ", number(9)),
    "account numbers": number(15, "45").map(with_luhn),
    "certificate or licence numbers": written("passport ", number(9)),
    "vehicle identifiers": st.text(codes, min_size=16, max_size=16).map(lambda x: vehicle("J" + x)),
    "device identifiers": st.lists(
        st.text("0123456789ABCDEF", min_size=2, max_size=2), min_size=6, max_size=6
    ).map(":".join),
    "web addresses": written("https://example.org/", number(4)),
    "internet protocol addresses": st.one_of(
        st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)
    ),
    "photographs": written("img", number(4), ".jpg"),
}


def table(column: str, values, size: int = PEOPLE) -> RawTable:
    """A column beside the study's own codes."""
    rows = pd.RangeIndex(1, size + 1, name="row")
    padded = [*values, *[None] * (size - len(values))]
    frame = pd.DataFrame(
        {"USUBJID": [f"ST-{i:04d}" for i in range(size)], column: padded}, rows, dtype=object
    )
    return RawTable("planted.csv", frame)


def kinds(raw: RawTable) -> dict[str, int]:
    return {finding.kind: finding.rows for finding in findings_in(raw, "USUBJID")}


@pytest.mark.parametrize("kind", PLANTED)
@settings(max_examples=25)
@given(data=st.data())
def test_one_planted_value_is_found_in_any_column(kind, data):
    value = data.draw(PLANTED[kind])
    assert kinds(table("x1", [value])).get(kind) == 1, value


BY_NAME = {
    "names": ("patient_name", "Surname", ["Oyelaran", "Wu"]),
    "geography below the state": ("ZIP.CODE", "postcode", ["02139", "893"]),
    "dates finer than a year": ("birth_date", "RFSTDTC", ["20140102", "19725"]),
    "ages over 89": ("AGE", "age_at_entry", ["90", "104"]),
    "telephone numbers": ("phone", "HomePhone", ["5551234", "555 1234 999"]),
    "fax numbers": ("fax", "fax_number", ["5551234", "555 1234"]),
    "e-mail addresses": ("email", "eMail", ["x at y", "z"]),
    "social security numbers": ("SSN", "social_security_number", ["123456789", "123 45 6789"]),
    "medical record numbers": ("MRN", "medical.record.number", ["0012345", "A12345"]),
    "health plan numbers": ("insurance_number", "MedicareID", ["A123456", "123456"]),
    "account numbers": ("account_no", "IBAN", ["123456", "00-12345"]),
    "certificate or licence numbers": ("license_number", "passport", ["D1234567", "123456"]),
    "vehicle identifiers": ("license_plate", "vehicle_id", ["AB-1234", "7ABC123"]),
    "device identifiers": ("serial_number", "deviceId", ["SN-12345", "123456"]),
    "web addresses": ("homepage", "url", ["example.org/x", "me.net"]),
    "internet protocol addresses": ("ip_address", "IPv4", ["1921680001", "10 0 0 1"]),
    "biometric identifiers": ("fingerprint", "VoicePrint", ["0x1f", "abc"]),
    "photographs": ("photo", "face_photo", ["img1", "x"]),
    "free text": ("comments", "clinical_notes", ["she came late today", "he went back home"]),
}


@pytest.mark.parametrize("kind", BY_NAME)
def test_a_column_is_known_by_its_name(kind):
    *columns, values = BY_NAME[kind]
    for column in columns:
        assert kinds(table(column, values)).get(kind) == 2, column


def test_every_class_of_the_regulation_is_looked_for():
    letters = {CLASSES[kind] for kind in {*PLANTED, *BY_NAME, "other unique codes"}}
    assert letters - {""} == set("ABCDEFGHIJKLMNOPQR")


def test_december_of_a_hexadecimal_code_is_no_date():
    codes = [f"cd613e3{i % 10}-d8f6dec-97b{i:03d}" for i in range(PEOPLE)]
    codes[0] = "6dec97ab-1111-4222-8333-265b1f500000"
    assert "dates finer than a year" not in kinds(table("link", codes))
    assert kinds(table("seen", ["05DEC2019", "5 Dec 2019", "05DEC19:10:30"]))[
        "dates finer than a year"
    ]


@settings(max_examples=20)
@given(codes=st.lists(st.uuids(), min_size=PEOPLE, max_size=PEOPLE, unique=True))
def test_a_code_for_each_person_is_found(codes):
    raw = table("link", [str(code) for code in codes])
    assert kinds(raw) == {"other unique codes": PEOPLE}
    assert findings_in(raw, "link") == ()  # the study's own codes may stay


@settings(max_examples=20)
@given(
    texts=st.lists(
        st.lists(st.sampled_from(["she", "felt", "well", "after", "dose", "three"]), min_size=5),
        min_size=PEOPLE,
        max_size=PEOPLE,
        unique_by=tuple,
    )
)
def test_free_text_is_found(texts):
    assert "free text" in kinds(table("x1", [" ".join(words) for words in texts]))


HARMLESS = {
    "TRT01P": st.sampled_from(["Placebo", "Esketamine 84 mg", "Ketamine 0.5 mg/kg i.v."]),
    "AGEGR1": st.sampled_from(["18-44", "45-64", "65-80", ">80"]),
    "AGE": st.integers(18, 89).map(str),
    "SITEID": st.integers(1, 400).map(lambda site: f"{site:03d}"),
    "MADRS": st.floats(0, 60).map(repr),
    "VISIT.DATE": st.integers(-20, 400).map(str),
    "RELDAYS": st.integers(-20, 400).map(str),
    "AEDECOD": st.sampled_from(["STEVENS-JOHNSON SYNDROME", "Parkinson's disease", "Headache"]),
    "AEBODSYS": st.sampled_from(
        ["NEOPLASMS BENIGN, MALIGNANT AND UNSPECIFIED (INCL CYSTS AND POLYPS)", "CARDIAC DISORDERS"]
    ),
    "COUNTRY": st.sampled_from(["United States", "Czech Republic"]),
    "REGION": st.sampled_from(["Europe", "North America"]),
    "year": st.integers(1950, 2030).map(str),
    "zip3": st.sampled_from(["021", "100", "941"]),
    "Cell count": st.integers(1, 10**6).map(str),
    "insurance": st.sampled_from(["private", "public", "none"]),
    "DRUG.NAME": st.sampled_from(["Spravato", "Ketalar"]),
    "serial7": st.integers(0, 5).map(str),
    "AVISIT": st.sampled_from(["Baseline", "Week 1", "Day 8 (24 hours)", "End of Treatment"]),
    "reading": st.sampled_from(["8 AM", "3 PM", "10 PM"]),
    "PARAM": st.sampled_from(["Beck Depression Inventory", "Hamilton Rating Scale"]),
    "window": st.sampled_from(["2-84", "85-140", ">140"]),
}


@pytest.mark.parametrize("column", HARMLESS)
@settings(max_examples=20)
@given(data=st.data())
def test_study_data_pass(column, data):
    values = data.draw(st.lists(HARMLESS[column], min_size=PEOPLE, max_size=PEOPLE))
    assert kinds(table(column, values)) == {}


CANARY = "Mary Oyelaran"


@pytest.fixture
def leaking(visits_trial: SmallTrial) -> SmallTrial:
    """A column with a name in one row."""
    lines = visits_trial.text.splitlines()
    extra = ["WHO", "x", CANARY, *"abcdefg"]
    visits_trial.text = "\n".join(f"{a},{b}" for a, b in zip(lines, extra, strict=False))
    return visits_trial


def test_a_finding_blocks_the_load_and_names_no_value(leaking):
    leaking.replace("2,15,27.5", "2,15,99")  # a broken contract is not looked at yet
    place, expected, found, remedy = leaking.problem()
    assert place == "visits.csv, column `WHO`"
    assert expected == "no names (45 CFR 164.514(b)(2)(i)(A))"
    assert found == "1 row that looks like it"
    assert "data.deidentification.accept.WHO" in remedy
    with pytest.raises(DataError) as caught:
        leaking.load()
    assert CANARY not in str(caught.value)


def test_a_finding_that_the_plan_accepts_is_told_in_the_report(leaking):
    leaking.data["deidentification"] = {"accept": {"WHO": "characters of a novel"}}
    (remark,) = leaking.load().source.remarks
    assert remark.sentence() == (
        "The plan accepts what looks like names in WHO: characters of a novel."
    )


def test_another_column_is_not_accepted_with_it(leaking):
    leaking.data["deidentification"] = {"accept": {"WHOM": "characters of a novel"}}
    assert leaking.problem()[0] == "visits.csv, column `WHO`"
