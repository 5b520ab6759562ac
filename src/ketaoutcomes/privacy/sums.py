"""How the counts of the results add up, as any reader knows."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import families, hiding_of
from ketaoutcomes.privacy.counts import (
    ASSESSED,
    DID_NOT_ENTER,
    ENTERED,
    MISSING,
    NOT_ENROLLED,
    RATE,
    RECEIVED,
    SEQUENCES,
    STOPPED,
    Cells,
    Key,
)
from ketaoutcomes.results import Result

EVENTS, LEVELS_OF_EVENTS = ("aet01", "aet02"), ("aet05", "aet06")
SHIFTS, LIMITS = ("lbt01", "lbt02"), "lbt03"
SAME_AS = {"any adverse event: severe": "severe", "any adverse event: related": "related"}
"""Levels that the overview counts, too, under another name."""

Groups = dict[Key, list[int]]


def add_sums(cells: Cells, records: tuple[ModelRecord, ...]) -> None:
    """Note every sum in the book of the cells."""
    _flow(cells)
    _populations(cells)
    _same_endpoint(cells)
    _pairs_of_arms(cells)
    _parts_of_whole(cells)
    _events(cells)
    _kinds_of_event(cells)
    _events_of_one_endpoint(cells)
    _classes_and_terms(cells)
    _levels_of_events(cells)
    _shifts(cells)
    _limits(cells)
    _over_arms(cells)
    _observed(cells)
    _patterns(cells)
    for family in families():
        if family.sums is not None:
            family.sums(cells)
    for record in records:
        hiding = hiding_of(record)
        if hiding is not None and hiding.counts is not None:
            hiding.counts(cells, record)


def _flow(cells: Cells) -> None:
    """Assigned = completed + left, in each arm."""
    flow = list(cells.of_field("n", flow=True))
    assigned: Groups = {
        (row.phase, row.arm): [cell] for row, cell, _ in flow if row.statistic == "assigned"
    }
    ended: Groups = defaultdict(list)
    for row, cell, _ in flow:
        if row.statistic in {"completed", "left"}:
            ended[row.phase, row.arm].append(cell)
    for key, parts in ended.items():
        cells.book.total(assigned.get(key, []), parts)
    _entered_later(cells, flow, assigned)
    _treated(cells, flow, assigned)
    _screened(cells, flow, assigned)
    _sequences(cells, flow)
    _analysed(cells, flow, assigned)


def _treated(cells: Cells, flow: list[tuple[Result, int, int]], assigned: Groups) -> None:
    """Those who received treatment, and those who stopped it, are some of those assigned."""
    stopped: Groups = defaultdict(list)
    for row, cell, _ in flow:
        if row.statistic == RECEIVED:
            cells.book.total(assigned.get((row.phase, row.arm), []), [cell])
        if row.statistic == STOPPED:
            stopped[row.phase, row.arm].append(cell)
    for key, parts in stopped.items():
        cells.book.total(assigned.get(key, []), parts)


def _screened(cells: Cells, flow: list[tuple[Result, int, int]], assigned: Groups) -> None:
    """Assessed = not enrolled + assigned in the first phase, over its arms."""
    whole = {row.phase: cell for row, cell, _ in flow if row.statistic == ASSESSED}
    for phase, cell in whole.items():
        parts = [c for r, c, _ in flow if r.statistic == NOT_ENROLLED and r.phase == phase]
        entered = [c for key, of_arm in assigned.items() if key[0] == phase for c in of_arm]
        cells.book.total([cell], [*parts, *entered])


def _sequences(cells: Cells, flow: list[tuple[Result, int, int]]) -> None:
    """Participants on a treatment in a period are those of all sequences that have it there."""
    of_period = {(r.statistic, r.phase, r.arm, r.group): cell for r, cell, _ in flow}
    parts: Groups = defaultdict(list)
    rows = [(row, cell) for row, cell, _ in cells.of_field("n") if row.table == SEQUENCES]
    for row, cell in rows:
        reason = row.group.partition(": ")[2]
        parts[row.statistic, row.phase, row.arm, reason].append(cell)
    for key, of_sequences in parts.items():
        if key in of_period:
            cells.book.total([of_period[key]], of_sequences)
    _within_sequences(cells, rows)


def _within_sequences(cells: Cells, rows: list[tuple[Result, int]]) -> None:
    """In each period of a sequence, assigned = completed + left; some of them are analysed."""
    assigned = {(r.phase, r.group): [cell] for r, cell in rows if r.statistic == "assigned"}
    ended: Groups = defaultdict(list)
    for row, cell in rows:
        where = (row.phase, row.group.partition(": ")[0])
        if row.statistic == "analysed":
            cells.book.total(assigned.get(where, []), [cell])
        elif row.statistic != "assigned":
            ended[where].append(cell)
    for key, parts in ended.items():
        cells.book.total(assigned.get((key[0], key[1]), []), parts)
    by_period: dict[str, list[int]] = defaultdict(list)
    for (_, sequence), one in assigned.items():
        by_period[sequence] += one
    for periods in by_period.values():
        for before, after in pairwise(periods):  # those who did not enter the next are few
            cells.book.total([before], [after])


def _entered_later(cells: Cells, flow: list[tuple[Result, int, int]], assigned: Groups) -> None:
    """Those who went on are some of an arm, and together all or some of the later phase."""
    entered: Groups = defaultdict(list)
    completed = {(r.phase, r.arm): cell for r, cell, _ in flow if r.statistic == "completed"}
    stayed_out = {(r.phase, r.arm): cell for r, cell, _ in flow if r.statistic == DID_NOT_ENTER}
    for key, cell in stayed_out.items():
        cells.book.total([completed[key]], [cell])
    for row, cell, _ in flow:
        if row.statistic == ENTERED:
            if (row.phase, row.arm) in stayed_out:
                out = stayed_out[row.phase, row.arm]
                cells.book.total(assigned.get((row.phase, row.arm), []), [cell, out])
            cells.book.total(assigned.get((row.phase, row.arm), []), [cell])
            if (row.phase, row.arm) in completed:
                cells.book.apart(completed[row.phase, row.arm], cell)
            entered[(row.group,)].append(cell)
    for (later,), parts in entered.items():
        whole = [
            cell for (phase, _), of_arm in assigned.items() if phase == later for cell in of_arm
        ]
        cells.book.total(whole, parts)


def _analysed(cells: Cells, flow: list[tuple[Result, int, int]], assigned: Groups) -> None:
    """Assigned = analysed + excluded, over the arms; in each arm, analysed and the rest.

    All who were excluded, for whatever reason, are a count by themselves.
    """
    analysed: Groups = defaultdict(list)
    included: Groups = defaultdict(list)
    totals: Groups = defaultdict(list)
    for row, cell, _ in flow:
        key = (row.phase, row.analysis)
        if row.statistic == "analysed":
            whole = assigned.get((row.phase, row.arm), [])
            cells.book.total(whole, [cell])
            totals[key] += whole
            included[key].append(cell)
        if row.statistic in {"analysed", "excluded"}:
            analysed[key].append(cell)
    for of_arms, parts in analysed.items():
        cells.book.total(totals[of_arms], parts)
        if len(parts) > len(included[of_arms]) + 1:
            cells.book.total(totals[of_arms], included[of_arms])


def _populations(cells: Cells) -> None:
    """Subjects counted anywhere are some of those assigned or analysed in their arms.

    Those that a description counts over all arms are some of all: who is missing is a count, too.
    """
    whole: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row, cell, _ in cells.of_field("n", flow=True):
        if row.statistic in {"assigned", "analysed"}:
            whole[row.analysis, row.phase][row.arm] = cell
    for row, cell, _ in cells.of_field("n"):
        of_arm = whole[row.analysis, row.phase]
        arms = [arm for arm in (row.arm, row.reference) if arm]
        if not arms and not row.analysis:  # in an analysis of periods each stands in several arms
            arms = [*of_arm]
        totals = _known(of_arm.get(arm) for arm in arms)
        everybody = sum(map(cells.book.count_of, totals)) == cells.book.count_of(cell)
        if totals and (row.arm or not everybody):  # all of all arms are added up elsewhere
            cells.book.total(totals, [cell])


def _same_endpoint(cells: Cells) -> None:
    """The missing data of an endpoint are counted among those analysed for it."""
    endpoints = {row.analysis: row.endpoint for row in cells.rows if row.analysis and row.endpoint}
    among = {
        (row.endpoint, row.arm): cell
        for row, cell, _ in cells.of_field("n")
        if row.table == MISSING
    }
    for row, cell, _ in cells.of_field("n", flow=True):
        whole = among.get((endpoints.get(row.analysis, ""), row.arm))
        if row.statistic == "analysed" and whole is not None:
            cells.book.apart(cell, whole)


def _pairs_of_arms(cells: Cells) -> None:
    """A comparison counts the subjects of its two arms, and their events."""
    for field in ("n", "n_events"):
        single: dict[Key, int] = {}
        for row, cell, _ in cells.of_field(field):
            if not row.reference:
                single[_about(row)] = single[(*_about(row), row.group)] = cell
        for row, cell, _ in cells.of_field(field):
            if row.reference:
                of_arms = _known(_single(single, row, arm) for arm in (row.arm, row.reference))
                cells.book.total([cell] if of_arms else [], of_arms)
                for part in of_arms:
                    # of an arm without events, or on the row of an arm although it is of the model
                    if cells.book.count_of(part) == cells.book.count_of(cell):
                        cells.book.total([cell], [part])


def _single(single: dict[Key, int], row: Result, arm: str) -> int | None:
    """The count in an arm: of the row's group, of all, or of whichever group there is."""
    about = _about(row, arm)
    found = (single.get(key) for key in ((*about, row.group), (*about, ""), about))
    return next((cell for cell in found if cell is not None), None)


def _about(row: Result, arm: str | None = None) -> Key:
    return (row.analysis, row.phase, row.visit, row.arm if arm is None else arm)


def _parts_of_whole(cells: Cells) -> None:
    """A count is a part of the subjects it is counted among; levels make up all of them."""
    parts: dict[tuple[Key, int], list[int]] = defaultdict(list)
    for row, cell, place in cells.of_field("n_events"):
        if row.statistic == RATE and (place, "n") in cells.of:
            cells.book.total([cells.of[place, "n"]], [cell])
    for row, cell, place in cells.of_field("estimate"):
        whole = cells.of.get((place, "n"))
        if whole is None:
            continue
        cells.book.total([whole], [cell])
        kind = _kind(row)
        if kind and cell not in parts[(*kind, row.phase, row.endpoint, row.arm), whole]:
            parts[(*kind, row.phase, row.endpoint, row.arm), whole].append(cell)
    for (_, whole), inside in parts.items():
        cells.book.total([whole], inside)


def _kind(row: Result) -> Key:
    """What a count is one of several parts of; nothing where it stands alone."""
    match row.statistic:
        case "count":
            return (row.table, row.group.partition(": ")[0])
        case "pattern":
            return (row.table, "pattern")
        case "events of this kind":
            return (row.table, "kinds")
        case "event by" | "censored":
            return (row.table, "ending")
        case "observed" | "derived" | "missing":
            return (row.table, "visit", row.visit)
    return ()


def _events(cells: Cells) -> None:
    """Subjects of an analysis had the event, by one criterion, or did not."""
    for row, cell, place in cells.of_field("n_events"):
        if row.analysis and (place, "n") in cells.of:
            cells.book.total([cells.of[place, "n"]], [cell])
    by_criterion: dict[int, list[int]] = defaultdict(list)
    for row, cell, place in cells.of_field("estimate"):
        if row.statistic == "event by" and (place, "n_events") in cells.of:
            by_criterion[cells.of[place, "n_events"]].append(cell)
    for whole, parts in by_criterion.items():
        cells.book.total([whole], parts)
    _events_by_criterion(cells)


def _events_by_criterion(cells: Cells) -> None:
    """The events of an arm are those by each criterion, wherever they are counted."""
    events = {
        _about(row): cell
        for row, cell, _ in cells.of_field("estimate")
        if row.statistic == "events" and not row.group
    }
    criteria: dict[Key, list[int]] = defaultdict(list)
    for row, cell, _ in cells.of_field("estimate"):
        if row.statistic == "event by" and _about(row) in events:
            criteria[_about(row)].append(cell)
    for about, parts in criteria.items():
        cells.book.total([events[about]], parts)
    for row, cell, _ in cells.of_field("n_events"):
        whole = events.get(_about(row))
        if row.statistic in {"event by", "censored"} and whole is not None:
            cells.book.total([whole], [cell])


def _kinds_of_event(cells: Cells) -> None:
    """A competing event is one of the reasons for the end of follow-up, and counted there too."""
    ended = {
        (*_about(row), row.group.casefold()): cell
        for row, cell, _ in cells.of_field("estimate")
        if row.statistic in {"event by", "censored"}
    }
    for row, cell, _ in cells.of_field("estimate"):
        other = ended.get((*_about(row), row.group.casefold()))
        if row.statistic == "events of this kind" and other is not None:
            cells.book.apart(cell, other)


def _events_of_one_endpoint(cells: Cells) -> None:
    """Analyses of one endpoint count the same events, if their numbers are the same."""
    first: dict[tuple[Key, int], int] = {}
    for field in ("estimate", "n_events"):
        for row, cell, _ in cells.of_field(field):
            counts = row.statistic == "events" or (field == "n_events" and bool(row.reference))
            if counts and row.analysis and row.endpoint and not row.group:
                about = (row.endpoint, row.phase, row.arm, row.reference)
                same = first.setdefault((about, cells.book.count_of(cell)), cell)
                if cells.book.first(same) != cells.book.first(cell):
                    cells.book.total([same], [cell])


def _classes_and_terms(cells: Cells) -> None:
    """Events of a class are those of its terms; `group` is "class" or "class: term"."""
    classes = {
        (row.table, row.statistic, *_about(row), row.reference, row.group): cell
        for row, cell, _ in cells.of_field("n_events")
        if row.group
    }
    terms: Groups = defaultdict(list)
    for (*where, group), cell in classes.items():
        whole = (*where, group.partition(": ")[0])
        if ": " in group and whole in classes:
            terms[whole].append(cell)
    for whole, parts in terms.items():
        cells.book.total([classes[whole]], parts)


def _levels_of_events(cells: Cells) -> None:
    """Those with any event, or any of a class, are those of all its levels of severity."""
    whole: dict[Key, int] = {}
    levels: dict[Key, list[int]] = defaultdict(list)
    for row, cell, _ in cells.of_field("estimate"):
        if row.table in EVENTS and row.statistic == "subjects":
            whole[row.phase, row.arm, row.group] = cell
        elif row.table in LEVELS_OF_EVENTS:
            group = row.group.rpartition(": ")[0]
            levels[row.table, row.phase, row.arm, group].append(cell)
    for (_, *where), parts in levels.items():
        known = whole.get(tuple(where))
        cells.book.total([] if known is None else [known], parts)
    for row, cell, _ in cells.of_field("estimate"):
        same = whole.get((row.phase, row.arm, SAME_AS.get(row.group, "")))
        if row.table in LEVELS_OF_EVENTS and same is not None:
            cells.book.total([same], [cell])


def _shifts(cells: Cells) -> None:
    """Those of a class at baseline are the same, be the later value the worst or the last."""
    parts: dict[Key, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, cell, _ in cells.of_field("estimate"):
        if row.table in SHIFTS:
            before = row.group.rpartition(" to ")[0]
            parts[row.phase, row.arm, before][row.table].append(cell)
    for tables in parts.values():
        for one, other in pairwise(tables.values()):
            cells.book.total(one, other)


def _limits(cells: Cells) -> None:
    """Whoever is beyond a limit is also beyond each nearer one of its kind, and was measured."""
    nested: dict[tuple[Key, int], list[int]] = defaultdict(list)
    for row, cell, place in cells.of_field("n_events"):
        if row.table == LIMITS:
            name, _, words = row.group.rpartition(": ")
            kind = "times" if " times " in words else words.partition(" ")[0]
            nested[(row.phase, row.arm, name, kind), cells.of[place, "n"]].append(cell)
    for (_, whole), counts in nested.items():
        ordered = sorted(counts, key=cells.book.count_of, reverse=True)
        for greater, smaller in pairwise((whole, *ordered)):
            cells.book.total([greater], [smaller])


def _over_arms(cells: Cells) -> None:
    """A row over all arms, its arm being "", is the sum of those of the arms."""
    for field in ("n", "n_events", "estimate"):
        of_arms: dict[Key, dict[str, int]] = defaultdict(dict)
        for row, cell, _ in cells.of_field(field):
            if not row.reference:
                key = (row.table, *_about(row, ""), row.endpoint, row.group, row.statistic)
                of_arms[key][row.arm] = cell
        for found in of_arms.values():
            if "" in found and len(found) > 1:
                cells.book.total([found[""]], [cell for arm, cell in found.items() if arm])


def _observed(cells: Cells) -> None:
    """Subjects behind an LS mean are those observed at the visit, or nearly."""
    seen: dict[Key, dict[str, int]] = defaultdict(dict)
    for row, cell, _ in cells.of_field("estimate"):
        if row.statistic in {"observed", "derived"}:
            seen[row.endpoint, row.visit, row.arm][row.statistic] = cell
    for row, cell, _ in cells.of_field("n"):
        known = seen.get((row.endpoint, row.visit, row.arm), {})
        if known and not row.reference:
            cells.book.apart(cell, known["observed"])
            cells.book.total([cell], known.values())


def _patterns(cells: Cells) -> None:
    """Seen at a visit: the complete ones and others; at the next: those, if nobody came back."""
    visits: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    patterns: dict[Key, dict[str, int]] = defaultdict(dict)
    of_visit: dict[Key, dict[str, int]] = defaultdict(dict)
    for row, cell, _ in cells.of_field("estimate"):
        arm = (row.table, row.endpoint, row.arm)
        if row.statistic == "pattern":
            patterns[arm][row.group.rpartition(": ")[2]] = cell
        elif row.statistic in {"observed", "missing"}:
            of_visit[(*arm, row.visit)][row.statistic] = cell
    for at, pair in of_visit.items():
        visits[at[:-1]].append((pair["observed"], pair["missing"]))
    for of_arm, pairs in visits.items():
        seen = [observed for observed, _ in pairs]
        for cell in seen:
            cells.book.total([cell], _known([patterns[of_arm].get("complete")]))
        for before, after in pairwise(seen):
            cells.book.apart(before, after)
        cells.book.total([pairs[-1][1]], _known([patterns[of_arm].get("dropped out")]))
        others = [patterns[of_arm].get(name) for name in ("complete", "intermittent")]
        cells.book.total(_known(others), seen[-1:])


def _known(cells: Iterable[int | None]) -> list[int]:
    """The cells if all are known, else none."""
    found = list(cells)
    return [] if None in found else [cell for cell in found if cell is not None]
