"""Indices of formulas that are written as text."""

import runpy
from pathlib import Path

import pytest

parts_of = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "formulas.py"))[
    "parts_of"
]


@pytest.mark.parametrize(
    ("text", "formula", "html"),
    [
        ("V_ij is", False, "V<sub>ij</sub> is"),
        ("1 − δ^{1/n}", False, "1 − δ<sup>1/n</sup>"),
        ("S(t−)^λ (1 − S(t−))^δ", False, "S(t−)<sup>λ</sup> (1 − S(t−))<sup>δ</sup>"),
        ("the model dose_response", False, "the model dose_response"),
        ("willingness_to_pay", True, "willingness_to_pay"),
        ("placebo_i (1 − t)", True, "placebo<sub>i</sub> (1 − t)"),
        ("Σ_(j < k) d_j", False, "Σ<sub>j < k</sub> d<sub>j</sub>"),
    ],
)
def test_indices_are_set_and_names_are_left(text: str, formula: bool, html: str) -> None:
    tags = {"subscript": "sub", "superscript": "sup"}
    parts = [(tags.get(node.tagname), node.astext()) for node in parts_of(text, formula=formula)]
    assert "".join(f"<{tag}>{part}</{tag}>" if tag else part for tag, part in parts) == html
