"""Response and remission at one visit, compared as proportions."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.proportions.formulas import FORMULAS
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.proportions.words import (
    PROPORTION_REFERENCES,
    WILSON,
    further_references,
)
from ketaoutcomes.families.registry import Family, Model, Parts
from ketaoutcomes.vocabulary import OF_YES_OR_NO

with imported_when_called(__name__):
    from ketaoutcomes.families.proportions.calls import proportion_calls
    from ketaoutcomes.families.proportions.fit import fit_proportions_analysis
    from ketaoutcomes.families.proportions.page import responders_section
    from ketaoutcomes.families.proportions.parts import fit_summed_outcomes, summed_outcomes
    from ketaoutcomes.families.proportions.rules import carried_forward, complete_cases
    from ketaoutcomes.families.proportions.second import check_proportions
    from ketaoutcomes.families.proportions.words import missing_in_words, proportions_in_words
    from ketaoutcomes.families.shared.counted import fewer_counts, joined_counts

FAMILY = Family(
    name="proportions",
    place=40,
    models=(
        Model(
            part=ProportionAnalysis,
            known_as=dict.fromkeys(
                (
                    "cmh",
                    "mantel_haenszel",
                    "chisq",
                    "chi_square",
                    "chi_squared",
                    "cochran_mantel_haenszel",
                    "newcombe",
                    "miettinen_nurminen",
                    "risk_difference",
                    "responder",
                    "z",
                ),
                "write `proportions`; `strata` makes it the Mantel-Haenszel analysis",
            ),
            label="Comparison of proportions",
            table="rspt01",
            takes=(BinaryData,),
            fit=fit_proportions_analysis,
            second=check_proportions,
            in_words=proportions_in_words,
            of_data_in_words=missing_in_words,
            calls=proportion_calls,
            references=PROPORTION_REFERENCES,
            further_references=further_references,
            rules=(carried_forward, complete_cases),
            label_of_one_arm="Proportion",
            references_of_one_arm=WILSON,
            parts=Parts(
                sums=summed_outcomes,
                joined=joined_counts,
                fewer=fewer_counts,
                fit=fit_summed_outcomes,
            ),
        ),
    ),
    tables={"rspt01": "proportions"},
    main_results={
        "difference in proportions": ("rspt01", "risk difference"),
        "risk ratio": ("rspt01", "risk ratio"),
        "odds ratio": ("rspt01", "odds ratio"),
        "proportion": ("rspt01", "proportion"),
    },
    summary_meanings={
        "difference in proportions": "Share of the active arm minus that of the reference.",
        "risk ratio": "Share of the active arm divided by that of the reference.",
        "odds ratio": "Odds of the active arm divided by those of the reference.",
        "proportion": "Share of participants in one arm, compared with no other.",
    },
    summary_names={
        "risk ratio": ("relative risk", "RR", "ratio of proportions", "prevalence ratio"),
        "odds ratio": ("OR",),
        "difference in proportions": (
            "risk difference",
            "difference in risks",
            "absolute risk difference",
            "difference of proportions",
            "proportion difference",
            "difference in response rates",
            "RD",
        ),
    },
    no_summaries={
        **dict.fromkeys(
            ("log odds ratio", "log odds", "number needed to treat", "NNT"),
            "write `difference_in_proportions`, `risk_ratio` or `odds_ratio`; the number needed to "
            "treat is reported with each of them",
        ),
        **dict.fromkeys(
            ("absolute risk reduction", "ARR", "percentage difference"),
            "write `difference_in_proportions`, active minus reference; a reduction is negative",
        ),
        **dict.fromkeys(
            ("relative risk reduction", "RRR"), "write `risk_ratio`; the reduction is 1 minus it"
        ),
        "rate difference": (
            "write `difference_in_proportions` of a binary endpoint, or `rate_ratio` of recurrent "
            "events"
        ),
    },
    of_one_arm=("proportion",),
    asked_of={
        **dict.fromkeys(("difference in proportions", "proportion"), (*OF_YES_OR_NO, "incidence")),
        **dict.fromkeys(("risk ratio", "odds ratio"), OF_YES_OR_NO),
    },
    formulas=FORMULAS,
    sections=((320, responders_section),),
)
"""Response and remission at one visit, compared as proportions."""
