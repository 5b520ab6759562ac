"""Change at every visit by mixed models: MMRM, random intercept, random slope."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.registry import MOST_ROWS_ONE_BY_ONE, Family, Hiding, Model, Parts
from ketaoutcomes.families.repeated_measures.formulas import FORMULAS
from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.shared.record import MmrmRecord

with imported_when_called(__name__):
    from ketaoutcomes.families.repeated_measures.batched import batched_differences
    from ketaoutcomes.families.repeated_measures.calls import mmrm_calls, random_effects_calls
    from ketaoutcomes.families.repeated_measures.hide import (
        coarse_residuals,
        counts_of_model,
        counts_that_add_up,
        errors_behind_interactions,
        residuals_of_rows,
    )
    from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
    from ketaoutcomes.families.repeated_measures.names import (
        alike_where_true,
        labels_of_contrasts,
        missing_at_random_under_treatment_policy,
        names,
        too_few_visits,
    )
    from ketaoutcomes.families.repeated_measures.page import repeated_measures_section
    from ketaoutcomes.families.repeated_measures.page_subgroups import subgroups_section
    from ketaoutcomes.families.repeated_measures.parts import (
        fit_summed_mmrm,
        joined_mmrm,
        mmrm_census,
        mmrm_needs_rows,
        mmrm_sums,
    )
    from ketaoutcomes.families.repeated_measures.random_effects import fit_random_effects_analysis
    from ketaoutcomes.families.repeated_measures.second import (
        check_mmrm,
        check_random_effects,
        correlation_of_mmrm,
    )
    from ketaoutcomes.families.repeated_measures.words import mmrm_in_words, random_effects_in_words

MMRM_REFERENCES = (
    "Mallinckrodt CH, Lane PW, Schnell D, Peng Y, Mancuso JP. Recommendations for the primary "
    "analysis of continuous endpoints in longitudinal clinical trials. Drug Inf J "
    "2008;42:303-319.",
)
RANDOM_EFFECTS = (
    "Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics 1982;38:963-974.",
)


FAMILY = Family(
    name="repeated_measures",
    place=10,
    models=(
        Model(
            part=MmrmAnalysis,
            known_as={
                **dict.fromkeys(
                    ("ancova", "analysis of covariance", "anova", "linear", "lm", "ols", "glm"),
                    "write `mmrm`; with one visit after baseline it is ANCOVA",
                ),
                **dict.fromkeys(
                    ("mixed", "lmm", "linear mixed", "lme", "nlme", "lme4"),
                    "write `mmrm` (correlated visits), `random_intercept` or `random_slope`",
                ),
                "lmer": "write `random_intercept` or `random_slope`",
                **dict.fromkeys(
                    (
                        *("repeated measures", "repeated measures anova", "rm-anova", "gls"),
                        *("mixed model repeated measures", "mixed model for repeated measures"),
                    ),
                    "write `mmrm`",
                ),
                **dict.fromkeys(
                    ("clda", "lda", "constrained longitudinal data"),
                    "write `mmrm`; baseline is one of its covariates, not an outcome of it",
                ),
                **dict.fromkeys(
                    ("wilcoxon", "mann-whitney", "rank sum", "rank ancova", "kruskal-wallis"),
                    "no test by ranks is offered for scores; write `mmrm`, which compares means, "
                    "if that is the question",
                ),
                **dict.fromkeys(
                    ("bayesian mmrm", "bayesian", "brms"),
                    "no Bayesian model is offered; `mmrm` is the same model by REML",
                ),
                **dict.fromkeys(
                    ("t", "two-sample t", "student t", "welch t"),
                    "write `mmrm`; with one visit after baseline and `covariates: []` it compares"
                    " means",
                ),
            },
            label="Mixed model for repeated measures",
            table="mmrmt01",
            takes=(ChangeData,),
            fit=fit_mmrm_analysis,
            second=check_mmrm,
            second_correlation=correlation_of_mmrm,
            in_words=mmrm_in_words,
            calls=mmrm_calls,
            references=MMRM_REFERENCES,
            names=names,
            rules=(missing_at_random_under_treatment_policy,),
            contrasts=labels_of_contrasts,
            correlated=True,
            together=batched_differences,
            made_alike=alike_where_true,
            given_covariates=("mean change",),
            parts=Parts(
                census=mmrm_census,
                sums=mmrm_sums,
                joined=joined_mmrm,
                fit=fit_summed_mmrm,
                needs_rows=mmrm_needs_rows,
            ),
        ),
        Model(
            part=RandomInterceptAnalysis,
            label="Linear mixed model with a random intercept",
            table="mmrmt01",
            takes=(ChangeData,),
            fit=fit_random_effects_analysis,
            second=check_random_effects,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=random_effects_in_words,
            calls=random_effects_calls,
            references=RANDOM_EFFECTS,
            names=too_few_visits,
            rules=(missing_at_random_under_treatment_policy,),
            given_covariates=("mean change",),
        ),
        Model(
            part=RandomSlopeAnalysis,
            label="Linear mixed model with a random slope",
            table="mmrmt01",
            takes=(ChangeData,),
            fit=fit_random_effects_analysis,
            second=check_random_effects,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=random_effects_in_words,
            calls=random_effects_calls,
            references=RANDOM_EFFECTS,
            names=too_few_visits,
            given_covariates=("mean change",),
        ),
    ),
    tables={
        "mmrmt01": "repeated measures",
        "mmrmt02": "effect size and influence of a repeated-measures difference",
        "mmrmt03": "contrasts that the plan names",
        "mmrmt04": "F tests of all arms together",
        "subt01": "differences in subgroups, and tests of interaction",
    },
    named_tables=("mmrmt03", "mmrmt04", "subt01"),
    estimate_tables=("mmrmt01", "mmrmt02", "mmrmt03", "mmrmt04"),
    main_results={
        "difference in means": ("mmrmt01", "difference in LS means"),
        "mean change": ("mmrmt01", "LS mean"),
    },
    summary_meanings={
        "difference in means": "Mean of the active arm minus that of the reference.",
        "mean change": "Mean change in one arm, compared with no other.",
    },
    summary_names={
        "difference in means": (
            "mean difference",
            "difference of means",
            "LS mean difference",
            "difference in LS means",
            "least squares mean difference",
            "adjusted mean difference",
            "difference in change from baseline",
            "LSMD",
            "MD",
        ),
        "mean change": ("mean change from baseline",),
    },
    no_summaries={
        "change from baseline": (
            "that is the `kind: change` of an endpoint; write `difference_in_means`, or "
            "`mean_change` of one arm"
        ),
        **dict.fromkeys(
            (
                *("standardised mean difference", "standardized mean difference", "SMD"),
                *("effect size", "Cohen d", "Cohen's d", "Hedges g", "Hedges' g"),
            ),
            "write `difference_in_means`; the standardised mean difference is reported with it",
        ),
        **dict.fromkeys(
            ("treatment difference", "treatment effect", "difference"),
            "name what differs: `difference_in_means` of a score, `difference_in_proportions` of "
            "responders, `difference_in_restricted_mean_time` of a time to an event",
        ),
        **dict.fromkeys(
            ("ratio of means", "geometric mean ratio", "percent change"),
            "write `difference_in_means`; no ratio of means is estimated",
        ),
        **dict.fromkeys(
            ("slope difference", "difference in slopes", "slope"),
            "write `difference_in_means`; a slope is one of the `contrasts` of `model: mmrm`",
        ),
        "AUC": (
            "write `difference_in_means`; the mean of all visits is one of the `contrasts` of "
            "`model: mmrm`"
        ),
        **dict.fromkeys(
            ("difference in medians", "median difference"),
            "no difference in medians is estimated; write `difference_in_means` of a score, "
            "`difference_in_restricted_mean_time` of a time to an event",
        ),
    },
    of_one_arm=("mean change",),
    sums=counts_that_add_up,
    relations=errors_behind_interactions,
    records={
        MmrmRecord: Hiding(
            shown=coarse_residuals, counts=counts_of_model, follows=residuals_of_rows
        )
    },
    formulas=FORMULAS,
    sections=((100, repeated_measures_section), (300, subgroups_section)),
)
"""Change at every visit by mixed models: MMRM, random intercept, random slope."""
