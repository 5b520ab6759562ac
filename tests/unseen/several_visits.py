"""Designs of several visits beside the plain trial, as files of other studies have them."""

import random
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from unseen.trial import Choose, People, Trial, course, drawn_score, people, written
from unseen.words import CONTROLLED, EQUALS, SITES, styled

Rows = list[dict[str, Any]]


def stacked(
    who: People, labels: list[str], visit: str, name: str, scores: list[list[int]]
) -> pd.DataFrame:
    """A row for each participant and visit."""
    rows: Rows = []
    for place, record in enumerate(who.frame.to_dict("records")):
        for k, label in enumerate(labels):
            rows.append({**record, visit: label, name: scores[place][k]})
    return pd.DataFrame(rows)


def plain_long(
    rng: Choose, labels: list[str] | None = None, visit: str = ""
) -> tuple[pd.DataFrame, People, str]:
    """A long trial without distractors that its design does not need."""
    who = people(rng)
    name, better, low, high = drawn_score(rng)
    labels = labels or ["Baseline", "Week 2", "Week 4", "Week 8"]
    visit = visit or rng.choice(("visit", "VISIT", "avisit", "Besuch"))
    frame = stacked(who, labels, visit, name, course(who, better, low, high, len(labels), rng))
    truth = who.truth
    truth.answers |= {"outcome": {name}, "better": {better}, "baseline": {"first visit"}}
    truth.roles |= {"visit": {visit}, "value": {name}}
    truth.baseline = labels[0]
    return frame, who, name


def begun_anew(rng: Choose) -> Trial:
    """Codes that begin anew in each centre, arm, or cell of both."""
    frame, who, name = plain_long(rng)
    truth = who.truth
    site = next((c for c in frame if c.casefold() in {s.casefold() for s in SITES}), None)
    if site is None:
        site = styled(rng.choice(SITES), rng)
        where = {code: rng.choice("ABC") for code in who.frame[who.id]}
        frame[site] = frame[who.id].map(where)
        truth.before.add(site)
    by = rng.choice(([site], [who.arm], [site, who.arm]))
    people_ = frame.drop_duplicates(who.id)
    number = people_.groupby(by).cumcount() + rng.choice((1, 101))
    of_code = dict(zip(people_[who.id], number, strict=True))
    frame[who.id] = frame[who.id].map(of_code)
    truth.joined = {who.id, *by}
    truth.roles["subject"] = truth.joined
    truth.answers["whose"] = {"different participants"}
    truth.frame = written(frame, rng, truth, name)
    return truth


def lead_in(rng: Choose) -> Trial:
    """An open phase in which all improve, and a phase in which treatment is randomised."""
    first = ["Baseline", "Week 4", "Week 8"]
    second = rng.choice((["Week 12", "Week 16", "Week 24"], ["Baseline", "Week 4", "Week 8"]))
    labels = [*first, *second]
    frame, who, name = plain_long(rng, [f"{k}|{v}" for k, v in enumerate(labels)])
    visit = next(iter(who.truth.roles["visit"]))
    truth = who.truth
    names = rng.choice(
        (
            ("open-label", "double-blind"),
            ("lead-in", "randomised"),
            ("acute", "continuation"),
            ("1", "2"),
        )
    )
    phase = styled(rng.choice(("phase", "period", "epoch", "Phase", "study_phase")), rng)
    at = frame[visit].str.split("|").str[0].astype(int)
    frame[phase] = [names[k >= len(first)] for k in at]
    frame[visit] = frame[visit].str.split("|").str[1]
    truth.answers["rows"] = set()
    truth.answers["outcome"], truth.answers["baseline"] = {name}, set()
    truth.baseline, truth.days = "", {}
    truth.roles["phase"] = {phase}
    truth.told = (phase,)
    truth.frame = written(frame, rng, truth, name)
    return truth


def with_reason(rng: Choose) -> Trial:
    """A column says why participants discontinued."""
    frame, who, name = plain_long(rng)
    column = rng.choice(
        (
            "reason",
            "dropout_reason",
            "DCSREAS",
            "reason_for_discontinuation",
            "Abbruchgrund",
            "disc_reason",
        )
    )
    reasons = {
        code: rng.choice(("", "adverse event", "lack of efficacy", "withdrew consent"))
        for code in who.frame[who.id]
    }
    frame[column] = frame[who.id].map(reasons)
    who.truth.told = (column,)
    who.truth.frame = written(frame, rng, who.truth, name)
    return who.truth


def with_flag(rng: Choose) -> Trial:
    """A column says who belongs to the analysis set; some do not."""
    frame, who, name = plain_long(rng)
    flag = rng.choice(
        (
            "ITTFL",
            "FASFL",
            "RANDFL",
            "randomised_yn",
            "itt",
            "per_protocol",
            "eligible",
            "screen_failure",
            "PPROTFL",
            "mitt",
            "evaluable",
        )
    )
    coded = rng.choice((("Y", "N"), ("1", "0"), ("yes", "no")))
    of = {code: coded[rng.random() < 0.2] for code in who.frame[who.id]}
    frame[flag] = frame[who.id].map(of)
    who.truth.told = (flag,)
    who.truth.frame = written(frame, rng, who.truth, name)
    return who.truth


def row_flags(rng: Choose) -> Trial:
    """Rows that were calculated stand among those that were measured."""
    frame, who, name = plain_long(rng)
    kind = rng.choice(("DTYPE", "dtype", "imputed", "ANL01FL", "record_type", "locf"))
    last = frame.groupby(who.id).tail(1).copy()
    visit = next(iter(who.truth.roles["visit"]))
    last[visit] = rng.choice((last[visit].iloc[0], "Endpoint", "LOCF"))
    words = {
        "DTYPE": ("", "LOCF"),
        "dtype": ("", "LOCF"),
        "imputed": ("0", "1"),
        "ANL01FL": ("Y", "N"),
        "record_type": ("observed", "derived"),
        "locf": ("0", "1"),
    }[kind]
    frame[kind], last[kind] = words[0], words[1]
    frame = pd.concat([frame, last])
    who.truth.told = (kind,)
    who.truth.frame = written(frame, rng, who.truth, name)
    return who.truth


def extra_visits(rng: Choose) -> Trial:
    """Screening, unscheduled visits, the end of treatment and follow-up next to planned visits."""
    labels = ["Baseline", "Week 2", "Week 4", "Week 8"]
    days = dict(zip(labels, (0.0, 14.0, 28.0, 56.0), strict=True))
    if rng.random() < 0.5:
        labels = [rng.choice(("Screening", "SCR", "Vorscreening")), *labels]
    tail = rng.choice(
        (
            [],
            ["EOT"],
            ["End of treatment"],
            ["Early termination"],
            ["Week 12 follow-up"],
            ["Follow-up month 3"],
            ["FU1", "FU2"],
            ["Follow-up"],
            ["Nachbeobachtung 1"],
        )
    )
    labels = [*labels, *tail]
    frame, who, name = plain_long(rng, labels)
    truth = who.truth
    truth.baseline, truth.days = "Baseline", days
    truth.answers["baseline"] = {"first visit"}
    visit = next(iter(truth.roles["visit"]))
    if rng.random() < 0.4:
        more = (
            frame[frame[who.id].isin(rng.sample(list(who.frame[who.id]), 15))]
            .drop_duplicates(who.id)
            .copy()
        )
        more[visit] = rng.choice(("Unscheduled", "UNS 1", "Unscheduled 3.01"))
        frame = pd.concat([frame, more])
    if "Early termination" in tail:
        frame = frame[
            (frame[visit] != "Early termination") | frame[who.id].isin(list(who.frame[who.id])[:14])
        ]
    follow = [t for t in tail if t not in ("EOT", "End of treatment", "Early termination")]
    truth.last = {"Week 8"} if follow else {"Week 8", *tail}
    truth.frame = written(frame, rng, truth, name)
    return truth


def same_visit_twice(rng: Choose) -> Trial:
    """Some visits were entered twice."""
    frame, who, name = plain_long(rng)
    again = frame.sample(5, random_state=rng.randrange(999))
    truth = who.truth
    if rng.random() < 0.5:
        frame["age_months"] = range(len(frame))
    frame["entry_time"] = [round(rng.uniform(1, 99), 2) for _ in range(len(frame))]
    truth.frame = written(pd.concat([frame, again.assign(entry_time=99.5)]), rng, truth, name)
    return truth


def two_scales(rng: Choose) -> Trial:
    """Two instruments below each other."""
    frame, who, name = plain_long(rng)
    key = styled(
        rng.choice(
            (
                "scale",
                "PARAMCD",
                "instrument",
                "test",
                "QSTESTCD",
                "questionnaire",
                "Fragebogen",
                "measure",
                "variable",
                "parameter",
            )
        ),
        rng,
    )
    labels = rng.choice(
        (("MADRS", "HAMA"), ("PHQ9", "GAD7"), ("DEP", "QOL"), ("score_a", "score_b"))
    )
    value = rng.choice(("value", "score", "AVAL", "result"))
    frame = frame.rename(columns={name: value})
    other = frame.copy()
    other[value] = [rng.randint(5, 25) for _ in range(len(other))]
    frame[key], other[key] = labels
    truth = who.truth
    truth.answers |= {"rows": set(), "outcome": {value}, "better": set()}
    truth.roles["value"] = {value}
    truth.told = (key,)
    truth.frame = written(pd.concat([frame, other]), rng, truth, value)
    return truth


def with_time_to_event(rng: Choose) -> Trial:
    """Scores by visit, and on every row the time to an event and whether it was seen."""
    frame, who, name = plain_long(rng)
    time, mark = rng.choice(
        (
            ("time_to_relapse", "relapse"),
            ("survtime", "death"),
            ("futime", "status"),
            ("ttr", "relapsed"),
        )
    )
    times = {code: (rng.randint(20, 200), rng.randint(0, 1)) for code in who.frame[who.id]}
    frame[time] = [times[code][0] for code in frame[who.id]]
    frame[mark] = [times[code][1] for code in frame[who.id]]
    truth = who.truth
    truth.told = (time,)
    if rng.random() < 0.5:
        truth.answers |= {"outcome": {time, f"{time} with {mark}"}, "better": set(), "event": {"1"}}
        truth.roles |= {"value": set(), "time": {time}, "occurred": {mark}}
    truth.frame = written(frame, rng, truth, name)
    return truth


def imputed(rng: Choose) -> Trial:
    """Several imputed data sets below each other."""
    frame, who, name = plain_long(rng)
    key = rng.choice((".imp", "_Imputation_", "imputation", "IMPNUM", "imp", "m"))
    parts = [frame.assign(**{key: k}) for k in range(1, 4)]
    for part in parts[1:]:
        part[name] = [v + rng.choice((0, 0, 1)) for v in part[name]]
    who.truth.told = (key,)
    who.truth.frame = written(pd.concat(parts), rng, who.truth, name)
    return who.truth


def analysis_file(rng: Choose) -> Trial:
    """A file for analysis: the score, its baseline and the change next to each other."""
    frame, who, name = plain_long(rng)
    value, base, change, share = rng.choice(
        (
            ("AVAL", "BASE", "CHG", "PCHG"),
            ("aval", "base", "chg", "pchg"),
            ("score", "score_bl", "score_change", "pct_change"),
        )
    )
    if value in who.frame:
        return analysis_file(random.Random(rng.random()))
    frame = frame.rename(columns={name: value})
    frame[base] = frame.groupby(who.id)[value].transform("first")
    frame[change] = frame[value] - frame[base]
    frame[share] = (100 * frame[change] / (frame[base] + 1)).round(1)
    visit = next(iter(who.truth.roles["visit"]))
    if rng.random() < 0.5:
        frame = frame[frame[visit] != "Baseline"]
        who.truth.baseline = ""
    truth = who.truth
    truth.answers |= {"outcome": {value}, "baseline": {base, "first visit"}}
    truth.roles |= {"value": {value}, "baseline": {base}}
    truth.frame = written(frame, rng, truth, value)
    return truth


def stepped_wedge(rng: Choose) -> Trial:
    """Sites change from usual care to the intervention, one after the other, and never back."""
    who = people(rng, arms=False)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    site, period, arm = (
        "site",
        rng.choice(("period", "step", "wave", "time")),
        rng.choice(("treated", "intervention", "arm", "treatment")),
    )
    labels = rng.choice((("0", "1"), ("usual care", "intervention"), ("control", "active")))
    rows: Rows = []
    where = {code: rng.randrange(4) for code in who.frame[who.id]}
    for record in who.frame.drop(columns=[c for c in who.frame if c == site]).to_dict("records"):
        starts = where[record[who.id]]
        for k in range(5):
            rows.append(
                {
                    **record,
                    site: f"s{starts}",
                    period: k,
                    arm: labels[k > starts],
                    name: rng.randint(low, high),
                }
            )
    truth.answers |= {
        "group": {arm},
        "reference": {labels[0]},
        "outcome": {name},
        "better": {better},
        "baseline": {"first visit", "none"},
    }
    truth.answers["whose"] = {"same participants"}
    truth.roles |= {
        "arm": {arm},
        "value": {name},
        "visit": {period, "visit", arm},
        "phase": {period},
    }
    truth.told, truth.within = ("never back",), True
    truth.before.add(site)
    truth.frame = written(pd.DataFrame(rows), rng, truth, name)
    return truth


def several_spellings(rng: Choose) -> Trial:
    """An arm is written in several ways."""
    frame, who, name = plain_long(rng)
    labels = sorted(map(str, frame[who.arm].unique()))
    if not any(label.isascii() and label.isalpha() and len(label) > 1 for label in labels):
        return several_spellings(random.Random(rng.random()))
    word = next(label for label in labels if label.isalpha() and label.isascii() and len(label) > 1)
    ways = [word, word.lower() if word != word.lower() else word.upper()]
    way = {code: rng.choice(ways) for code in who.frame[who.id]}
    frame[who.arm] = [
        way[c] if str(a) == word else a for c, a in zip(frame[who.id], frame[who.arm], strict=True)
    ]
    truth = who.truth
    truth.answers["reference"] |= set(ways) if word in truth.answers["reference"] else set()
    truth.spelled = True
    truth.frame = written(frame, rng, truth, name)
    return truth


def planned_and_given(rng: Choose) -> Trial:
    """The arm that was planned and the one that was given differ in some."""
    frame, who, name = plain_long(rng)
    planned, given = rng.choice(
        (
            ("TRT01P", "TRT01A"),
            ("ARM", "ACTARM"),
            ("randomised_arm", "received_arm"),
            ("treatment_assigned", "treatment_received"),
            ("trtp", "trta"),
        )
    )
    labels = sorted(frame[who.arm].unique())
    swap = {code: rng.random() < 0.06 for code in who.frame[who.id]}
    frame = frame.rename(columns={who.arm: planned})
    frame[given] = [
        labels[1 - labels.index(a)] if swap[c] else a
        for c, a in zip(frame[who.id], frame[planned], strict=True)
    ]
    # in some trials everybody was given what was planned
    same = {given} if frame[given].equals(frame[planned]) else set()
    who.truth.roles["arm"] = {planned} | same
    who.truth.answers["group"] = {planned} | same
    who.truth.frame = written(frame, rng, who.truth, name)
    return who.truth


def hamilton(rng: Choose) -> Trial:
    """A Hamilton scale for depression, of which nothing says how many items it has."""
    frame, who, name = plain_long(rng)
    new = rng.choice(("HAMD", "hamd", "HAM-D", "HDRS", "hamd_total", "HRSD", "ham_d"))
    if new in who.frame:
        return hamilton(random.Random(rng.random()))
    frame = frame.rename(columns={name: new})
    frame[new] = [rng.randint(4, rng.choice((29, 34))) for _ in range(len(frame))]
    truth = who.truth
    truth.answers |= {"outcome": {new}, "better": {"lower"}}
    truth.roles["value"] = {new}
    truth.told = ("items",)
    truth.frame = written(frame, rng, truth, new)
    return truth


def n_of_one(rng: Choose) -> Trial:
    """Each participant has drug and control in turn, several times."""
    who = people(rng, arms=False)
    who.frame = who.frame.head(24)
    truth = who.truth
    truth.within = True
    name, better, low, high = drawn_score(rng)
    labels = rng.choice(CONTROLLED + EQUALS)
    arm, period = who.arm, rng.choice(("period", "cycle", "block", "phase", "week"))
    rows: Rows = []
    for record in who.frame.to_dict("records"):
        order = [*labels, *labels, *labels]
        rng.shuffle(order)
        for k, label in enumerate(order, 1):
            rows.append({**record, period: k, arm: label, name: rng.randint(low, high)})
    control = {labels[0]} if labels in CONTROLLED else set()
    truth.answers |= {
        "group": {arm},
        "reference": control,
        "outcome": {name},
        "better": {better},
        "whose": {"same participants"},
        "baseline": {"none"},
    }
    truth.roles |= {
        "arm": {arm},
        "phase": {period},
        "value": {name},
        "visit": {period, "visit", arm},
    }
    truth.frame = written(pd.DataFrame(rows), rng, truth, name)
    return truth


def diary(rng: Choose) -> Trial:
    """An entry a day, or several."""
    who = people(rng)
    who.frame = who.frame.head(36)
    truth = who.truth
    name, better, low, high = drawn_score(rng)
    day = rng.choice(("day", "study_day", "Tag", "jour"))
    beeps = rng.choice((1, 1, 3))
    rows: Rows = []
    first = rng.choice((0, 1, -7))
    for record in who.frame.to_dict("records"):
        for k in range(first, first + 28):
            for b in range(1, beeps + 1):
                if rng.random() < 0.9:
                    rows.append(
                        {
                            **record,
                            day: k,
                            **({"beep": b} if beeps > 1 else {}),
                            name: rng.randint(low, high),
                        }
                    )
    base = {"run-in"} if first < 0 else set()
    truth.answers |= {"outcome": {name}, "better": {better}, "baseline": base}
    truth.roles |= {"day": {day}, "value": {name}, "visit": set()}
    truth.frame = written(pd.DataFrame(rows), rng, truth, name)
    return truth


SEVERAL_VISITS: Final[tuple[Callable[[Choose], Trial], ...]] = (
    *(begun_anew, lead_in, with_reason, with_flag, row_flags, extra_visits, same_visit_twice),
    *(two_scales, with_time_to_event, imputed, analysis_file, stepped_wedge, several_spellings),
    *(planned_and_given, hamilton, n_of_one, diary),
)
