"""Difference in medians of a change at one visit."""

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.registry import Family, Model
from ketaoutcomes.report.formulas import Formula
from median_difference.fit import TABLE, fit_median_difference
from median_difference.page import calls, in_words, medians_section
from median_difference.plan import MedianDifferenceAnalysis

BOOTSTRAP = (
    "Efron B, Tibshirani RJ. An introduction to the bootstrap. New York: Chapman & Hall; 1993."
)

FAMILY = Family(
    name="median_difference",
    models=(
        Model(
            part=MedianDifferenceAnalysis,
            label="Difference in medians",
            table=TABLE,
            takes=(ChangeData,),
            fit=fit_median_difference,
            in_words=in_words,
            calls=calls,
            references=(BOOTSTRAP,),
        ),
    ),
    tables={TABLE: "medians of changes, and their differences"},
    main_results={"difference in medians": (TABLE, "difference in medians")},
    sections=((430, medians_section),),
    formulas=(
        Formula(
            TABLE,
            "difference in medians",
            "median of the active arm - median of the reference; interval: quantiles of the same "
            "difference in samples drawn with replacement within each arm",
            "Efron & Tibshirani 1993, chapter 13",
        ),
    ),
)
