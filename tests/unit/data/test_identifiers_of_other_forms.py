"""Names alone, births within codes, streets, and dates of further languages; and what is none.

The values are written by hand after the customs of each country; none comes from the program.
"""

from datetime import date, timedelta

import pandas as pd
import pytest

from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.readers.raw import RawTable

SURNAMES = [
    "Achterberg",
    "Bjelland",
    "Czerwinski",
    "Dvorakova",
    "Elmahdi",
    "Fjeldstad",
    "Grzelak",
    "Hruska",
    "Ilves",
    "Jokinen",
    "Kaczmarek",
    "Laaksonen",
    "Mihaylova",
    "Ndiaye",
    "Oyelowo",
    "Pospisil",
    "Quiroga",
    "Rozental",
    "Szalai",
    "Tikhonov",
    "Ubaldini",
    "Virtanen",
    "Wachowski",
    "Xenakis",
]
GIVEN = [
    "Mirela",
    "Ondrej",
    "Pilar",
    "Quentin",
    "Ragnhild",
    "Stelian",
    "Tomasz",
    "Umberto",
    "Viveka",
    "Wanjiru",
    "Xavier",
    "Yusuf",
    "Zdenka",
    "Amadou",
    "Birgitta",
    "Cosmin",
    "Dagny",
    "Eero",
    "Fiorella",
    "Gintaras",
    "Hanneke",
    "Ikram",
    "Jadwiga",
    "Kaarina",
]
PEOPLE = len(SURNAMES)
BIRTHS = [date(1944, 1, 9) + timedelta(days=811 * k) for k in range(PEOPLE)]
DAYS = [date(2021, 1, 3) + timedelta(days=17 * k) for k in range(PEOPLE)]
DATES, NAMES, PLACES = "dates finer than a year", "names", "geography below the state"


def kinds(values, column="V9"):
    """What is found in a column of one value for each participant."""
    frame = pd.DataFrame({"id": [f"P{k:03d}" for k in range(len(values))], column: values})
    return {one.kind for one in findings_in(RawTable("f.csv", frame.astype(object)), "id")}


def kinds_of_codes(values):
    """What is found in the codes of the participants themselves."""
    frame = pd.DataFrame({"id": values, "score": [str(20 + k % 9) for k in range(len(values))]})
    return {one.kind for one in findings_in(RawTable("f.csv", frame.astype(object)), "id")}


@pytest.mark.parametrize(
    "way",
    [
        *("{s}", "{g}", "{s}-{g}", "{s} {i}.", "{i}{s}", "{g}{s}", "{i}.{s}", "{s},{g}", "{s};{g}"),
        *("{s} / {g}", "{g} {s}", "{g}_{s}"),
    ],
)
@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_names_alone_and_together(way, case):
    pairs = zip(SURNAMES, GIVEN, strict=True)
    written = [case(way.format(s=s, g=g, i=g[0])) for s, g in pairs]
    assert NAMES in kinds(written)


def test_a_surname_may_be_shared():
    assert NAMES in kinds([*SURNAMES[:-3], *SURNAMES[:3]])


@pytest.mark.parametrize(
    "code",
    [
        lambda k: f"{SURNAMES[k][:3].upper()}{BIRTHS[k]:%d%m%y}",
        lambda k: f"12-{BIRTHS[k]:%Y%m%d}",
        lambda k: f"{BIRTHS[k]:%d%m%Y}",
        lambda k: f"{BIRTHS[k]:%d%m%y}/{k % 4}",
    ],
)
def test_births_within_the_codes_of_participants(code):
    assert DATES in kinds_of_codes([code(k) for k in range(PEOPLE)])


def test_initials_and_births_within_the_codes_of_participants():
    codes = [f"0{k % 5}-{SURNAMES[k][0]}{GIVEN[k][0]}-{BIRTHS[k].year}" for k in range(PEOPLE)]
    assert NAMES in kinds_of_codes(codes)
    assert NAMES in kinds_of_codes(SURNAMES)
    assert "telephone numbers" in kinds_of_codes([f"+4917{7_000_000 + 31 * k}" for k in range(24)])


@pytest.mark.parametrize(
    "code",
    [
        lambda k: f"{101 + k // 9}{k % 9 + 1:03d}",  # 101001 is 10 October 2001, too
        lambda k: f"{20_210_000 + k // 9 * 100 + k % 9 + 1}",
        lambda k: f"2022-{k:03d}",
        lambda k: f"LEI{k:03d}",
        lambda k: f"NL-0{k % 4 + 1}-{k:04d}",
        lambda k: "BCDFG"[k % 5] + "NPQRS"[k // 5] + "KLMN"[k % 4] + "XZTV"[k % 4],
    ],
)
def test_other_codes_of_participants_may_stay(code):
    assert not kinds_of_codes([code(k) for k in range(PEOPLE)])


MONTHS = {
    "Greek": "Ιανουαρίου Μαρτίου Αυγούστου Δεκεμβρίου",
    "Arabic": "يناير مارس أغسطس ديسمبر",
    "Hebrew": "ינואר מרץ אוגוסט דצמבר",
    "Hindi": "जनवरी मार्च अगस्त दिसंबर",
    "Ukrainian": "січня березня серпня грудня",
    "Russian, short": "янв мар авг дек",
    "Polish, short": "sty lut sie gru",
    "Czech, short": "led bře srp pro",
    "Turkish, short": "Oca Şub Ağu Ara",
    "Italian, short": "gen mag ago dic",
}


@pytest.mark.parametrize("months", MONTHS.values(), ids=MONTHS)
def test_months_of_further_languages(months):
    for month in months.split():
        assert kinds([f"14 {month} 2021", *[""] * 5]) == {DATES}


@pytest.mark.parametrize(
    "written",
    ["2022. március 5.", "5.III.2022", "5 XII 2022", "1401/02/17", "5 mei '21"],
)
def test_other_ways_to_write_a_day(written):
    assert kinds([written, *[""] * 5]) == {DATES}


@pytest.mark.parametrize("form", ["%d %m %y", "%d %m %Y", "%y%m%d", "%d.%m."])
def test_days_in_digits_with_blanks_and_without(form):
    assert DATES in kinds([day.strftime(form) for day in DAYS])


@pytest.mark.parametrize(
    "place",
    [
        *("Lindenstraße 12", "Achterberg-Str. 7", "Kerkstraat 112", "Storgatan 3 B"),
        *("Mannerheimkatu 9", "12 rue de la Paix", "Calle Quiroga, 12", "Via Ubaldini 8"),
        *("Rua Ilves, 330", "ul. Długa 3/14", "ул. Садовая, 12", "PO Box 4411", "Postfach 1234"),
        *("中山路12号", "神南1丁目", "///filled.count.soap"),
    ],
)  # fmt: skip
def test_streets_of_several_countries(place):
    assert PLACES in kinds([place, *[""] * 5])


def test_towns_with_their_postcodes():
    assert PLACES in kinds([f"{10_115 + 311 * k} {SURNAMES[k]}" for k in range(PEOPLE)])
    assert not kinds([f"{1_000 + k} MG" for k in range(PEOPLE)])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("quuxman [at] mail.example", "e-mail addresses"),
        ("quuxman(at)mail(dot)example", "e-mail addresses"),
        ("@quux_man", "web addresses"),
        ("00aa.11bb.22cc", "device identifiers"),
        ("his wife Agnieszka says so", NAMES),
        ("seen by Sister Velankiri", NAMES),
    ],
)
def test_single_values(value, kind):
    assert kind in kinds([value, *[""] * 5])


@pytest.mark.parametrize(
    ("column", "oldest"),
    [("age_months", 1_092), ("AGE_WEEKS", 4_800), ("age (days)", 33_500), ("agegr1", "90-94")],
)
def test_ages_over_89_in_other_units_and_in_groups(column, oldest):
    assert kinds([str(oldest), *[str(240 + k) for k in range(15)]], column) == {"ages over 89"}
    assert not kinds([str(240 + k) for k in range(15)], column)


def test_ninety_and_over_is_a_group_that_may_stay():
    assert not kinds(["18-64", "65-89", "90+", ">=90"] * 3, "agegr1")


def test_one_long_text_among_coded_ones():
    told = "fell from a ladder at the farm of a neighbour on the way back from church"
    assert kinds([told, "headache", "nausea", *[""] * 9], "reported") == {"free text"}
    question = "Over the last two weeks, how often have you been bothered by little interest?"
    assert not kinds([question, *[""] * 9], "asked")


def test_occupations_are_free_text_where_many_differ():
    assert kinds([f"{s.lower()} keeper" for s in SURNAMES], "occupation") & {"free text"}
    assert not kinds(["employed", "student", "retired"] * 6, "occupation")


@pytest.mark.parametrize(
    "values",
    [
        ["Mayo", "Menninger"] * 10,
        ["Sertraline", "Venlafaxine", "Lamotrigine", "Quetiapine", "Zolpidem", "Lorazepam"] * 5,
        ["Maria Hilf Clinic", "University Hospital Leiden", "Karolinska"] * 5,
        ["Hamilton Rating Scale", "Beck Depression Inventory"] * 8,
        ["BDNF", "COMT", "SLC6A4", "CYP2D6", "FKBP5"] * 4,
        ["A/A", "A/G", "G/G"] * 6,
        ["120/80", "135/70", "118/76"] * 6,
        ["1.1.", "1.2.", "2.1."] * 6,
        ["5000 Units", "0.5 mg/kg"] * 6,
        [f"{k}:{3 * k}" for k in range(1, 20)],
    ],
)
def test_what_looks_alike_and_is_none(values):
    assert not kinds(values)


@pytest.mark.parametrize("column", ["byear", "YOB", "Geburtsjahr", "año de nacimiento", "出生年"])
def test_a_year_of_birth_tells_of_an_age_over_89(column):
    """Born in 1935 one is 90 in 2025; the year of one who is younger may stay."""
    years = [str(1936 + 2 * k) for k in range(PEOPLE)]
    assert not kinds(years, column)
    assert "ages over 89" in kinds(["1935", *years[1:]], column)
    assert "ages over 89" not in kinds(["1935", *years[1:]], "year_enrolled")


@pytest.mark.parametrize("form", ["rec_{k}.wav", "{k}.MOV", "interviews/{k}.mp4"])
def test_recordings_of_voices_and_faces(form):
    assert "biometric identifiers" in kinds([form.format(k=5081 + 37 * k) for k in range(PEOPLE)])


@pytest.mark.parametrize("form", ["WQ {k}", "SN {k}1", "JYDY {k} 0531"])
def test_codes_of_letters_and_digits_with_a_blank(form):
    """As on number plates of Poland, implants and health cards of Quebec; doses are none."""
    assert "other unique codes" in kinds([form.format(k=49348 + 371 * k) for k in range(PEOPLE)])
    assert not kinds([f"{100 + 25 * k} mg" for k in range(PEOPLE)])
    assert not kinds([f"F{k % 3}-R{k % 7}-B{10 + k}" for k in range(PEOPLE)], "freezer")


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("postnr", "972{k}", PLACES),
        ("x_coord", "5344{k}3.6", PLACES),
        ("ini", "z{letter}", NAMES),
    ],
)
def test_places_and_initials_known_by_their_column(column, value, kind):
    letters = "abcdefghijklmnopqrstuvwx"
    values = [value.format(k=k % 10, letter=letters[k]) for k in range(PEOPLE)]
    assert kind in kinds(values, column)


def test_areas_of_few_people_by_three_digits_of_a_zip_code():
    assert PLACES in kinds(["036", *["606"] * (PEOPLE - 1)], "zip3")
    assert not kinds(["941", *["606"] * (PEOPLE - 1)], "zip3")


@pytest.mark.parametrize(
    "words", ["mevrouw De Wit belde af", "se\u00f1ora Olabarri", "frau Hruska"]
)
def test_a_title_in_small_letters(words):
    assert NAMES in kinds([words, *["stable"] * (PEOPLE - 1)])
    assert not kinds(["the doctor was here", *["stable"] * (PEOPLE - 1)])
