"""The page of claims names each of them, with what was found and where it is analysed."""

import sys
from pathlib import Path

import pytest

from ketaoutcomes.cohorts.evidence.files import read_evidence

DOCS = Path(__file__).resolve().parents[2] / "docs"

# The topics of the source documents that had neither a scenario nor an endpoint, with what of a
# plan is about each now: an analysis, or the words that say that there is none.
TOPICS = {
    "hallucinations": "`single_dose.yaml`: `perception`",
    "screening_monitoring": "No scenario has a part for it",
    "monthly_maintenance": "`monthly.yaml`: `monthly`",
    "nightmares_flashbacks": "`ptsd.yaml`: `nightmares`, `flashbacks`",
    "craving": "`safety.yaml`: `craving`",
    "tolerance_dependence": "`safety.yaml`: `misuse`",
    "cognition_improves": "`safety.yaml`: `memory`, `speed`",
    "setting_alliance": "No scenario has a part for it",
    "lifestyle_counselling": "No scenario has a part for it",
    "window_for_treatment": "`psychotherapy.yaml`: `relapse`",
    "clinics_differ": "`titration.yaml`: `sites`",
    "dose_titration": "`titration.yaml`: `titration`",
    "recreational_doses": "No scenario has a part for it",
}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    sys.path.insert(0, str(DOCS))
    try:
        import claims_page  # noqa: PLC0415 - the docs are no package

        page = claims_page.claims()
    finally:
        sys.path.remove(str(DOCS))
        sys.modules.pop("claims_page", None)
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return {cells[0].split("`")[1]: cells for cells in lines}


def test_every_claim_has_a_row_with_what_was_found(rows: dict[str, list[str]]) -> None:
    claims = read_evidence().claims
    assert set(rows) == set(claims)
    for name, cells in rows.items():
        assert cells[1] == claims[name].says
        assert cells[-1]


@pytest.mark.parametrize(("topic", "analysed"), TOPICS.items())
def test_each_topic_is_analysed_or_said_to_be_in_no_scenario(
    rows: dict[str, list[str]], topic: str, analysed: str
) -> None:
    assert analysed in rows[topic][-1]


def test_what_is_contradicted_and_has_no_analysis_is_said_to_be_in_every_report(
    rows: dict[str, list[str]],
) -> None:
    always = {name for name, cells in rows.items() if "Every report" in cells[-1]}
    assert always == {"not_fda_approved", "recreational_doses", "cure"}
