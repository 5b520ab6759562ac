"""Formulas as text: what is read, what binds first, and what is said of the rest."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.plan.expression import Column, Constant, Operation, columns_in, parsed

A, B, C = Column("a"), Column("b"), Column("c")


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("-a ^ 2", "-(a ^ 2)"),
        ("a ^ b ^ c", "a ^ (b ^ c)"),
        ("a & b + c", "a & (b + c)"),
        ("a + 1 > b", "(a + 1) > b"),
        ("not a > b and c", "(not (a > b)) and c"),
        ("a or b and c", "a or (b and c)"),
        ("a not in (1, 2)", "not (a in (1, 2))"),
        ("a == b", "a = b"),
        ("a <> b", "a != b"),
        ("a ** b", "a ^ b"),
        ("`a` + 'x'", 'a + "x"'),
        ("IF(a, b, c)", "if(a, b, c)"),
    ],
)
def test_what_binds_first(text, same_as):
    assert parsed(text) == parsed(same_as)


def test_names_as_r_and_spreadsheets_have_them():
    assert columns_in(parsed("Y.t0 + `LEN T` + `hos.cat` + größe + Y.t0")) == (
        *("Y.t0", "LEN T", "hos.cat", "größe"),
    )
    assert parsed("not_a") == Column("not_a")
    assert parsed("1.5e2") == Constant(150.0)
    assert parsed("a - 1") == Operation("-", (A, Constant(1.0)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a +", "character 4: expected a column, a number, a text in quotes or `(`, found the end"),
        ("a b", "character 3: expected the end, or a sign such as + or =, found `b`"),
        ("a < b < c", "character 7: expected `and` between two comparisons, found `< c`"),
        ("(a", "character 3: expected `)`, found the end"),
        (
            "a; b",
            "character 2: expected a column, a number, a text in quotes or a sign, found `; b`",
        ),
        ("if(a, b)", "`if` takes 3 values in its brackets, and has 2"),
        ("round(a, 1, 2)", "`round` takes 1 to 2 values in its brackets, and has 3"),
        ("a not 1", "character 7: expected `in`, found `1`"),
        ("(" * 60 + "a" + ")" * 60, "brackets are nested more than 50 deep"),
        ("2^" * 60 + "2", "powers are nested more than 50 deep"),
        ("+".join("a" * 200), "the formula has too many steps; derive it in two columns"),
    ],
)
def test_what_is_said_of_no_formula(text, message):
    with pytest.raises(ValueError, match=r".") as caught:
        parsed(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["open('x')", "__import__('os')", "a.b()", "eval(a)", "exec(a)"])
def test_other_functions_are_none(text):
    with pytest.raises(ValueError, match="expected a function, one of: if, missing"):
        parsed(text)


@given(st.text(max_size=200))
def test_any_text_is_a_formula_or_refused(text):
    with contextlib.suppress(ValueError):
        assert isinstance(parsed(text), Constant | Column | Operation)


LEAVES = st.sampled_from(["a", "b", "c", "1", "2.5", '"x"', "`d e`"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "&", "^"]), inner).map(
            lambda part: f"({part[0]} {part[1]} {part[2]})"
        ),
        inner.map(lambda part: f"abs({part})"),
        st.tuples(inner, inner, inner).map(lambda part: f"if({part[0]} = 1, {part[1]}, {part[2]})"),
    ),
    max_leaves=12,
)


@given(TREES)
def test_spaces_and_more_brackets_change_nothing(text):
    assert parsed(f"  ( {text} )  ") == parsed(text)
