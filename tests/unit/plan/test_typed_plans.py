"""Plans as people type them: closed values, single values for lists, keys of earlier versions."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.parts import INSTEAD, SYNONYMS, in_style
from ketaoutcomes.plan.reading.known_keys import schema_of
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.renamed import KEY_ADVICE, KEYS_ELSEWHERE, RENAMED_KEYS
from ketaoutcomes.plan.reading.schema import plan_schema, synthesis_schema
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis, read_synthesis
from ketaoutcomes.plan.reading.typed import values_of
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.spelling import bare, slip_of

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
TRD = (ANALYSES / "trd.yaml").read_text()
NAME = Path("plan.yaml")


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema."""
    if isinstance(schema, dict):
        yield schema
    parts = schema.values() if isinstance(schema, dict) else schema
    if isinstance(parts, list | type({}.values())):
        yield from chain.from_iterable(map(nodes, parts))


SCHEMAS = [schema_of(AnalysisPlan), schema_of(SynthesisPlan)]
CLOSED = [node for schema in SCHEMAS for node in nodes(schema) if values_of(node)]
"""Every closed list of a plan."""


def read(*changes: tuple[str, str]) -> tuple[AnalysisPlan, list[str]]:
    """The short-term plan with some text replaced, and what is told of it."""
    text = TRD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    told: list[str] = []
    return read_plan(NAME, text, told.append)[0], told


def problem(*changes: tuple[str, str]) -> Problem:
    with pytest.raises(PlanError) as caught:
        read(*changes)
    (only,) = caught.value.problems
    return only


WHOLE = read()[0]
COVARIANCE = "covariance: [us, toeph, ar1h]"


@pytest.mark.parametrize("plan", sorted(ANALYSES.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_shipped_plan_is_written_in_an_earlier_style(plan: Path) -> None:
    told: list[str] = []
    (read_synthesis if is_synthesis(plan) else read_plan)(plan, None, told.append)
    assert told == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("unstructured", "us"),
        ("UN", "us"),
        ("AR(1)", "ar1"),
        ("ARH(1)", "ar1h"),
        ("ARH1", "ar1h"),
        ("heterogeneous toeplitz", "toeph"),
        ("TPH", "toeph"),
        ("CSH", "csh"),
        ("compound symmetry", "cs"),
        ("exchangeable", "cs"),
        ("SP(EXP)", "sp_exp"),
    ],
)
def test_structures_are_read_by_their_names_in_sas_and_spss(typed: str, value: str) -> None:
    """SAS/STAT 15.1, PROC MIXED, type=; SPSS Statistics, MIXED, COVTYPE."""
    plan, told = read((COVARIANCE, f'covariance: "{typed}"'))
    assert plan.analyses["primary"].covariance == (value,)  # type: ignore[attr-defined]
    assert told == []


@pytest.mark.parametrize("typed", ["ANTE(1)", "ante1", "AD1"])
def test_ante_dependence_of_sas_is_named_as_the_heterogeneous_one(typed: str) -> None:
    """mmrm's `ad` has one variance, SAS's ANTE(1) one for each visit."""
    found = problem((COVARIANCE, f'covariance: "{typed}"'))
    assert found.remedy.startswith("write `adh`")
    assert found.found == f"analyses.primary.covariance = '{typed}'"


@pytest.mark.parametrize("typed", ["TOEP(2)", "UN(1)", "VC", "ARMA(1,1)", "toep2x", "ar2"])
def test_no_hint_names_another_structure(typed: str) -> None:
    found = problem((COVARIANCE, f'covariance: "{typed}"'))
    assert "did you mean" not in found.remedy


@pytest.mark.parametrize(
    ("place", "typed", "words"),
    [
        (COVARIANCE, "covariance: HF", "that structure is not offered"),
        (COVARIANCE, "covariance: corSymm", "one variance for all visits"),
        (COVARIANCE, "covariance: us(visit | subjid)", "`us`"),
        ("df: satterthwaite", "df: KENWARDROGER2", "another approximation"),
        ("df: satterthwaite", "df: asymptotic", "no normal approximation"),
        ("model: mmrm", "model: Cox regression", "write `time_to_event`"),
        ("model: mmrm", "model: PROC LIFETEST", "write `time_to_event`"),
        ("model: mmrm", "model: Mann-Whitney", "no test by ranks"),
        ("model: mmrm", "model: logistic regression", "write `logistic_mixed`"),
        ("model: mmrm", "model: win ratio", "for an endpoint of kind `change` use one of: mmrm"),
        ("role: primary", "role: co-primary", "write `primary` for each"),
        ("role: primary", "role: exploratory", "write `supplementary`"),
        ("method: dunnett", "method: Benjamini-Hochberg", "not the rate of false discoveries"),
        ("method: dunnett", "method: serial gatekeeping", "write `graph`"),
        ("summary: difference_in_means", "summary: Cohen d", "standardised mean difference"),
        ("summary: difference_in_means", "summary: ratio of means", "no ratio of means"),
        ("summary: difference_in_restricted_mean_time", "summary: SHR", "with `competing`"),
        (
            "summary: difference_in_restricted_mean_time",
            "summary: survival at day 84",
            "use one of: difference_in_restricted_mean_time, hazard_ratio, time_ratio",
        ),
        ("discontinuation: treatment_policy", "discontinuation: mITT", "a set of participants"),
        ("discontinuation: treatment_policy", "discontinuation: LOCF", "under its `strategies`"),
        ("discontinuation: jump_to_reference", "discontinuation: RTB", "no return to baseline"),
        ("kind: change", "kind: AUC", "average over the visits"),
        ("kind: change", "kind: QALY", "write `costs_and_effects`"),
    ],
)
def test_words_of_statisticians_are_answered_by_what_is_meant(
    place: str, typed: str, words: str
) -> None:
    """Names of SAS, SPSS, R and the guidelines: accepted, or refused with what a plan has."""
    try:
        read((place, typed))
    except PlanError as error:
        remedies = [one.remedy for one in error.problems]
        assert any(words in one for one in remedies)
        assert not [one for one in remedies if "did you mean" in one or "write for example" in one]
    else:
        assert words == "`us`"


def test_a_word_that_no_list_knows_is_answered_by_the_meanings() -> None:
    """No value is proposed as an example: it would be another model."""
    found = problem((COVARIANCE, "covariance: spherical"))
    first, second, *_ = found.remedy.split("; ")
    assert (
        first
        == "choose by the meaning: `us` (Unstructured: each variance and each correlation is free)"
    )
    assert second.startswith("`toep` (Toeplitz: one variance")


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        (
            "    model: mmrm",
            "    model: mmrm\n    estimation: reml",
            "`estimation` is called `method`",
        ),
        ("    visit: Day 28", "    timepoint: Day 28", "`timepoint` is called `visit` here"),
        (
            "model: gee,",
            "model: gee, covariance: us,",
            "remove it; `covariance` is a key of `mmrm`",
        ),
        ("confidence_level: 0.95", "alpha: 0.05", "which is 1 minus alpha"),
        (
            "    df: satter",
            "    covariance_structure: us\n    df: satter",
            "is called `covariance`",
        ),
    ],
)
def test_no_hint_crosses_from_one_key_to_another(old: str, new: str, remedy: str) -> None:
    """`covariance` is no slip of `covariates`, nor `timepoint` of `endpoint`."""
    assert remedy in problem((old, new)).remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    covariance: [", "    Covariance: ["),
        ("    rmst_days: 168", "    RMST-days: 168"),
        ("    intercurrent_events: {", "    intercurrent events: {"),
        ("report:\n", "Report:\n"),
        ("    by_visit: [baseline]", "    By visit: baseline"),
    ],
)
def test_keys_are_read_whatever_their_case_and_signs(old: str, new: str) -> None:
    plan, told = read((old, new))
    assert plan == WHOLE
    assert told == []


def test_a_key_in_two_spellings_is_refused() -> None:
    found = problem(("    df: satter", "    DF: residual\n    df: satter"))
    assert "`DF`" in found.found


@pytest.mark.parametrize(("typed", "value"), [("yes", True), ("No", False), ("Y", True)])
def test_yes_and_no_stand_for_true_and_false(typed: str, value: bool) -> None:
    plan, told = read(("    df: satterthwaite", f"    df: satterthwaite\n    all_arms: {typed}"))
    assert plan.analyses["primary"].all_arms is value  # type: ignore[attr-defined]
    assert told == []


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("confidence_level: 0.95", "confidence_level: 95", "write `confidence_level: 0.95`"),
        ("confidence_level: 0.95", "confidence_level: 95%", "write `confidence_level: 0.95`"),
        ("confidence_level: 0.95", "confidence_level: 0,95", "write `confidence_level: 0.95`"),
        ("rmst_days: 168", "rmst_days: 24 weeks", "write `rmst_days: 168`"),
        ("at_most: 12}", "at_most: <=12}", "write `at_most: 12`"),
        ("percent: 50}", "percent: 0.5}", "write `improvement_at_least_percent: 50`"),
        ("replicates: 1000", "replicates: '1,000'", "write `replicates: 1000`"),
        ("subjects: [120, 240, 360]", "subjects: n=120", "write the number alone"),
        ("at_most: 12}", "at_most: '>=12'}", "write the number alone"),
        ("at_most: 12}", "at_most: '<12'}", "write the number alone"),
        ("      Day 8: {day: 8}", "      Day 8: {day: Day 8}", "write `day: 8`"),
        ("rmst_days: 168", "rmst_days: Week24", "write `rmst_days: 168`"),
        (
            "landmark_days: [84, 168]",
            "landmark_days: week 12, week 24",
            "write `landmark_days: [84, 168]`",
        ),
        ("percent: 50}", "percent: 150}", "write a number in this range"),
        ("rmst_days: 168", "rmst_days: 6 months", "write the number alone"),
    ],
)
def test_numbers_with_units_and_decimal_commas_are_answered_by_the_number(
    old: str, new: str, remedy: str
) -> None:
    assert problem((old, new)).remedy.startswith(remedy)


@pytest.mark.parametrize("typed", ["none", "None", "no", "n/a", "NA", "'-'", "'~'", "[none]", "''"])
@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("model: gee, covariates: [baseline, region]", "covariates"),
        ("landmark_days: [84, 168]", "landmark_days"),
        ("rare_events: [Hypersensitivity, Cystitis, Suicide attempt, Drug abuse]", "rare_events"),
        ("families: [confirmatory]", "families"),
    ],
)
def test_none_is_an_empty_list_where_a_list_may_be_empty(place: str, key: str, typed: str) -> None:
    start = place[: place.index(f"{key}: ") + len(f"{key}: ")]
    plan, told = read((place, start + typed))
    parts = [plan.analyses["response_gee"], plan.analyses["relapse"], plan.safety, plan.power]
    values = [getattr(part, key) for part in parts if hasattr(part, key)]
    assert [value for value in values if not value]
    assert told == []


def test_none_is_no_empty_list_where_a_list_must_name_something() -> None:
    assert "name a structure" in problem((COVARIANCE, "covariance: none")).remedy
    assert (
        problem(("subjects: [120, 240, 360]", "subjects: none")).found == "power.subjects = 'none'"
    )


@pytest.mark.parametrize(
    ("place", "typed", "read_as"),
    [
        ("by_visit: [baseline]", "by_visit: 'baseline, region'", "[baseline, region]"),
        ("strata: [region]", "strata: region; sex", "[region, sex]"),
        ("strata: [region]", "strata: region + sex", "[region, sex]"),
        (
            "baseline_table: [age, sex, region, failed_antidepressants, baseline]",
            "baseline_table: age,sex",
            "[age, sex]",
        ),
        ("landmark_days: [84, 168]", "landmark_days: 84, 168", "[84, 168]"),
        ("subjects: [120, 240, 360]", "subjects: 120; 240", "[120, 240]"),
        ("analyses: [primary, relapse]", "analyses: primary, relapse", "[primary, relapse]"),
        (COVARIANCE, "covariance: UN > TOEPH > CS", "[us, toeph, cs]"),
        (
            "slope_over: [Day 8, Day 15, Day 22, Day 28]",
            "slope_over: 'Day 8, Day 15'",
            "[Day 8, Day 15]",
        ),
    ],
)
def test_values_between_commas_are_a_list_and_a_note_says_so(
    place: str, typed: str, read_as: str
) -> None:
    _, (note,) = read((place, typed))
    assert f"is read as the list `{read_as}`" in note


def test_a_name_of_the_plan_with_a_comma_stays_one_name() -> None:
    columns = "{subject: id, arm: arm, covariates: {'region, EU': REGION}}"
    plan, told = read(
        (
            "  synthetic: {scenario: trd_short_term, seed: 20261124}\n",
            f"  files: {{visits: v.csv}}\n  columns: {columns}\n",
        ),
        ("strata: [region]", "strata: 'region, EU'"),
    )
    assert plan.analyses["response"].strata == ("region, EU",)  # type: ignore[attr-defined]
    assert told == []


def test_items_that_yaml_takes_for_keys_are_answered_by_the_list() -> None:
    found = problem(("strata: [region]", "strata: region, sex"))
    assert (found.found, found.remedy) == ("`sex`", "write `strata: [region, sex]`, in brackets")


def test_a_sentence_with_a_comma_stays_one_sentence() -> None:
    sentence = "Adults aged 18 to 64, without psychosis"
    plan, told = read(("  condition:", f"  eligibility: {{include: '{sentence}'}}\n  condition:"))
    assert plan.study.eligibility is not None
    assert plan.study.eligibility.include == (sentence,)
    assert told == []


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("Day 14", "use one of: 24 hours, Day 8, Day 15, Day 22, Day 28"),
        ("Day 29", "use one of: 24 hours, Day 8, Day 15, Day 22, Day 28"),
        ("Day 280", "use one of: 24 hours, Day 8, Day 15, Day 22, Day 28"),
        ("Month 1", "use one of: 24 hours, Day 8, Day 15, Day 22, Day 28"),
        ("DAY-28", "did you mean `Day 28`?"),
        ("Dya 28", "did you mean `Day 28`?"),
        ("D28", "the visit at that time is called `Day 28`"),
        ("4 weeks", "the visit at that time is called `Day 28`"),
        ("Week4", "the visit at that time is called `Day 28`"),
        ("28 d", "the visit at that time is called `Day 28`"),
        ("28", "the visit at that time is called `Day 28`"),
        ("1 day", "the visit at that time is called `24 hours`"),
    ],
)
def test_a_visit_is_never_guessed_across_digits(typed: str, remedy: str) -> None:
    assert problem(("visit: Day 28", f"visit: {typed}")).remedy == remedy


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("scale: MADRS}", "scale: HAMD}", "use one of: HAMD17, HAMD6"),
        ("scale: MADRS}", "scale: CGI}", "use one of: CGI-S, CGI-I, CGI-SS-r"),
        ("scale: MADRS}", "scale: phq9}", "did you mean `PHQ-9`?"),
        ("estimand: primary", "estimand: treatment policy", "did you mean `treatment_policy`?"),
        ("{active: esketamine,", "{active: ketamine,", "use one of: placebo, esketamine"),
    ],
)
def test_another_name_is_never_guessed(old: str, new: str, remedy: str) -> None:
    assert problem((old, new)).remedy == remedy


def test_an_arm_by_its_label_is_answered_by_its_name() -> None:
    found = problem(("    reference: placebo\n", "    reference: Placebo + antidepressant\n"))
    assert found.remedy == "write `reference: placebo`, the name of that arm"


@pytest.mark.parametrize("typed", ["log odds ratio", "NNT", "number needed to treat"])
def test_no_hint_crosses_from_one_summary_to_another(typed: str) -> None:
    found = problem(("summary: difference_in_proportions", f"summary: {typed}"))
    assert "hazard" not in found.remedy
    assert found.remedy.startswith("write `difference_in_proportions`")


@pytest.mark.parametrize("typed", ["difference in means", "hazard ratio", "time ratio"])
def test_a_summary_that_does_not_fit_is_answered_by_those_that_do(typed: str) -> None:
    found = problem(("summary: difference_in_proportions", f"summary: {typed}"))
    assert found.remedy == "use one of: difference_in_proportions, risk_ratio, odds_ratio"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("odds ratio", "hazard_ratio"),
        ("rate ratio", "hazard_ratio"),
        ("time ratio", "rate_ratio"),
        ("toep2", "toep"),
        ("cr2", "cr3"),
        ("single_imputation", "multiple_imputation"),
        ("random_intercept", "random_slope"),
        ("hommel", "holm"),
    ],
)
def test_words_and_digits_are_no_slips(one: str, other: str) -> None:
    assert slip_of(one, [other]) == ""


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("satterthwait", "satterthwaite"),
        ("difference in mean", "difference_in_means"),
        ("jump to refernce", "jump_to_reference"),
        ("uss", "us"),
        ("mrm", "mmrm"),
        ("dunet", "dunnett"),
    ],
)
def test_a_slip_is_named(typed: str, value: str) -> None:
    assert slip_of(typed, [value, "between_within", "composite"]) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("treatment policy strategy", "treatment policy"),
        ("Treatment-Policy", "treatment policy"),
    ],
)
def test_strategies_are_read_as_the_guideline_writes_them(typed: str, value: str) -> None:
    """ICH E9(R1), A.3.2."""
    plan, _ = read(
        ("{treatment discontinuation: treatment_policy}", f"{{treatment discontinuation: {typed}}}")
    )
    assert value in chain.from_iterable(
        e.intercurrent_events.values() for e in plan.estimands.values()
    )


def test_intention_to_treat_is_no_strategy() -> None:
    found = problem(
        ("{treatment discontinuation: treatment_policy}", "{treatment discontinuation: ITT}")
    )
    assert found.remedy.startswith("`treatment_policy` is the nearest")


@pytest.mark.parametrize("typed", ["J2R", "JR", "jump-to-reference", "Jump to Reference"])
def test_assumptions_are_read_by_their_short_names(typed: str) -> None:
    """Carpenter, Roger & Kenward 2013: J2R, CR, CIR; rbmi: JR."""
    plan, told = read(("jump_to_reference", typed))
    assert plan == WHOLE
    assert told == []


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("ancova", "with one visit after baseline it is ANCOVA"),
        ("cox", "write `time_to_event`"),
        ("Kaplan-Meier", "write `time_to_event`"),
        ("glmm", "write `logistic_mixed`"),
        ("mcp_mod", "write `dose_response`"),
    ],
)
def test_models_of_other_names_are_told_by_theirs(model: str, words: str) -> None:
    found = problem(("model: mmrm", f"model: {model}"))
    assert words in found.remedy


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        (
            "    endpoint: madrs_change",
            "    variable: madrs_change",
            "`variable` is called `endpoint` here",
        ),
        (
            "    summary: difference_in_means",
            "    population_level_summary: difference_in_means",
            "`population_level_summary` is called `summary` here",
        ),
    ],
)
def test_attributes_of_the_guideline_are_told_by_their_keys(
    old: str, new: str, remedy: str
) -> None:
    assert problem((old, new)).remedy == remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rmst_days: 168", "restricted_mean_days: 168"),
        ("risk_table_every_days: 28", "ticks_every_days: 28"),
        ("landmark_days: [84, 168]", "milestones_days: [84, 168]"),
        ("delta_range: {", "shifts: {"),
        ("strategies: {treatment", "after: {treatment"),
        ("improvement_at_least_percent: 50", "fall_at_least_percent: 50"),
    ],
)
def test_a_key_of_earlier_versions_is_read_with_a_note(old: str, new: str) -> None:
    plan, told = read((old, new))
    assert plan == WHOLE
    (note,) = told
    key, now = new.split(":", maxsplit=1)[0], old.split(":", maxsplit=1)[0]
    line = next(i for i, text in enumerate(TRD.splitlines(), 1) if old in text)
    assert note.startswith(f"note: plan.yaml:{line}:")
    assert f"the key `{key}` is now called `{now}`" in note


def test_a_fault_under_an_old_key_stands_where_and_as_it_is_written() -> None:
    found = problem(("rmst_days: 168", "restricted_mean_days: -1"))
    line = next(i for i, text in enumerate(TRD.splitlines(), 1) if "rmst_days: 168" in text)
    assert found.place.startswith(f"plan.yaml:{line}:")
    assert "restricted_mean_days = -1" in found.found


def test_an_old_key_beside_its_new_name_is_refused() -> None:
    found = problem(("    rmst_days: 168", "    rmst_days: 168\n    restricted_mean_days: 168"))
    assert found.remedy == (
        "`restricted_mean_days` is now called `rmst_days`, which is written here too; "
        "remove `restricted_mean_days`"
    )


def test_values_of_an_earlier_style_are_told_in_one_note() -> None:
    plan, told = read(
        ("jump_to_reference", "jump to reference"), ("miettinen_nurminen", "miettinen-nurminen")
    )
    assert plan == WHOLE
    (note,) = told
    assert "2 values are written in an earlier style, as `jump to reference`" in note


@pytest.mark.parametrize("node", CLOSED, ids=lambda node: "-".join(values_of(node))[:40])
def test_synonyms_stand_for_one_existing_value(node: dict[str, Any]) -> None:
    values = values_of(node)
    own = {bare(value) for value in values}
    assert len(own) == len(values) or values == tuple(v for v in values if not bare(v))
    told = [
        (bare(other), value)
        for value, others in node.get(SYNONYMS, {}).items()
        for other in others
        if value in values
    ]
    assert len({other for other, _ in told}) == len(told)
    for other, value in told:
        assert other not in own - {bare(value)}
    refused = {bare(name) for name in node.get(INSTEAD, {})}
    assert not refused & (own | {other for other, _ in told})


def test_every_synonym_is_of_a_value_somewhere() -> None:
    values = {value for node in CLOSED for value in values_of(node)}
    named = {value for node in CLOSED for value in node.get(SYNONYMS, {})}
    assert named <= values


def test_renamed_keys_are_keys_of_now() -> None:
    keys = {
        key for schema in SCHEMAS for node in nodes(schema) for key in node.get("properties", {})
    }
    assert set(RENAMED_KEYS.values()) <= keys
    assert set(chain.from_iterable(KEYS_ELSEWHERE.values())) <= keys
    assert {ours for _, ours in KEY_ADVICE} <= keys


def test_no_block_has_a_key_under_its_old_and_its_new_name() -> None:
    """`keep` of the data is `where` now, and `keep` of the report is another key."""
    blocks = [set(node.get("properties", {})) for schema in SCHEMAS for node in nodes(schema)]
    for old, new in RENAMED_KEYS.items():
        assert not [block for block in blocks if {old, new} <= block]


SIGNS = st.sampled_from([" ", "-", "_", ""])


@given(data=st.data())
def test_any_spelling_reads_to_the_same_plan(data: st.DataObject) -> None:
    """Case, spaces, hyphens, underscores and brackets tell no closed values apart."""
    value = data.draw(
        st.sampled_from(
            [
                "difference_in_means",
                "treatment_policy",
                "satterthwaite",
                "jump_to_reference",
                "time_to_event",
                "miettinen_nurminen",
                "sensitivity",
                "missing_at_random",
                "ar1h",
                "us",
            ]
        )
    )
    spelled = "".join(
        data.draw(SIGNS) if c == "_" else data.draw(st.sampled_from([c.lower(), c.upper()]))
        for c in value
    )
    bracket = data.draw(st.booleans())
    typed = json.dumps(f"({spelled})" if bracket else spelled)
    before = next(sign for sign in (": ", "[", ", ") if f"{sign}{value}" in TRD)
    plan, _ = read((f"{before}{value}", f"{before}{typed}"))
    assert plan == WHOLE


def test_a_single_value_stands_for_a_list_of_one() -> None:
    plan, told = read(("landmark_days: [84, 168]", "landmark_days: 84"))
    assert plan.analyses["relapse"].landmark_days == (84,)  # type: ignore[attr-defined]
    assert told == []


def test_the_schema_of_editors_has_one_style() -> None:
    for schema in (plan_schema(), synthesis_schema()):
        for node in nodes(schema):
            assert not {SYNONYMS, INSTEAD} & set(node)
            assert [value for value in values_of(node) if in_style(value) != value] == []
