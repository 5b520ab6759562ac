"""Adjusted p-values by a second program: closed testing by hand, draws from the joint t.

Closed testing: a hypothesis is rejected if every intersection that holds it is, so its adjusted
p-value is the largest of theirs (Marcus, Peritz & Gabriel 1976, Biometrika 63:655-660).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_SUM, Check, Second, checks_of, program_of
from ketaoutcomes.second.joint_tests import JOINT, largest_of

TABLE = "multt01"
MOST = 12
"""Hypotheses of a family up to which every intersection is tested."""
LocalTest = Callable[[Sequence[int]], float]


def check_multiplicity(
    plan: AnalysisPlan, endpoints: Mapping[str, EndpointData], results: tuple[Result, ...]
) -> tuple[Check, ...]:
    """The adjusted p-values of every family whose procedure has a second route.

    Parameters
    ----------
    endpoints : mapping
        By analysis; Dunnett's procedures need the correlations of its estimates.
    """
    return tuple(
        check
        for name, family in plan.multiplicity.items()
        if len(family.hypotheses) <= MOST
        for check in _family(plan, name, family, endpoints, results)
    )


def _family(
    plan: AnalysisPlan,
    name: str,
    family: HypothesisFamily,
    endpoints: Mapping[str, EndpointData],
    results: tuple[Result, ...],
) -> list[Check]:
    of_key = {
        (row.group, row.statistic): row
        for row in results
        if row.table == TABLE and row.group.startswith(f"{name} ")
    }
    plain = [of_key.get((f"{name} {key}", "unadjusted p")) for key in family.hypotheses]
    p = [1.0 if row is None or row.p_value is None else row.p_value for row in plain]
    adjusted, program = closed_testing(len(p), local_test(family, p)), "closed testing by hand"
    if family.method.startswith("dunnett"):
        joint = _joint_test(plan, endpoints, [row for row in plain if row is not None], results)
        if joint is None:
            return []
        # a single step tests every hypothesis as if it were of the whole family
        adjusted = (
            [joint(range(len(p)), k) for k in range(len(p))]
            if family.method == "dunnett"
            else closed_testing(len(p), lambda members: min(joint(members, k) for k in members))
        )
        program = "closed testing by hand; draws from the joint t"
    return [
        check
        for key, value in zip(family.hypotheses, adjusted, strict=True)
        if (row := of_key.get((f"{name} {key}", "adjusted p"))) is not None
        for check in checks_of(row, _second(family, program, value))
    ]


def _second(family: HypothesisFamily, program: str, p: float) -> Second:
    tolerance = JOINT if family.method.startswith("dunnett") else SAME_SUM
    return Second(program=program_of("scipy", program), tolerance=tolerance, p_value=p)


JointTest = Callable[[Sequence[int], int], float]
"""The p-value of one hypothesis among some of a family, all with one joint distribution."""


def _joint_test(
    plan: AnalysisPlan,
    endpoints: Mapping[str, EndpointData],
    tested: Sequence[Result],
    results: tuple[Result, ...],
) -> JointTest | None:
    """By the correlations of the estimates; None where these have no second route."""
    if not tested or any(row.test_statistic is None for row in tested):
        return None
    analysis = plan.analyses[tested[0].analysis]
    correlation_of = model_of(analysis).second_correlation
    if correlation_of is None or tested[0].analysis not in endpoints:
        return None
    own = tuple(next(r for r in results if _same(r, row)) for row in tested)
    correlation = correlation_of(analysis, endpoints[tested[0].analysis], own)
    if correlation is None:
        return None
    t = [row.test_statistic or 0.0 for row in tested]
    df = min(row.df if row.df is not None else float("inf") for row in tested)

    def test(members: Sequence[int], one: int) -> float:
        among = list(members)
        return largest_of(t[one], correlation[among][:, among], df)

    return test


def _same(row: Result, tested: Result) -> bool:
    """Whether a result is the one whose p-value a hypothesis has."""
    own, there = (
        (one.analysis, one.visit, one.arm, one.reference, one.estimate, one.p_value)
        for one in (row, tested)
    )
    return own == there and row.table != TABLE and bool(row.method)


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
