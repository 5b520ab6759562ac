"""Imputation in the report: its section, its words and its calls."""

from typing import Any

import pytest

from imputation_plans import STOPPED, binary_data, change_data, fitted, plan
from ketaoutcomes.families.imputation.calls import imputation_calls
from ketaoutcomes.families.imputation.page import imputation_section
from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.families.imputation.words import deltas_in_words, imputation_in_words
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.blocks import Callout, Figure, Prose, Table
from ketaoutcomes.report.labels import analysis_title
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable

PROVENANCE = Provenance(
    plan_file="x.yaml",
    plan_text="",
    plan_sha256="0" * 64,
    data_description="made up",
    data_sha256s=(),
    seed=1,
    versions=(),
    command="x",
    synthetic=True,
    citation=None,
)
JUMP = {STOPPED: "jump to reference"}


def material(of_plan: AnalysisPlan, provenance: Provenance = PROVENANCE) -> Material:
    data = change_data()
    kind = of_plan.endpoints["y"].kind
    result = fitted(of_plan, data if kind == "change" else binary_data(data))
    records = () if result.record is None else (result.record,)
    return Material(of_plan, ResultTable(result.results), records, provenance)


def analysis(of_plan: AnalysisPlan) -> ImputationPart:
    found = of_plan.analyses["a"]
    assert isinstance(found, ImputationPart)
    return found


def test_a_table_holds_estimate_and_monte_carlo_error() -> None:
    section = imputation_section(material(plan("multiple_imputation", strategies=JUMP)))
    assert section is not None
    table, counts = section.blocks
    assert isinstance(table, Table)
    assert isinstance(counts, Table)
    (row,) = table.rows
    assert row[0].text == "Multiple imputation, jump to reference"
    assert "–" not in [cell.text for cell in row]
    assert [line[0].text for line in counts.rows] == [
        "Nothing missing",
        "After treatment discontinuation",
        "Missing otherwise",
    ]
    assert counts.rows[2][1].text == "1 (2.5%)"


def test_a_response_has_three_rows() -> None:
    section = imputation_section(material(plan("multiple_imputation", "response")))
    assert section is not None
    table = section.blocks[0]
    assert isinstance(table, Table)
    stubs = [row[0].text for row in table.rows]
    assert stubs[1:] == ["Odds ratio", "Marginal risk difference"]


@pytest.mark.parametrize("shifts", [{"drug": [0, 40]}, {"drug": [0, 40], "control": [-5, 5]}])
def test_a_tipping_point_has_a_sentence_a_figure_and_its_numbers(
    shifts: dict[str, list[float]],
) -> None:
    section = imputation_section(material(plan("tipping_point", delta_range=shifts, steps=3)))
    assert section is not None
    prose, figure = section.blocks[-2:]
    assert isinstance(prose, Prose)
    assert isinstance(figure, Figure)
    assert "Tipping point: if imputed scores with drug are at least " in prose.paragraphs[0]
    assert " points worse than predicted," in prose.paragraphs[0]
    assert figure.alternative.startswith(prose.paragraphs[0])
    assert figure.svg.startswith("<svg")
    assert figure.data is not None
    assert len(figure.data.rows) == (1 if len(shifts) == 1 else 3)


def test_a_failure_is_told_first() -> None:
    of_plan = plan("conditional_mean")
    data = change_data(n=6)
    result = fitted(of_plan, data)
    assert result.results[0].status == "failed"
    section = imputation_section(Material(of_plan, ResultTable(result.results), (), PROVENANCE))
    assert section is not None
    assert isinstance(section.blocks[0], Callout)


def test_without_imputation_there_is_no_section() -> None:
    of_plan = plan("mmrm")
    assert imputation_section(Material(of_plan, ResultTable(()), (), PROVENANCE)) is None


def test_the_words_name_every_assumption() -> None:
    words = imputation_in_words(
        analysis(
            plan(
                "multiple_imputation",
                strategies={STOPPED: "copy reference", "rescue": "last mean carried forward"},
                dropout_counts_as="rescue",
                delta={"drug": 2},
                missing_baseline="mean",
                standard_errors="robust",
            )
        )
    )
    for part in (
        "After treatment discontinuation, scores are assumed to be those of a "
        "reference-arm participant from the start (copy reference).",
        "(last mean carried forward)",
        "is regarded as having had rescue",
        "missing for other reasons are assumed missing at random",
        "20 imputations were made",
        "changed by a delta",
        "HC3",
        "White and Thompson",
    ):
        assert part in words
    assert "jackknife" in imputation_in_words(analysis(plan("conditional_mean")))
    assert "bootstrap samples" in imputation_in_words(
        analysis(plan("conditional_mean", resampling="bootstrap"))
    )


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("multiple_imputation", {"delta": {"drug": 2}}, " Delta: +2 points with drug."),
        ("tipping_point", {}, " Delta: 0 to +20 points with drug."),
        ("conditional_mean", {}, ""),
    ],
)
def test_deltas_are_told_by_the_label_of_their_arm(
    model: str, options: dict[str, Any], words: str
) -> None:
    of_plan = plan(model, **options)
    (name,) = of_plan.analyses
    assert deltas_in_words(Material(of_plan, ResultTable(()), (), PROVENANCE), name) == words


@pytest.mark.parametrize(
    ("model", "options", "method"),
    [
        ("multiple_imputation", {}, "method_bayes(same_cov = TRUE, n_samples = 20)"),
        ("multiple_imputation", {"draws": "bootstrap"}, "method_approxbayes("),
        ("conditional_mean", {}, 'method_condmean(type = "jackknife"'),
        ("conditional_mean", {"resampling": "bootstrap"}, 'type = "bootstrap", n_samples = 1000'),
        ("tipping_point", {}, "delta_template(filled)"),
        (
            "conditional_mean",
            {"delta": {"drug": 2}, "delta_per_visit": True},
            "delta_template(filled, delta = rep(1, visits), dlag = rep(1, visits))",
        ),
        ("conditional_mean", {"delta": {"drug": 2}}, 'is_missing & shift$TRTP == "drug"] <- 2'),
        (
            "conditional_mean",
            {"delta": {"drug": 2}, "applies_to": "after the event"},
            'is_missing & shift$is_post_ice & shift$TRTP == "drug"] <- 2',
        ),
    ],
)
def test_calls_in_r_and_sas(model: str, options: dict[str, Any], method: str) -> None:
    of_plan = plan(model, strategies=JUMP, **options)
    calls = imputation_calls(material(of_plan), "a", analysis(of_plan))
    r, sas = calls["R"], calls["SAS"]
    assert method in r
    assert f'"{STOPPED}" = "JR"' in r
    assert 'references = c("control" = "control", "drug" = "control")' in r
    assert "method=J2R, ref=control" in sas


def test_a_title_says_what_is_assumed() -> None:
    of_plan = plan("multiple_imputation", strategies=JUMP, delta={"drug": 2})
    assert analysis_title(of_plan, "a") == (
        "Multiple imputation, jump to reference, delta drug +2 (sensitivity)"
    )
    after = plan("conditional_mean", strategies=JUMP, delta={"drug": 2}, delta_per_visit=True)
    assert analysis_title(after, "a") == (
        "Conditional mean imputation, jump to reference, delta drug +2 after the event "
        "(sensitivity)"
    )
    assert "Imputed scores after the event were then changed by a delta" in imputation_in_words(
        analysis(after)
    )
