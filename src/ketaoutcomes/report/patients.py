"""The summary for patients: natural frequencies, short sentences, and what is not known.

Numbers of people are told out of 100 in each group, with the same denominator (Gigerenzer et al.
2007, Psychol Sci Public Interest 8:53-96).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ketaoutcomes.describe.safety.adverse_events import ANY, DEATHS
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan.endpoints import RemissionEndpoint, ResponseEndpoint
from ketaoutcomes.report.abstract import phases_used
from ketaoutcomes.report.answer_words import deaths_not_serious, overview_count
from ketaoutcomes.report.blocks import Abstract, Statement
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_title,
    event_word,
    lowered,
    scale_of,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    MONEY,
    count,
    count_of,
    decimals_of,
    decimals_of_all,
    estimate,
    exact,
    is_hidden,
    is_round,
    number,
    reads_as_zero,
)
from ketaoutcomes.results import Result
from ketaoutcomes.scales import POINTS

LEAST_ROUNDED: Final = 0.5
"""Of 100; what is rounded to none would read as nobody."""

SHARES: Final = ("risk difference", "proportion")
"""Main results that are a share of people, or a difference of two."""

RATIOS_OF_SHARES: Final = ("risk ratio", "odds ratio")
"""Main results that are a ratio, and are of people all the same."""

PAIRED: Final = "paired difference"
"""The main result where scores of the same people are compared at two visits."""
SCORES: Final = ("mean at the first visit", "mean at the visit")

THROUGH: Final = "natural indirect effect"
"""The main result that is a part of a difference, and not the whole."""

WITHIN: Final = "paired risk difference"
"""The main result where shares of the same people are compared at two visits."""
SIDES: Final = ("proportion at the first visit", "proportion at the visit")

HARMS: Final = {ANY: "had an unwanted effect", "serious": "had a serious one"}
"""Rows of the overview of adverse events, in a patient's words."""

COUNTED: Final = ("more", "fewer")
MEASURED: Final = ("higher", "lower")
"""Which way a gap goes: of people or days, and of a score."""

UNTIL: Final = re.compile(r"\bto day (\d+(?:\.\d+)?)")
"""Where the method of a restricted mean says up to which day it counts."""

CHANGES: Final = ("LS mean", PAIRED)
"""The main results of one arm that are a change."""

MOST_RESULTS = 4
"""Results that a patient is told of: the first ones, primary before secondary."""


def in_plain_language(material: Material, found: Mapping[str, Result]) -> Abstract:
    """What was done and found, for patients.

    Parameters
    ----------
    material : Material
    found : mapping of str to Result
        The primary and secondary analyses that have a main result, and that result.
    """
    chosen, told = _chosen(material, found), tuple(_people(material, found))
    results: list[tuple[Statement, ...]] = []
    known: list[str] = []
    for name, row in chosen:
        results.append(tuple(_told(material, name, row, known)))
        known += [scale for scale in [_scale_shown(material, name, row)] if scale]
    parts = (told, *results, tuple(dict.fromkeys(_harms(material, found))))
    return Abstract(
        "In plain language", tuple(("", part) for part in parts if part), "plain-language"
    )


def _chosen(material: Material, found: Mapping[str, Result]) -> list[tuple[str, Result]]:
    """One result for each outcome; of two about one outcome the first."""
    by_outcome: dict[tuple[str, str], tuple[str, Result]] = {}
    for name, row in found.items():
        by_outcome.setdefault((material.estimand(name).endpoint, row.visit), (name, row))
    return list(by_outcome.values())[:MOST_RESULTS]


def _people(material: Material, found: Mapping[str, Result]) -> Iterator[Statement]:
    """Who took part, and that nobody did where the participants are simulated."""
    phases = phases_used(material, found)
    rows = material.results.select(table="dst01", statistic="assigned", phase=phases[0])
    if material.provenance.synthetic:
        yield Statement(
            "These people are not real. A computer made them up to test the plan of a study. "
            "They were not treated. So this does not show that a treatment works."
        )
        verb = "were in the made-up study"
    else:
        verb = "took part"
    if rows and not any(is_hidden(row, "n") for row in rows):
        about = "about " if any(is_round(row) for row in rows) else ""
        whole = sum(row.n or 0 for row in rows)
        people = f"{about}{count(round(whole, -1) if about else whole)}"
        yield Statement(f"In all, {people} people {verb}.", tuple(row.id for row in rows))


def _told(material: Material, name: str, row: Result, known: Sequence[str]) -> Iterator[Statement]:
    """One result: in people out of 100 where it can be, else in the numbers of its scale."""
    times = _without_event(material, name, row)
    if row.statistic in SHARES or (
        row.statistic in RATIOS_OF_SHARES and _arm_shares(material, name, row)
    ):
        yield from _shares(material, name, row)
    elif row.statistic == WITHIN:
        yield from _before_and_after(material, name, row)
    elif times:
        yield from _times(material, name, row, times)
    elif _scale_shown(material, name, row):
        yield from _scores(material, name, row, known)
    else:
        yield from _others(material, name, row)


def _scale_shown(material: Material, name: str, row: Result) -> str:
    """The scale of a result in points of it; "" for one in people, days, money or a ratio."""
    scale = scale_of(material.plan, material.estimand(name).endpoint)
    in_points = scale is not None and row.unit == material.plan.scale(scale).unit
    return scale if scale is not None and in_points else ""


def _before_and_after(material: Material, name: str, row: Result) -> Iterator[Statement]:
    """Of 100 people, how many at each of two visits; and how far the change may be otherwise."""
    here = material.results.select(table=row.table, analysis=name)
    first = material.plan.phases[row.phase].baseline_visit
    did = _did(material, name)
    for statistic, visit in zip(SIDES, (first, row.visit), strict=True):
        side = next((r for r in here if (r.statistic, r.visit) == (statistic, row.visit)), None)
        if side is not None and side.estimate is not None:
            people = "Think of 100 people. Of these" if visit == first else "Of the same 100 people"
            yield Statement(f"{people}, {_of_hundred(side.estimate)} {did} at {visit}.", (side.id,))
    if row.conf_low is None or row.conf_high is None:
        yield Statement("We cannot say how sure this is.")
        return
    if row.includes_no_effect:
        yield Statement("There was no clear change.", (row.id,))
    yield Statement(f"{_likely_gain(row, row.conf_low, row.conf_high)} of 100 people.", (row.id,))


def _likely_gain(row: Result, low: float, high: float) -> str:
    """Between what the true change of a share is likely to lie."""
    more, fewer = COUNTED
    if low < 0 < high:
        down, up = _bound(row, -low, 100), _bound(row, high, 100)
        return f"The true change may be from {down} {fewer} to {up} {more}"
    near, far = sorted((abs(low), abs(high)))
    way = fewer if high <= 0 else more
    between = f"{_bound(row, near, 100)} and {_bound(row, far, 100)} {way}"
    return f"The true change is likely to lie between {between}"


def _of_hundred(part: float | None) -> str:
    """A share of people, as a number out of 100."""
    hundred = 100 * (part or 0)
    if not hundred:
        return "none"
    if 0 < hundred < LEAST_ROUNDED:
        return "fewer than 1"
    return f"about {number(hundred, 0)}"


def _group(material: Material, row: Result, arm: str) -> str:
    return f"“{arm_label(material.plan, row.phase, arm)}”"


def _did(material: Material, name: str) -> str:
    """What people did who had the outcome."""
    endpoint = material.estimand(name).endpoint
    if getattr(material.plan.endpoints[endpoint], "label", None) is not None:
        return f"had this: {lowered(endpoint_title(material.plan, endpoint))}"
    match material.plan.endpoints[endpoint]:
        case ResponseEndpoint():
            return "got much better (a response)"
        case RemissionEndpoint():
            return "had few signs of illness left (remission)"
        case _:
            word = event_word(material.plan, endpoint)
            said = endpoint_title(material.plan, endpoint) if word == "event" else word
            return f"had this: {lowered(said)}"


def _when(row: Result) -> str:
    """At which visit the result is."""
    return f" at {row.visit}" if row.visit else ""


def _arm_shares(material: Material, name: str, row: Result) -> list[tuple[str, Result]]:
    """The share of each arm, where the results have it; of one arm the result itself."""
    share = model_of(material.plan.analyses[name]).share
    arms = material.estimand(name).treatment.arms
    own = [(arm, material.of_arm(name, share, arm, row.visit) or row) for arm in arms]
    return [
        (arm, one)
        for arm, one in own
        if one.estimate is not None and (len(arms) == 1 or one is not row)
    ]


def _shares(material: Material, name: str, row: Result) -> Iterator[Statement]:
    """Of 100 people in each arm, how many; and how far the difference may be otherwise."""
    did = _did(material, name) + _when(row)
    for place, (arm, one) in enumerate(_arm_shares(material, name, row)):
        group = _group(material, row, arm)
        if place == 0:
            yield Statement(
                f"Think of 100 people in the group {group}. Of these, {_of_hundred(one.estimate)} "
                f"{did}.",
                (one.id,),
            )
        else:
            yield Statement(
                f"Of 100 in the group {group}, this was so for {_of_hundred(one.estimate)}.",
                (one.id,),
            )
    if row.is_ratio:
        yield from _range(row, "", COUNTED)
    else:
        yield from _range(row, "of 100", COUNTED, 100)


def _without_event(material: Material, name: str, main: Result) -> list[Result]:
    """For each arm the share without the event at the last day that fits the main result.

    A restricted mean ends on a day, and what came later is no part of it. Of days with and without
    limits those with limits are taken, and none so late that few of an arm are still followed
    (Pocock, Clayton & Altman 2002, Lancet 359:1686-1689).
    """
    arms = material.estimand(name).treatment.arms
    table = model_of(material.plan.analyses[name]).event_free
    rows = material.results.select(table=table, analysis=name, statistic="survival")
    own = [[r for r in rows if r.arm == arm and r.estimate is not None] for arm in arms]
    days = [dict.fromkeys(row.group for row in of_arm) for of_arm in own]
    shared = [day for day in days[0] if all(day in others for others in days)] if days else []
    last = _last_day(main)
    shared = [day for day in shared if _day(day) <= last] or shared
    known = [row for of_arm in own for row in of_arm]
    unsure = {row.group for row in known if row.conf_low is None or row.conf_high is None}
    shared = [day for day in shared if day not in unsure] or shared
    late = {day for of_arm in own for day in _with_few_at_risk(of_arm)}
    shared = [day for day in shared if day not in late] or shared
    if not shared:
        return []
    return [row for of_arm in own for row in of_arm if row.group == shared[-1]]


FEW: Final = 0.1
"""The share of an arm at risk under which the end of a curve says little."""


def _with_few_at_risk(rows: Sequence[Result]) -> Iterator[str]:
    """The days at which few of those at risk on the first day are left; `n` counts them."""
    most = max((row.n or 0 for row in rows), default=0)
    yield from (row.group for row in rows if row.n is not None and row.n < FEW * most)


def _last_day(main: Result) -> float:
    """The day up to which a restricted mean counts, as its method says; else no end."""
    found = UNTIL.search(main.method)
    return float(found[1]) if found else math.inf


def _day(group: str) -> float:
    """`day 112` as a number; what is no day comes first."""
    found = re.fullmatch(r"day (\d+(?:\.\d+)?)", group)
    return float(found[1]) if found else 0.0


def _times(
    material: Material, name: str, row: Result, without: list[Result]
) -> Iterator[Statement]:
    """Of 100 people, how many were without the event by a day; then the doubt."""
    event = event_word(material.plan, material.estimand(name).endpoint)
    yield Statement(f"We looked at how long it took until this happened: {event}.")
    for place, one in enumerate(without):
        group = _group(material, row, one.arm)
        share = _of_hundred(one.estimate)
        if place == 0:
            words = f"Of 100 people in the group {group}, {share} had not had it by {one.group}."
        else:
            words = f"Of 100 in the group {group}, it was {share}."
        yield Statement(words, (one.id,))
    if len(without) > 1:
        difference = next(
            iter(
                material.results.select(
                    analysis=name,
                    statistic="difference in survival",
                    arm=without[0].arm,
                    group=without[0].group,
                )
            ),
            None,
        )
        if difference is not None:
            yield from _range(difference, "of 100", COUNTED, 100)
        else:
            yield from _range(row, f"{row.unit} without it" if row.unit else "", COUNTED)
    elif without:
        yield from _range(without[0], "of 100", COUNTED, 100)


def _scores(
    material: Material, name: str, row: Result, known: Sequence[str]
) -> Iterator[Statement]:
    """The mean of each arm in points of its scale, what the scale means, and the doubt.

    `known` are the scales that were explained before.
    """
    scale = _scale_shown(material, name, row)
    if scale not in known:
        yield from _scale_explained(material, scale, known)
    if row.statistic == PAIRED:
        yield from _pairs(material, name, row)
        return
    if row.statistic == THROUGH:
        yield Statement(
            "The numbers that follow are of a part of the gap between the groups: the part that "
            "may come about through another measure."
        )
    means = [
        one
        for arm in material.estimand(name).treatment.arms
        if (one := material.of_arm(name, "LS mean", arm, row.visit)) is not None
        and one.estimate is not None
    ]
    changes = not _as_it_is(material)
    start = f"{'From the start to' if changes else 'At'} {row.visit}, " if row.visit else ""
    what = f"the {scale}" if scale in known else "it"
    decimals = max(decimals_of_all(means), decimals_of(row))
    for place, one in enumerate(means):
        group = _group(material, row, one.arm)
        moved = _moved(one, decimals) if changes else f"was {number(one.estimate, decimals)}"
        if place == 0:
            words = f"{start}{what} {moved} on average in the group {group}."
            yield Statement(words[:1].upper() + words[1:], (one.id,))
        else:
            yield Statement(f"In the group {group} it {moved}.", (one.id,))
    yield from _range(row, row.unit, MEASURED)


def _pairs(material: Material, name: str, row: Result) -> Iterator[Statement]:
    """The mean of the same people at two visits, and between what the change is likely to lie."""
    here = material.results.select(table=row.table, analysis=name, visit=row.visit)
    first = material.plan.phases[row.phase].baseline_visit
    for statistic, visit in zip(SCORES, (first, row.visit), strict=True):
        mean = next((one for one in here if one.statistic == statistic), None)
        if mean is not None and mean.estimate is not None:
            at = number(mean.estimate, decimals_of(row))
            yield Statement(f"At {visit} it was {at} on average.", (mean.id,))
    if row.includes_no_effect:
        yield Statement("There was no clear change.", (row.id,))
    yield from _range(row, row.unit, MEASURED)


def _scale_explained(material: Material, scale: str, known: Sequence[str]) -> Iterator[Statement]:
    """What a score is, which way is better, and what change matters."""
    of_scale = material.plan.scale(scale)
    another = "Another" if known else "One"
    if of_scale.unit == POINTS:
        yield Statement(
            f"{another} test gives a score, the {scale}. It runs from {exact(of_scale.low)} to "
            f"{exact(of_scale.high)}. A {of_scale.better} score is better."
        )
    else:
        yield Statement(
            f"{another} number that was measured is {scale}, in {of_scale.unit}. "
            f"A {of_scale.better} number is better."
        )
    if of_scale.matters is not None:
        yield Statement(f"A change that may matter to people is {of_scale.matters.words}.")


def _moved(mean: Result, decimals: int) -> str:
    """How far a mean score fell or rose."""
    change = mean.estimate or 0
    if reads_as_zero(change, decimals):
        return "stayed about the same"
    return f"{'fell' if change < 0 else 'rose'} by {number(abs(change), decimals)}"


def _others(material: Material, name: str, row: Result) -> Iterator[Statement]:
    """A result that is neither people out of 100 nor points of a scale."""
    endpoint = material.estimand(name).endpoint
    event, times = event_word(material.plan, endpoint), f"{estimate(row)} times"
    first, second = (_group(material, row, arm) for arm in (row.arm, row.reference or row.arm))
    said = {
        "hazard ratio": f"Among people still without it, it came about {times} as often in the "
        "first group.",
        "rate ratio": f"It came about {times} as often in the first group.",
        "time ratio": f"Until then it took about {times} as long in the first group.",
    }
    if MONEY in row.statistic:
        yield Statement(
            "The health that people gained was given a price, and the extra costs were taken off. "
            f"For each person this {_left(row)}.",
            (row.id,),
        )
    elif row.statistic in said:
        asked = "how often" if row.statistic == "rate ratio" else "how long it took until"
        yield Statement(f"We looked at {asked} this happened: {event}.")
        yield Statement(f"We compared the group {first} with the group {second}.")
        yield Statement(said[row.statistic], (row.id,))
    else:
        title = lowered(endpoint_title(material.plan, endpoint))
        yield Statement(f"We looked at this: {title}{_when(row)}.")
        yield Statement(f"The main number ({row.statistic}) was {estimate(row)}.", (row.id,))
    yield from _range(row, row.unit, MEASURED)


def _left(row: Result) -> str:
    """What was left of a gain after the costs; a loss is named as one."""
    amount = f"{estimate(replace(row, estimate=abs(row.estimate or 0)))} {row.unit}"
    return f"{'was a loss of' if (row.estimate or 0) < 0 else 'left'} {amount}"


def _as_it_is(material: Material) -> bool:
    """Whether scores are changes already, which the plan tells by a baseline of nought."""
    return material.plan.data.baseline_score == 0


def _range(row: Result, unit: str, ways: tuple[str, str], factor: float = 1) -> Iterator[Statement]:
    """Between what the true number is likely to lie, and whether there is a clear difference."""
    if row.conf_low is None or row.conf_high is None:
        yield Statement("We cannot say how sure this is.")
        return
    if row.reference and row.includes_no_effect:
        yield Statement("There was no clear difference.", (row.id,))
    yield Statement(f"{_likely(row, unit, ways, factor)}.", (row.id,))


def _likely(row: Result, unit: str, ways: tuple[str, str], factor: float) -> str:
    """Between what the true number is likely to lie; of a difference, and which way."""
    low, high = row.conf_low or 0.0, row.conf_high or 0.0
    more, less = ways
    of = f" {unit}" if unit else ""
    if not row.reference and row.statistic in CHANGES and factor == 1:
        return _likely_change(row, low, high, of)
    if not row.reference or row.is_ratio:
        what = "ratio (1 means no gap)" if row.is_ratio else "number"
        between = f"{_bound(row, low, factor)} and {_bound(row, high, factor)}{of}"
        return f"The true {what} is likely to lie between {between}"
    if low < 0 < high:
        down, up = _bound(row, -low, factor), _bound(row, high, factor)
        if ways is MEASURED:
            return f"The true gap may be from {down}{of} {less} to {up}{of} {more}"
        return f"The true gap may be from {down} {less} to {up} {more}{of}"
    near, far = sorted((abs(low), abs(high)))
    way = less if high <= 0 else more
    between = f"{_bound(row, near, factor)} and {_bound(row, far, factor)}{of}"
    if row.statistic == THROUGH:
        return f"The true part is likely to lie between {between} ({way} in the first group)"
    return f"The true gap is likely to lie between {between} ({way} in the first group)"


def _likely_change(row: Result, low: float, high: float, of: str) -> str:
    """Between what the true change of one arm is likely to lie."""
    if low < 0 < high:
        down, up = _bound(row, -low, 1), _bound(row, high, 1)
        return f"The true change may be from a fall of {down} to a rise of {up}{of}"
    near, far = sorted((abs(low), abs(high)))
    way = "fall" if high <= 0 else "rise"
    between = f"{_bound(row, near, 1)} and {_bound(row, far, 1)}{of}"
    return f"The true {way} is likely to lie between {between}"


def _bound(row: Result, bound: float, factor: float) -> str:
    """A limit as a whole number of 100 people, or with the decimals of its result.

    One that is not 0, and would be written as such, is said to be near it.
    """
    size, decimals = factor * bound, 0 if factor != 1 else decimals_of(row)
    return "nearly 0" if size and reads_as_zero(size, decimals) else number(size, decimals)


def _harms(material: Material, found: Mapping[str, Result]) -> Iterator[Statement]:
    """Of 100 people in each arm, how many had an adverse event, and a serious one; who died."""
    phases = [
        phase
        for phase in phases_used(material, found)
        if material.results.select(table="aet01", phase=phase)
    ]
    for phase in phases:
        if len(phases) > 1:
            label = material.plan.phases[phase].label
            yield Statement(f"Now to the part “{label}”.")
        for arm in arms_of(material.plan, phase):
            yield from _deaths(material, phase, arm)
            for group, did in HARMS.items():
                yield from _harm(material, phase, arm, group, did)


def _deaths(material: Material, phase: str, arm: str) -> Iterator[Statement]:
    """How many died in an arm; that a serious event is not marked for all of them.

    A simulation without deaths tells nothing of them.
    """
    died = overview_count(material, phase, arm, DEATHS)
    if died is None or (material.provenance.synthetic and not died.estimate):
        return
    group = _group(material, died, arm)
    if is_hidden(died):
        yield Statement(f"The number who died in the group {group} is not shown.", (died.id,))
        return
    words = f"In the group {group}, {_number_of_people(died)} died."
    if deaths_not_serious(material, phase, arm):
        words += " The data do not mark every death as serious."
    yield Statement(words, (died.id,))


def _number_of_people(row: Result) -> str:
    """A number of people: none, 1 person, 2 people."""
    if row.estimate == 0:
        return "none"
    return f"{count_of(row, 'estimate')} {'person' if row.estimate == 1 else 'people'}"


def _harm(material: Material, phase: str, arm: str, group: str, did: str) -> Iterator[Statement]:
    rows = material.results.select(
        table="aet01", phase=phase, arm=arm, group=group, statistic="proportion", reference=""
    )
    if not rows:
        return
    row = rows[0]
    if row.estimate is None:
        yield Statement("Some counts are too small to show.", (row.id,))
    elif group == ANY:
        words = (
            f"Of 100 in the group {_group(material, row, arm)}, {_of_hundred(row.estimate)} {did}."
        )
        yield Statement(words, (row.id,))
    elif deaths_not_serious(material, phase, arm):
        words = f"The data mark {_of_hundred(row.estimate)} of these 100 with a serious one."
        yield Statement(words, (row.id,))
    else:
        yield Statement(f"Of these 100, {_of_hundred(row.estimate)} {did}.", (row.id,))
