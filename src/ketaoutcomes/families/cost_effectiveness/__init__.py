"""Costs beside effects."""

from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.families.cost_effectiveness.fit import fit_cost_effectiveness_analysis
from ketaoutcomes.families.cost_effectiveness.hide import plane_of_rows, successes_behind_effects
from ketaoutcomes.families.cost_effectiveness.page import (
    VALUE_REFERENCES,
    value_calls,
    value_in_words,
    value_section,
    value_sentence,
)
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.families.cost_effectiveness.second import check_cost_effectiveness
from ketaoutcomes.families.cost_effectiveness.truth import true_net_benefit
from ketaoutcomes.families.registry import Family, Hiding, Model

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
