"""Differences within participants in a fixed order: before and after, or A and then B."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.paired.formulas import FORMULAS
from ketaoutcomes.families.paired.plan import PairedAnalysis, PairedProportionsAnalysis
from ketaoutcomes.families.paired.rules import confounded_with_time, within_one_arm
from ketaoutcomes.families.registry import Family, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.paired.calls import paired_calls
    from ketaoutcomes.families.paired.calls_proportions import paired_proportion_calls
    from ketaoutcomes.families.paired.derive import derive_paired, derive_paired_proportions
    from ketaoutcomes.families.paired.fit import fit_paired_analysis
    from ketaoutcomes.families.paired.fit_proportions import fit_paired_proportions
    from ketaoutcomes.families.paired.hide import counts_of_pairs, pairs_behind_means
    from ketaoutcomes.families.paired.page import paired_section
    from ketaoutcomes.families.paired.page_proportions import paired_proportions_section
    from ketaoutcomes.families.paired.second import check_paired
    from ketaoutcomes.families.paired.second_proportions import check_paired_proportions
    from ketaoutcomes.families.paired.words import (
        method_in_title,
        no_true_value,
        paired_in_words,
        paired_proportions_in_words,
        paired_proportions_sentence,
        paired_sentence,
    )

PAIRED_REFERENCES = (
    "Student. The probable error of a mean. Biometrika 1908;6:1-25.",
    "Senn S. Cross-over Trials in Clinical Research. 2nd ed. Wiley; 2002.",
)
PROPORTION_REFERENCES = (
    "McNemar Q. Note on the sampling error of the difference between correlated proportions or "
    "percentages. Psychometrika 1947;12:153-157.",
    "Fagerland MW, Lydersen S, Laake P. The McNemar test for binary matched-pairs data: mid-p and "
    "asymptotic are better than exact conditional. BMC Med Res Methodol 2013;13:91.",
    "Newcombe RG. Improved confidence intervals for the difference between binomial proportions "
    "based on paired data. Stat Med 1998;17:2635-2650.",
    "Senn S. Cross-over Trials in Clinical Research. 2nd ed. Wiley; 2002.",
)

FAMILY = Family(
    name="paired",
    place=25,
    models=(
        Model(
            part=PairedAnalysis,
            known_as=dict.fromkeys(
                ("paired t test", "paired_t", "before_after", "pre_post"), "write `paired`"
            ),
            label="Paired comparison",
            in_title=method_in_title,
            table="pairt01",
            statistic="paired difference",
            takes=(ChangeData,),
            derive=derive_paired,
            fit=fit_paired_analysis,
            second=check_paired,
            in_words=paired_in_words,
            finding=paired_sentence,
            calls=paired_calls,
            references=PAIRED_REFERENCES,
            rules=(within_one_arm, confounded_with_time),
        ),
        Model(
            part=PairedProportionsAnalysis,
            known_as=dict.fromkeys(
                ("mcnemar", "paired binary", "paired yes or no", "matched pairs", "mid_p"),
                "write `paired_proportions`",
            ),
            label="Paired comparison of proportions",
            table="pairt02",
            statistic="paired risk difference",
            takes=(BinaryData,),
            derive=derive_paired_proportions,
            fit=fit_paired_proportions,
            second=check_paired_proportions,
            in_words=paired_proportions_in_words,
            finding=paired_proportions_sentence,
            calls=paired_proportion_calls,
            references=PROPORTION_REFERENCES,
            rules=(within_one_arm, confounded_with_time),
            true_strategy=no_true_value,
            share="proportion at the visit",
        ),
    ),
    tables={
        "pairt01": "paired comparisons: both means, their difference and correlation",
        "pairt02": "paired proportions: four counts, both shares and their difference",
    },
    main_results={"change in proportion": ("pairt02", "paired risk difference")},
    of_one_arm=("change in proportion",),
    asked_of={"change in proportion": ("yes_or_no", "remission")},
    summary_meanings={
        "change in proportion": (
            "Share with a yes at a visit minus that at the first visit, same participants."
        ),
    },
    summary_names={
        "change in proportion": (
            "paired risk difference",
            "paired difference in proportions",
            "change in risk",
            "change in percentage",
        )
    },
    sections=((115, paired_section), (116, paired_proportions_section)),
    formulas=FORMULAS,
    sums=counts_of_pairs,
    relations=pairs_behind_means,
)
