"""The true net benefit of a treatment."""

from dataclasses import replace

from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.shared.truth import Pair, mean_of
from ketaoutcomes.results import Result


def true_net_benefit(
    row: Result, analysis: CostEffectivenessAnalysis, pair: Pair
) -> tuple[Result, ...]:
    """Mean difference of the worth of the effect less the cost."""
    active, reference = pair.active, pair.reference
    assert isinstance(active, ValueData)
    if not isinstance(reference, ValueData):
        return ()
    row = replace(row, statistic="incremental net monetary benefit", unit=active.currency)
    worth = analysis.willingness_to_pay[0]
    sides = [
        data.frame[["subject"]].assign(value=worth * data.effect - data.cost)
        for data in (active, reference)
    ]
    both = sides[0].merge(sides[1], on="subject", suffixes=("_active", "_reference"))
    return (mean_of(row, both["value_active"] - both["value_reference"]),)
