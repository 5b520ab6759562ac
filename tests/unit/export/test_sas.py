"""The script in SAS, by the manual of SAS/STAT: directions, options, what a CLASS holds."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.families.shared.code import comment, sas_factors, sas_two_by_two
from ketaoutcomes.families.shared.mixed_calls import SAS_DF, SAS_TYPE
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import ResultTable

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def sas_of(plan_name: str, **changed: dict[str, object]) -> dict[str, str]:
    """The part of each analysis of a shipped plan; `changed` are keys of analyses."""
    plan, _ = read_plan(ANALYSES / f"{plan_name}.yaml")
    analyses = {
        name: analysis.model_copy(update=changed.get(name, {}))
        for name, analysis in plan.analyses.items()
    }
    plan = plan.model_copy(update={"analyses": analyses})
    provenance = SimpleNamespace(synthetic=True)
    material = Material(plan, ResultTable(()), (), provenance)  # type: ignore[arg-type]
    return {
        name: model_of(analysis).calls(material, name, analysis)["SAS"]
        for name, analysis in analyses.items()
    }


def test_the_linear_form_of_kenward_and_roger_is_the_first_order_of_proc_mixed() -> None:
    """openpharma/mmrm checks Kenward-Roger-Linear against `ddfm=kenwardroger(firstorder)`."""
    assert SAS_DF["kenward-roger-linear"] == "kenwardroger(firstorder)"


def test_distances_in_time_are_those_of_the_day_that_the_dataset_has() -> None:
    assert SAS_TYPE["sp_exp"] == "sp(exp)(ADY)"


def test_row_1_is_the_active_arm_and_column_1_the_response() -> None:
    """PROC FREQ subtracts row 2 from row 1 in column 1; levels are in the order of their values."""
    text = sas_two_by_two("a", "it's")
    rows = {arm: 2 - (arm == "a") for arm in ("a", "it's")}
    assert rows == {"a": 1, "it's": 2}
    assert "where TRTP in ('a', 'it''s');" in text
    assert "ARMN = 2 - (TRTP = 'a');" in text
    assert "RESPN = 2 - RESP;" in text


@pytest.mark.parametrize(
    ("plan", "analysis"), [("koch1977", "primary"), ("hamd17", "response"), ("bipolar", "switch")]
)
def test_two_arms_are_compared_in_that_order(plan: str, analysis: str) -> None:
    text = sas_of(plan)[analysis]
    assert re.search(
        r"proc freq data=two;\s+tables ARMN\*RESPN / riskdiff\(cl=\w+ column=1\)", text
    )
    assert "TRTP*RESP " not in text


def test_the_exact_likelihood_of_r_is_discrete_in_phreg() -> None:
    text = sas_of("smoking_relapse")["relapse"]
    assert "ties=discrete" in text
    assert "ties=exact" not in text


def test_every_covariate_may_be_a_factor_and_the_baseline_is_none() -> None:
    assert sas_factors(("BASE", "REGION")) == " %factors(REGION)"
    assert sas_factors(("BASE",)) == ""
    # the site group of this plan is no part of its baseline table
    assert "class USUBJID TRTP AVISIT %factors(SITE_GROUP);" in sas_of("cdisc_pilot")["cibic_high"]


def test_a_frailty_is_a_class_as_a_random_effect_must_be() -> None:
    text = sas_of("maintenance", relapse={"frailty": "region"})["relapse"]
    line = next(line for line in text.splitlines() if line.startswith("  class TRTP(ref="))
    assert line.endswith(" REGION;")
    assert "  random REGION / dist=" in text


def test_one_arm_is_imputed_from_rows_that_the_script_makes() -> None:
    made = [text for text in sas_of("open_label").values() if "proc mi data=w" in text]
    assert made
    assert all("proc transpose data=d out=w prefix=y;" in text for text in made)


def test_each_dose_is_compared_with_the_reference_at_one_visit() -> None:
    text = sas_of("dose")["doses"]
    assert text.count("] [-1, 1 ") == 4
    assert "diff=control" not in text


def test_a_title_with_an_apostrophe_opens_no_text() -> None:
    words = comment("Alzheimer's disease; */ an end")
    assert ";" not in words
    assert "*/" not in words
    scripts = (
        Path(__file__).resolve().parents[3] / "src/ketaoutcomes/export/scripts.py"
    ).read_text(encoding="utf-8")
    assert 'f"* {comment(' not in scripts
