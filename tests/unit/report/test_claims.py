"""The claims of a plan: what the record says stands beside what was estimated."""

from pathlib import Path

import pytest

from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.pages.claims import claims_section
from ketaoutcomes.cohorts.pages.published import published_value, result_words
from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Callout, Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable

PLAN = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"
PROVENANCE = Provenance("trd.yaml", "", "0" * 64, "none", (), None, (), "run", True, None)
EVIDENCE = read_evidence()
CONTRAST = {
    "analysis": "response",
    "arm": "esketamine",
    "reference": "placebo",
    "visit": "Day 28",
    "statistic": "risk difference",
    "table": "rspt01",
}


def section(claims, rows=()):
    plan, _ = read_plan(PLAN)
    study = plan.study.model_copy(update={"claims": claims})
    plan = plan.model_copy(update={"study": study})
    return claims_section(Material(plan, ResultTable(tuple(rows)), (), PROVENANCE, EVIDENCE))


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def table(found, name) -> Table:
    return next(b for b in found.blocks if isinstance(b, Table) and b.id == name)


def test_a_plan_without_claims_has_no_section():
    assert section({}) is None
    assert section(()) is None


def test_contradicted_claims_are_stated_with_their_sources_whatever_is_named():
    found = section({"trd_response": ("response",)})
    callouts = [
        block for block in found.blocks if isinstance(block, Callout) and block.tone == "warning"
    ]
    assert [c.title for c in callouts] == [
        f"Contradicted by published evidence: “{EVIDENCE.claims[name].claim}”"
        for name in ("not_fda_approved", "recreational_doses", "cure")
    ]
    approved = callouts[0].paragraphs
    assert "2019" in approved[0]
    assert "doi:10.1002/mhw.34313" in approved[1]


def test_a_qualified_claim_is_stated_only_where_named():
    titles = [b.title for b in section(("bladder",)).blocks if isinstance(b, Callout)]
    assert any("Partly supported" in title for title in titles)


def test_what_was_found_of_a_supported_claim_is_stated_without_a_warning():
    found = section({"trd_response": ("response",)})
    (callout,) = [b for b in found.blocks if isinstance(b, Callout) and b.tone == "plain"]
    claim = EVIDENCE.claims["trd_response"]
    assert callout.title == f"Supported by randomised evidence: “{claim.claim}”"
    assert callout.paragraphs[0] == claim.says
    assert "doi:10.1093/ijnp/pyz039" in callout.paragraphs[1]


def test_a_claim_that_nobody_studied_is_stated_and_gets_no_estimate():
    found = section({"lifestyle_counselling": (), "screening_monitoring": ()})
    titles = [block.title for block in found.blocks if isinstance(block, Callout)]
    assert [t for t in titles if t.startswith("Not studied")] == [
        f"Not studied: no comparative evidence was found: “{EVIDENCE.claims[name].claim}”"
        for name in ("lifestyle_counselling", "screening_monitoring")
    ]
    rows = texts(table(found, "clmt01"))
    assert [row[0] for row in rows[1::2]] == [
        "No analysis of a simulated cohort is relevant to this claim."
    ] * 2


def test_a_claim_about_adverse_events_is_compared_with_them_and_with_no_analysis():
    """Nausea was judged by the time to bladder symptoms: 105 of 292 had nausea."""
    of_arm = {"table": "aet02", "statistic": "proportion", "phase": "induction"}
    nausea = "Gastrointestinal disorders: NAUSEA"
    rows = (
        Result(**of_arm, arm="esketamine", group=nausea, estimate=0.36, n=292, n_events=105),
        Result(**of_arm, arm="placebo", group=nausea, estimate=None, suppressed="estimate"),
        Result(**of_arm, arm="placebo", group="Cardiac disorders: Palpitations", estimate=0.5),
    )
    for claims in (("common_adverse_events",), {"common_adverse_events": ()}):
        found = table(section(claims, rows), "clmt01")
        assert [row[:2] for row in texts(found)[1:]] == [
            ["Nausea: Placebo + antidepressant (Double-blind induction, four weeks)", "[c]"],
            ["Nausea: Esketamine + antidepressant (Double-blind induction, four weeks)", "36.0"],
        ]
        assert found.footnotes[-1] == (
            "Adverse events: participants with the event in each arm, in %."
        )


@pytest.mark.parametrize(
    "claims", [{"rapid_onset": ()}, {"allergy": ()}, ("allergy",), ("dissociation",)]
)
def test_a_claim_of_which_the_plan_has_no_result_is_never_judged_by_another(claims):
    rows = texts(table(section(claims), "clmt01"))
    assert rows[1:] == [["This plan has no result for this claim.", *["–"] * 4]]


def test_a_claim_that_groups_differ_is_compared_with_interactions_and_groups_only():
    """That response varies between people was judged by the effect in all of them."""
    contrast = CONTRAST | {"table": "subt01", "analysis": "primary", "visit": "Day 28"}
    of_groups = {"analysis": "response", "table": "gcmt01", "statistic": "risk difference"}
    rows = (
        Result(**CONTRAST, estimate=0.13, conf_low=0.02, conf_high=0.24),
        Result(**contrast | {"statistic": "interaction", "group": "region"}, p_value=0.44),
        Result(
            **of_groups, reference="Europe", group="region: Other", estimate=-0.1, conf_low=-0.2,
            conf_high=-0.01,
        ),
    )  # fmt: skip
    claims = {"heterogeneity": ("primary", "response", "remission")}
    found = table(section(claims, rows), "clmt01")
    assert [
        row[0].partition(": ")[2].partition("): ")[2] or row[0] for row in texts(found)[1:]
    ] == [
        "test of interaction with region",
        "region, Other versus Europe",
        "no comparison of groups",
    ]
    assert [row[1:] for row in texts(found)[1:]] == [
        ["p = 0.440", "–", "–", "–"],
        ["−10.0 (−20.0 to −1.0)", "–", "–", "yes"],
        ["–"] * 4,
    ]
    assert "not with the effect in all participants" in found.footnotes[-1]


def test_a_true_value_stands_only_beside_an_estimate():
    """Latent classes compare no arms, yet the true difference of the arms stood in their row."""
    truth = Result(
        table="trut01", estimand="response", visit="Day 28", statistic="difference in proportions",
        estimate=0.25, std_error=0.004,
    )  # fmt: skip
    found = table(section({"trd_response": ("response",)}, (truth,)), "clmt01")
    assert texts(found)[1][1:] == ["–"] * 4


def test_supported_by_randomised_evidence_is_said_only_of_claims_with_results_of_trials():
    """Access rests on a cohort and a model of costs, and was "supported by randomised evidence"."""
    words = "supported by randomised evidence"
    randomised = [claim for claim in EVIDENCE.claims.values() if claim.in_words == words]
    assert len(randomised) > 5
    assert all(claim.results for claim in randomised)
    access = section({"access_equity": ()}).blocks[1]
    assert access.title.startswith("Supported, but not by randomised comparisons: ")


def test_estimate_and_truth_stand_beside_the_claim():
    rows = (
        Result(**CONTRAST, estimate=0.13, conf_low=0.02, conf_high=0.24),
        Result(
            table="trut01",
            estimand="response",
            visit="Day 28",
            statistic="difference in proportions",
            estimate=0.25,
            std_error=0.004,
        ),
    )
    found = texts(table(section({"trd_response": ("response",)}, rows), "clmt01"))
    assert found[0] == [
        f"{EVIDENCE.claims['trd_response'].claim} Published evidence: "
        "supported by randomised evidence."
    ]
    assert found[1][1:] == ["13.0 (2.0 to 24.0)", "25.0 (0.40)", "no", "yes"]


def test_a_claim_without_estimate_has_dashes():
    row = texts(table(section({"trd_response": ("response",)}), "clmt01"))[1]
    assert row[1:] == ["–"] * 4


def test_a_list_of_claims_is_borne_on_by_the_primary_analyses():
    found = texts(table(section(("esketamine",)), "clmt01"))
    assert [row[0] for row in found[1:]] == [
        "Change from baseline in MADRS: Mixed model for repeated measures (primary)",
        "Time to relapse: Time-to-event analysis (primary)",
    ]


def test_published_results_carry_value_error_and_source():
    found = texts(table(section({"trd_response": ("response",)}), "clmt02"))
    assert [
        "TRANSFORM-2: esketamine, response (MADRS reduced by at least 50%), day 28",
        "69.3% (4.33)",
        "Katz et al. 2021, doi:10.1002/cpt.2024",
    ] in found


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("SUS1-005", "continue remitters versus withdraw remitters, hazard ratio", "0.49 (0.27)"),
        ("F_sigtermans2009_01", "ketamine, mean, NRS pain, day 8", "2.7 (0.51)"),
        ("B_diazgranados2010_01", "ketamine versus placebo, effect size, MADRS, 40 minutes",
         "−0.52 (0.12)"),
        ("LII-013", "ketamine, mean, MADRS, 14 days", "16.9 (2.29)"),
        ("CLPR-002", "ketamine, correlation of MADRS, baseline and 24 h", "0.64 (0.16)"),
        ("DIA-PBO.change_d7_d28", "placebo, correlation of change, 7 days and 27 days",
         "0.44 (0.09)"),
        ("TF1-001", "esketamine 84 mg versus placebo, difference, MADRS, day 28", "−3.2 (1.87)"),
        ("I_label_02", "esketamine, dizziness, day 28", "29.0% (2.44)"),
        ("BR-008", "esketamine, remission (MADRS of 12 or less), day 28", "52.5% (4.68)"),
    ],
)  # fmt: skip
def test_published_results_in_words(name, words, value):
    result = EVIDENCE.result(name)
    assert result_words(result) == words
    assert published_value(result) == value


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("trd_respons: [response]", "did you mean `trd_response`?"),
        ("trd_response: [respons]", "did you mean `response`?"),
    ],
)
def test_unknown_claims_and_analyses_are_told(tmp_path, written, found):
    text = PLAN.read_text(encoding="utf-8").replace("trd_response: [response, remission]", written)
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match="1 error") as caught:
        read_plan(path)
    assert found in caught.value.problems[0].remedy
    assert caught.value.problems[0].place.startswith(f"{path}:")


def test_a_claim_that_no_analysis_is_relevant_to_takes_none(tmp_path):
    written = "allergy: [response, relapse]"
    text = PLAN.read_text(encoding="utf-8").replace("trd_response: [response, remission]", written)
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match="1 error") as caught:
        read_plan(path)
    (problem,) = caught.value.problems
    assert problem.expected == "no analysis for a claim that none is relevant to"
    assert problem.found == "`response`, `relapse`"
    assert problem.remedy == "write `allergy: []`; the report states the claim and what it rests on"
    path.write_text(text.replace(written, "allergy: []"), encoding="utf-8")
    read_plan(path)
