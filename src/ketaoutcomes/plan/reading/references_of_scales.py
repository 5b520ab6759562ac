"""Cuts and utilities of a plan that go against their scale's direction, or beyond its end."""

from collections.abc import Iterator
from itertools import pairwise

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.cuts import Cut
from ketaoutcomes.plan.endpoints import (
    Endpoint,
    EndpointOfCriteria,
    EndpointOfScale,
    RelapseEndpoint,
    RemissionEndpoint,
    ScoreCriterion,
)
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.value import ValueEndpoint
from ketaoutcomes.scales import SCALES, Scale

WAYS = ("measured_utility", "state_utility", "success")
"""What an endpoint of costs and effects may count as its effect, each with a scale."""


def in_scales(plan: AnalysisPlan, path: Path, endpoint: Endpoint) -> Iterator[Dangling]:
    """Scales that the plan does not define, and cuts and utilities that do not fit theirs."""
    known = (*plan.scales, *SCALES)
    for scale_path, scale in _scales_of(endpoint):
        yield from named((*path, *scale_path), scale, "a scale", known)
    for cut_path, name, cut, wanted in _cuts_of(endpoint):
        if name in known:
            at: Path = (*path, *cut_path, cut.cut_key)
            yield from _beyond_scale(at, plan.scale(name), cut)
            yield from _against(at, plan.scale(name), cut, wanted)
    if isinstance(endpoint, ValueEndpoint) and endpoint.scale in known:
        yield from _in_value(path, endpoint, plan.scale(endpoint.scale))


def _scales_of(endpoint: Endpoint) -> Iterator[tuple[Path, str]]:
    if isinstance(endpoint, EndpointOfCriteria):
        for index, criterion in enumerate(endpoint.any_of):
            if isinstance(criterion, ScoreCriterion):
                yield ("any_of", index, "scale"), criterion.scale
    elif isinstance(endpoint, EndpointOfScale):
        yield ("scale",), endpoint.scale
    elif isinstance(endpoint, ValueEndpoint):
        way = next(key for key in WAYS if getattr(endpoint, key) is not None)
        yield (way, "scale"), endpoint.scale


def _cuts_of(endpoint: Endpoint) -> Iterator[tuple[Path, str, Cut, str]]:
    """Where a cut stands, its scale, the cut, and what it tells: "" where either side is meant."""
    if isinstance(endpoint, EndpointOfCriteria):
        relapse = isinstance(endpoint, RelapseEndpoint) and endpoint.event_is == "unwanted"
        wanted = "relapse" if relapse else ""
        for index, criterion in enumerate(endpoint.any_of):
            if isinstance(criterion, ScoreCriterion):
                yield ("any_of", index), criterion.scale, criterion, wanted
    elif isinstance(endpoint, RemissionEndpoint):
        yield (), endpoint.scale, endpoint, "remission"
    elif isinstance(endpoint, ValueEndpoint) and endpoint.success is not None:
        yield ("success",), endpoint.success.scale, endpoint.success, "success"


def _beyond_scale(path: Path, scale: Scale, cut: Cut) -> Iterator[Dangling]:
    """A cut that no score of the scale can cross."""
    if not scale.low <= cut.cut <= scale.high:
        yield Dangling(
            path,
            "",
            f"a {scale.name} score from {scale.low:g} to {scale.high:g}",
            f"{cut.cut:g}",
            remedy="mend the cut, or the scale",
        )


def _against(path: Path, scale: Scale, cut: Cut, wanted: str) -> Iterator[Dangling]:
    """A remission or success on the worse side of its cut, or a relapse on the better one."""
    if not wanted or cut.counts_improvement(scale.better) == (wanted != "relapse"):
        return
    right = "at_least" if cut.cut_key == "at_most" else "at_most"
    yield Dangling(
        path,
        "",
        f"`{right}`: {scale.better} {scale.name} scores are better, so that a {wanted} is a score "
        f"at or {'above' if right == 'at_least' else 'below'} the cut",
        f"`{cut.cut_key}: {cut.cut:g}`",
        remedy=f"write `{right}: {cut.cut:g}`, or correct `better` of the scale",
    )


def _in_value(path: Path, endpoint: ValueEndpoint, scale: Scale) -> Iterator[Dangling]:
    """A utility that is no utility, or states whose utilities run against the scale."""
    if endpoint.measured_utility is not None and scale.better == "lower":
        yield Dangling(
            (*path, "measured_utility", "scale"),
            "",
            "a utility index, of which higher values are better",
            f"`{scale.name}`, of which lower values are better",
            remedy="name a utility index such as `EQ-5D`, or use `state_utility`",
        )
    if endpoint.state_utility is None:
        return
    steps = [b.utility - a.utility for a, b in pairwise(endpoint.state_utility.states)]
    towards = 1.0 if scale.better == "higher" else -1.0
    if all(towards * step < 0 for step in steps):
        course = "fall" if scale.better == "lower" else "rise"
        yield Dangling(
            (*path, "state_utility", "states"),
            "",
            f"utilities that {course} with the score, as {scale.better} {scale.name} scores are "
            "better",
            f"utilities that {'rise' if course == 'fall' else 'fall'} with it throughout",
            remedy="correct the utilities, or `better` of the scale",
        )
