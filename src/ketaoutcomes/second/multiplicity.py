"""Adjusted p-values by a second program: closed testing by hand, and scipy's joint distribution.

Closed testing: a hypothesis is rejected if every intersection that holds it is, so its adjusted
p-value is the largest of theirs (Marcus, Peritz & Gabriel 1976, Biometrika 63:655-660).
"""

from collections.abc import Callable, Sequence
from itertools import combinations

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_SUM, Check, Second, checks_of, program_of

TABLE = "multt01"
MOST = 12
"""Hypotheses of a family up to which every intersection is tested."""
LocalTest = Callable[[Sequence[int]], float]


def check_multiplicity(plan: AnalysisPlan, results: tuple[Result, ...]) -> tuple[Check, ...]:
    """The adjusted p-values of every family whose procedure has a second route.

    The joint distribution of Dunnett's procedures is not among them: it needs the correlations of
    estimates, which the results do not hold.
    """
    rows = [row for row in results if row.table == TABLE]
    return tuple(
        check
        for name, family in plan.multiplicity.items()
        if len(family.hypotheses) <= MOST and not family.method.startswith("dunnett")
        for check in _family(name, family, rows)
    )


def _family(name: str, family: HypothesisFamily, rows: list[Result]) -> list[Check]:
    of_key = {(row.group, row.statistic): row for row in rows if row.group.startswith(f"{name} ")}
    p = [
        row.p_value if (row := of_key.get((f"{name} {key}", "unadjusted p"))) is not None else 1.0
        for key in family.hypotheses
    ]
    known = [1.0 if value is None else value for value in p]
    adjusted = closed_testing(len(known), local_test(family, known))
    found: list[Check] = []
    for key, value in zip(family.hypotheses, adjusted, strict=True):
        row = of_key.get((f"{name} {key}", "adjusted p"))
        if row is not None and row.p_value is not None:
            second = Second(
                program=program_of("scipy", "closed testing by hand"),
                tolerance=SAME_SUM,
                p_value=value,
            )
            found += checks_of(row, second)
    return found


def closed_testing(size: int, local: LocalTest) -> list[float]:
    """The adjusted p-value of each hypothesis: the largest local one that holds it."""
    adjusted = [0.0] * size
    for number in range(1, size + 1):
        for members in combinations(range(size), number):
            p = min(local(members), 1.0)
            for member in members:
                adjusted[member] = max(adjusted[member], p)
    return adjusted


def local_test(family: HypothesisFamily, p: Sequence[float]) -> LocalTest:
    """The test of an intersection that the procedure of a family is the shortcut of."""
    size = len(p)
    match family.method:
        case "bonferroni":
            return lambda members: size * min(p[k] for k in members)
        case "holm":
            return lambda members: len(members) * min(p[k] for k in members)
        case "hochberg":
            return lambda members: min(
                (len(members) - rank) * value
                for rank, value in enumerate(sorted(p[k] for k in members))
            )
        case "fixed_sequence":
            return lambda members: p[min(members)]
    return lambda members: min(
        (p[k] / w for k, w in _weights(family, members).items() if w > 0), default=1.0
    )


def _weights(family: HypothesisFamily, members: Sequence[int]) -> dict[int, float]:
    """Weights of an intersection: those of hypotheses outside it passed on along the graph.

    Bretz et al. 2011, Biom J 53:894-913, section 2.
    """
    names = list(family.hypotheses)
    weights = {k: family.weights.get(names[k], 0.0) for k in range(len(names))}
    moves = {
        (j, k): family.transitions.get(names[j], {}).get(names[k], 0.0)
        for j in range(len(names))
        for k in range(len(names))
    }
    left = set(range(len(names)))
    for gone in sorted(left - set(members)):
        left.remove(gone)
        for k in left:
            weights[k] += weights[gone] * moves[gone, k]
        changed = {}
        for j in left:
            for k in left - {j}:
                stay = 1 - moves[j, gone] * moves[gone, j]
                through = moves[j, k] + moves[j, gone] * moves[gone, k]
                changed[j, k] = through / stay if stay > 0 else 0.0
        moves.update(changed)
    return {k: weights[k] for k in left}
