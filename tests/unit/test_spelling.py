"""Two spellings of one name are told from two names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.errors import did_you_mean
from ketaoutcomes.spelling import likely_name, near_name, same_name

WORDS = st.lists(
    st.sampled_from(["rescue", "medication", "hospital", "stay", "severe", "episode"]),
    min_size=1,
    max_size=3,
    unique=True,
)

ONE_NAME = [
    ("hospitalisation", "Hospitalisation"),
    ("hospitalisation", "hospitalization"),
    ("hospitalisation", "Hospitalisations "),
    ("rescue medication", "Rescue med"),
    ("rescue medication", "rescue-medication"),
    ("treatment discontinuation", "Discontinuation of treatment"),
    ("adverse event", "Adverse Events"),
    ("lack of efficacy", "lack of efficcay"),
    ("haemorrhage", "Hemorrhage"),
    ("overdose", "over-dose"),
]
TWO_NAMES = [
    ("hypotension", "hypertension"),
    ("hyperkalaemia", "hypokalaemia"),
    ("relapse", "relapse judged by the investigator"),
    ("treatment discontinuation", "study discontinuation"),
    ("grade 1 event", "grade 2 event"),
    ("stage I", "stage II"),
    ("mania", "manic"),
    ("suicide attempt", "suicidal ideation"),
    ("death", "dearth"),
]


@pytest.mark.parametrize(("one", "other"), ONE_NAME)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)
    assert near_name(one, ["something else", other]) == other


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
def test_two_names_that_share_letters(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert not same_name(other, one)


def test_a_name_that_may_be_meant_is_a_question_and_never_its_opposite() -> None:
    assert likely_name("hospitalisation", ["hospitilizatoin"]) == "hospitilizatoin"
    assert not likely_name("hypotension", ["hypertension"])
    assert not likely_name("grade 1 event", ["grade 2 event"])


@given(WORDS, st.sampled_from([" ", "-", "_", "  ", " / "]), st.booleans())
def test_capitals_signs_and_spaces_never_make_another_name(
    words: list[str], between: str, upper: bool
) -> None:
    written = between.join(words)
    assert same_name(" ".join(words), written.upper() if upper else written.title())


@given(WORDS, WORDS)
def test_names_of_other_words_are_two(one: list[str], other: list[str]) -> None:
    assert same_name(" ".join(one), " ".join(other)) == (sorted(one) == sorted(other))


@given(WORDS, st.lists(WORDS.map(" ".join), max_size=4))
def test_the_near_name_does_not_hang_on_the_order(words: list[str], choices: list[str]) -> None:
    name = " ".join(words).upper()
    assert near_name(name, choices) == near_name(name, choices[::-1])


@pytest.mark.parametrize(
    ("name", "choices", "meant"),
    [
        ("day28", ["Day 28", "Day 8"], "Day 28"),
        ("Dya 28", ["Day 28", "Day 8"], "Day 28"),
        ("Day 14", ["Day 15"], ""),
        ("48 hours", ["24 hours"], ""),
        ("ketamine", ["esketamine", "placebo"], ""),
        ("eskatamine", ["esketamine", "placebo"], "esketamine"),
        ("marginal", ["margin"], ""),
        ("margins", ["margin"], "margin"),
        ("hypotension", ["hypertension"], ""),
        ("HAMA", ["HAMD"], ""),
        ("regoin", ["region"], "region"),
        ("study discontinuation", ["treatment discontinuation"], ""),
        ("madrs_response2", ["madrs_response"], ""),
        ("Scores.CSV", ["scores.csv"], "scores.csv"),
        ("a b", ["A-B", "a_b"], ""),
    ],
)
def test_a_question_names_another_spelling_and_never_another_thing(
    name: str, choices: list[str], meant: str
) -> None:
    assert did_you_mean(name, choices) == (f"did you mean `{meant}`?" if meant else "")


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from(["Day", "Week", "Visit", "PCL"]))
def test_no_question_crosses_from_one_number_to_another(one: int, other: int, what: str) -> None:
    assert bool(did_you_mean(f"{what}{one}", [f"{what} {other}"])) == (one == other)
