"""Differences within participants in a fixed order: before and after, or A and then B."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.paired.formulas import FORMULAS
from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.families.paired.rules import confounded_with_time, within_one_arm
from ketaoutcomes.families.registry import Family, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.paired.calls import paired_calls
    from ketaoutcomes.families.paired.derive import derive_paired
    from ketaoutcomes.families.paired.fit import fit_paired_analysis
    from ketaoutcomes.families.paired.hide import counts_of_pairs, pairs_behind_means
    from ketaoutcomes.families.paired.page import paired_section
    from ketaoutcomes.families.paired.second import check_paired
    from ketaoutcomes.families.paired.words import (
        method_in_title,
        paired_in_words,
        paired_sentence,
    )

PAIRED_REFERENCES = (
    "Student. The probable error of a mean. Biometrika 1908;6:1-25.",
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
    ),
    tables={"pairt01": "paired comparisons: both means, their difference and correlation"},
    sections=((115, paired_section),),
    formulas=FORMULAS,
    sums=counts_of_pairs,
    relations=pairs_behind_means,
)
