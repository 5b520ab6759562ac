"""Costs beside effects."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.families.registry import Family, Hiding, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.cost_effectiveness.fit import fit_cost_effectiveness_analysis
    from ketaoutcomes.families.cost_effectiveness.hide import (
        plane_of_rows,
        successes_behind_effects,
    )
    from ketaoutcomes.families.cost_effectiveness.page import (
        value_calls,
        value_in_words,
        value_section,
        value_sentence,
    )
    from ketaoutcomes.families.cost_effectiveness.second import check_cost_effectiveness
    from ketaoutcomes.families.cost_effectiveness.truth import true_net_benefit

VALUE_REFERENCES = (
    "Stinnett AA, Mullahy J. Net health benefits: a new framework for the analysis of uncertainty "
    "in cost-effectiveness analysis. Med Decis Making 1998;18:S68-S80.",
    "Briggs AH, Wonderling DE, Mooney CZ. Pulling cost-effectiveness analysis up by its "
    "bootstraps. Health Econ 1997;6:327-340.",
    "Fenwick E, O'Brien BJ, Briggs A. Cost-effectiveness acceptability curves: facts, fallacies "
    "and frequently asked questions. Health Econ 2004;13:405-415.",
    "Husereau D, Drummond M, Augustovski F, et al. Consolidated Health Economic Evaluation "
    "Reporting Standards 2022. BMJ 2022;376:e067975.",
)

FAMILY = Family(
    name="cost_effectiveness",
    place=100,
    models=(
        Model(
            part=CostEffectivenessAnalysis,
            known_as=dict.fromkeys(
                ("icer", "inmb", "cea"),
                "write `cost_effectiveness`",
            ),
            label="Cost-effectiveness analysis",
            table="cet01",
            takes=(ValueData,),
            fit=fit_cost_effectiveness_analysis,
            second=check_cost_effectiveness,
            in_words=value_in_words,
            calls=value_calls,
            references=VALUE_REFERENCES,
            finding=value_sentence,
            truth=true_net_benefit,
        ),
    ),
    tables={"cet01": "costs and effects"},
    main_results={
        "incremental net monetary benefit": ("cet01", "incremental net monetary benefit")
    },
    summary_meanings={
        "incremental net monetary benefit": (
            "Difference in effect, valued in money, minus the difference in costs."
        ),
    },
    summary_names={
        "incremental net monetary benefit": ("INMB", "incremental net benefit"),
    },
    no_summaries=dict.fromkeys(
        ("ICER", "incremental cost-effectiveness ratio"),
        "write `incremental_net_monetary_benefit`; the difference in costs and in effects are"
        " reported with it",
    ),
    relations=successes_behind_effects,
    records={ValueRecord: Hiding(follows=plane_of_rows)},
    sections=((420, value_section),),
)
"""Costs beside effects."""
