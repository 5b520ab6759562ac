"""The table of terms finds what is not to be written, and lets the field's own words pass."""

import pytest

from ketaoutcomes.style_guide import RULES, violations

STANDARD = (
    "Participants were randomised 1:1 and analysed by assigned arm.",
    "Risk difference (95% CI)",
    "There was no clear difference in time to relapse: 7.0 days (95% CI −15.7 to 29.7; p = 0.542).",
    "Restricted mean survival time (RMST) to day 168",
    "Restricted mean relapse-free time to day 168, days",
    "Relapse-free probability at day 84, %",
    "Standardised mean difference (SMD): difference between arms divided by the pooled SD.",
    "Number at risk: under observation and event-free just before each time.",
    "The column `subject` of the file `visits.csv` is empty.",
    "Monte Carlo error of 0.2 percentage points; 20% of the participants.",
)
FOUND = (
    ("No harm was found in any subject.", "term", "subject"),
    ("Difference (CI)", "interval without its level", "(CI)"),
    ("% (CI)", "interval without its level", "(CI)"),
    ("Interval excludes no effect", "misleading", "excludes no effect"),
    ("Difference in survival (day 84)", "misleading", "Difference in survival"),
    ("Restricted mean, days", "misleading", "Restricted mean"),
    ("It is no test.", "archaic", "is no "),
    ("`d` holds one row a subject and visit.", "archaic", "row a subject"),
    ("A response of 45 % was reported.", "notation", "5 %"),
    ("Monte-Carlo error", "notation", "Monte-Carlo"),
    ("A difference of -3.2 points.", "notation", "-3"),
    ("Interim jump_to_reference analysis", "name of the plan", "jump_to_reference"),
    ("Nobody was asked.", "term", "Nobody"),
)


@pytest.mark.parametrize("text", STANDARD)
def test_the_words_of_the_field_pass(text: str) -> None:
    assert violations(text) == ()


@pytest.mark.parametrize(("text", "kind", "found"), FOUND)
def test_what_is_not_to_be_written_is_found(text: str, kind: str, found: str) -> None:
    assert (kind, found) in [(one.kind, one.found) for one in violations(text)]


def test_a_name_of_the_plan_is_found_where_it_is_quoted() -> None:
    text = "The phase “maintenance” is described; maintenance treatment went on."
    assert [one.found for one in violations(text, names={"maintenance"})] == ["maintenance"]
    assert violations(text) == ()


def test_a_long_sentence_is_found_without_what_is_in_brackets() -> None:
    long = " ".join(["word"] * 31) + "."
    assert [one.kind for one in violations(long)] == ["long sentence"]
    assert violations(" ".join(["word"] * 30) + " (and more in brackets).") == ()
    assert violations("One sentence. " + " ".join(["Word"] * 30) + ".") == ()


def test_every_rule_can_be_written_about() -> None:
    for rule in RULES:
        assert rule.instead
        assert rule.expression.search("") is None
