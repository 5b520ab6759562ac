"""Texts and names in R and SAS: read back by rules of these languages, written here once more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.families.shared.code import (
    LONGEST_NAME,
    OTHER_VARIABLES,
    OWN_VARIABLES,
    comment,
    r_text,
    sas_text,
    variables_of,
)
from ketaoutcomes.visible import visible

HARD = [
    *('a"b', "a\\b", "it's", "\\u00e9", "é", "年齢", "\U0001f600", "100%", "&amp %let x;", "a;b"),
    *("*/", "#", "`", "${x}", "", " ", "\\", '\\"', "=1+1", "- 5"),
]


def read_by_r(literal: str) -> str:
    """What R reads in double quotes (R language definition, section 10.3.1)."""
    assert literal.isascii()
    assert literal[0] == literal[-1] == '"'
    inside = literal[1:-1]
    assert not re.search(r'(?<!\\)(?:\\\\)*"', inside), "the text ends before its end"
    return re.sub(
        r"\\(u([0-9a-f]{4})|U([0-9a-f]{8})|.)",
        lambda found: chr(int(found[2] or found[3], 16)) if found[2] or found[3] else found[1],
        inside,
    )


@pytest.mark.parametrize("text", HARD)
def test_r_reads_the_same_text(text: str) -> None:
    assert read_by_r(r_text(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_r_reads_any_text(text: str) -> None:
    """Acting characters as the datasets have them: spelled out."""
    assert read_by_r(r_text(text)) == visible(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_sas_reads_any_text(text: str) -> None:
    """In single quotes SAS resolves no macro; a quote stands twice."""
    literal = sas_text(text)
    assert literal[0] == literal[-1] == "'"
    assert "'" not in literal[1:-1].replace("''", "")
    assert literal[1:-1].replace("''", "'") == visible(text)


@pytest.mark.parametrize("text", [*HARD, "one\nquit()", "a\u2028b", "x */ run;"])
def test_a_comment_ends_where_it_ends(text: str) -> None:
    said = comment(text)
    assert len(said.splitlines()) <= 1
    assert ";" not in said
    assert "*/" not in said


@given(st.lists(st.text(min_size=1, max_size=40), unique=True, max_size=12))
def test_variables_are_names_of_sas_and_no_two_alike(names: list[str]) -> None:
    found = variables_of(tuple(names))
    own = [found[name] for name in names if name != "baseline"]
    assert len({variable.upper() for variable in own}) == len(own)
    assert not {*own} & {*OWN_VARIABLES.values(), *OTHER_VARIABLES}
    for variable in own:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", variable)
        assert len(variable) <= LONGEST_NAME


def test_a_covariate_keeps_its_name_where_it_can() -> None:
    found = variables_of(("baseline", "site of care", "site-of-care", "aval", "1st"))
    assert dict(found) == {
        "baseline": "BASE",
        "site of care": "SITE_OF_CARE",
        "site-of-care": "SITE_OF_CARE_2",
        "aval": "AVAL_2",
        "1st": "V_1ST",
    }
