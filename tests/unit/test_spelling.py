"""Two spellings of one name are told from two names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
