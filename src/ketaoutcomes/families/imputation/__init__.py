"""Missing outcomes filled in under stated assumptions, and tipping points."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.formulas import FORMULAS
from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.families.imputation.words import REFERENCES
from ketaoutcomes.families.registry import MOST_ROWS_ONE_BY_ONE, Family, Hiding, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.imputation.calls import imputation_calls
    from ketaoutcomes.families.imputation.change import fit_imputed_change, fit_multiple_imputation
    from ketaoutcomes.families.imputation.derive import derive_incomplete
    from ketaoutcomes.families.imputation.hide import (
        contour_of_rows,
        imputed_behind_estimates,
        nothing_imputed_of_the_complete,
    )
    from ketaoutcomes.families.imputation.impute import impute_endpoint
    from ketaoutcomes.families.imputation.names import (
        dropout_stands_for,
        names,
        reference_based_is_no_hypothetical,
        true_strategy,
    )
    from ketaoutcomes.families.imputation.page import imputation_section
    from ketaoutcomes.families.imputation.second import check_conditional_mean
    from ketaoutcomes.families.imputation.tipping import fit_tipping
    from ketaoutcomes.families.imputation.words import (
        assumed_in_words,
        deltas_in_words,
        imputation_in_words,
    )

FAMILY = Family(
    name="imputation",
    place=120,
    models=(
        Model(
            part=MultipleImputationAnalysis,
            known_as=dict.fromkeys(
                (
                    *("mi", "rbmi", "j2r", "jump_to_reference", "mice", "mianalyze"),
                    *("reference_based", "reference_based_imputation", "controlled_imputation"),
                    *("pattern_mixture", "pmm", "cr", "cir"),
                ),
                "write `multiple_imputation`, or `conditional_mean`, with `strategies`",
            )
            | {
                **dict.fromkeys(
                    ("locf", "bocf", "last observation carried forward", "locf ancova"),
                    "no single score is carried forward; write `multiple_imputation` with "
                    "`strategies`, or `proportions` with `missing_as` for a response",
                )
            },
            label="Multiple imputation",
            table="impt01",
            table_of_proportions="impt02",
            takes=(ImputedData, NotImputed),
            fit=fit_multiple_imputation,
            without=("risk ratio", "odds ratio"),
            in_words=imputation_in_words,
            of_data_in_words=deltas_in_words,
            calls=imputation_calls,
            references=REFERENCES["multiple_imputation"],
            derive=derive_incomplete,
            true_strategy=true_strategy,
            names=names,
            rules=(reference_based_is_no_hypothetical,),
            unrecorded=dropout_stands_for,
            prepare=impute_endpoint,
            in_title=assumed_in_words,
            given_covariates=("mean change",),
        ),
        Model(
            part=ConditionalMeanAnalysis,
            label="Conditional mean imputation",
            table="impt01",
            takes=(ImputedData, NotImputed),
            fit=fit_imputed_change,
            second=check_conditional_mean,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=imputation_in_words,
            of_data_in_words=deltas_in_words,
            calls=imputation_calls,
            references=REFERENCES["conditional_mean"],
            derive=derive_incomplete,
            true_strategy=true_strategy,
            names=names,
            rules=(reference_based_is_no_hypothetical,),
            unrecorded=dropout_stands_for,
            prepare=impute_endpoint,
            in_title=assumed_in_words,
        ),
        Model(
            part=TippingPointAnalysis,
            known_as=dict.fromkeys(
                ("delta", "delta_adjustment", "tipping"),
                "write `tipping_point` with `delta_range`; one shift is `delta` of "
                "`multiple_imputation`",
            ),
            label="Tipping point",
            table="tipt01",
            statistic="tipping shift",
            takes=(ImputedData, NotImputed),
            fit=fit_tipping,
            in_words=imputation_in_words,
            of_data_in_words=deltas_in_words,
            calls=imputation_calls,
            references=REFERENCES["tipping_point"],
            derive=derive_incomplete,
            true_strategy=true_strategy,
            names=names,
            rules=(reference_based_is_no_hypothetical,),
            unrecorded=dropout_stands_for,
            prepare=impute_endpoint,
            in_title=assumed_in_words,
            estimates=False,
        ),
    ),
    tables={
        "impt01": "change with missing scores imputed",
        "impt02": "proportions with missing scores imputed",
        "impt03": "participants whose scores or baseline values were imputed",
        "tipt01": "shifts of imputed scores and tipping points",
    },
    named_tables=("tipt01",),
    estimate_tables=("impt01", "tipt01"),
    shared_counts=("impt03",),
    sums=nothing_imputed_of_the_complete,
    relations=imputed_behind_estimates,
    records={TippingRecord: Hiding(follows=contour_of_rows)},
    formulas=FORMULAS,
    sections=((310, imputation_section),),
)
"""Missing outcomes filled in under stated assumptions, and tipping points."""
