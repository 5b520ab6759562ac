"""Where a text uses an entry of the glossary first."""

import pytest

from ketaoutcomes.report.terms import TERMS, first_use

TEXT = (
    "The ancova of MADRS scores (not MADRS-S, no pre-MADRS) had SEs; an SE of 2 and an ANCOVA. "
    "Two Censored participants, P < 0.05; nrs pain and Copy-Increments in reference."
)


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("ANCOVA", "ANCOVA"),
        ("MADRS", "MADRS"),
        ("SE", "SE"),
        ("Censoring", "Censored"),
        ("Copy increments", "Copy-Increments in reference"),
        ("REML", None),
        # names of scales that a plan may have: without a capital, in any case
        ("NRS pain", None),
        ("nrs pain", "nrs pain"),
        ("two", "Two"),
        ("score", None),
        ("scores (not", "scores (not"),
    ],
)
def test_a_use_is_a_whole_word_in_its_own_case(name: str, used: str | None) -> None:
    found = first_use(name, TEXT)
    assert (found and TEXT[found]) == used
    if name == "SE":
        assert found
        assert found.start == TEXT.index("SE of")


@pytest.mark.parametrize("name", [term.name for term in TERMS if not term.written])
def test_a_term_without_a_pattern_is_found_by_its_name(name: str) -> None:
    found = first_use(name, f"x{name}, {name}-like, {name.lower()}; then {name}.")
    assert found
    assert found.start == len(f"x{name}, {name}-like, {name.lower()}; then ")
    assert first_use(name, f"x{name}, {name}-like, {name.lower()}") is None
