"""Change in every period of a crossover trial."""

from ketaoutcomes.endpoints.data import CrossoverData
from ketaoutcomes.families.crossover.calls import crossover_calls
from ketaoutcomes.families.crossover.derive import derive_crossover, periods_of
from ketaoutcomes.families.crossover.fit import fit_crossover_analysis
from ketaoutcomes.families.crossover.names import asked, names
from ketaoutcomes.families.crossover.page import (
    CROSSOVER_REFERENCES,
    crossover_in_words,
    crossover_section,
)
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.crossover.second import check_crossover
from ketaoutcomes.families.registry import Family, Model

FAMILY = Family(
    name="crossover",
    place=20,
    models=(
        Model(
            part=CrossoverAnalysis,
            label="Crossover analysis",
            table="crot01",
            takes=(CrossoverData,),
            fit=fit_crossover_analysis,
            second=check_crossover,
            in_words=crossover_in_words,
            calls=crossover_calls,
            references=CROSSOVER_REFERENCES,
            derive=derive_crossover,
            phases=periods_of,
            names=names,
            asked=asked,
        ),
    ),
    tables={"crot01": "crossover: treatments, periods, carry-over and the first period"},
    sections=((110, crossover_section),),
)
"""Change in every period of a crossover trial."""
