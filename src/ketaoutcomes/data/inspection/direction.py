"""Which direction of a score is better: by its name; how scores move is told to who is asked."""

import re
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question

WORSE_WHEN_HIGH: Final = re.compile(
    r"depr|anxi|pain|sympt|sever|impair|panss|bprs|cgi|imps|disab|disorder|distress|craving|cough"
    r"|relapse|died|death|dead|fail|infect|bleed|complic|komplik|recurr|ham[-_ .]?[ad]|bdi|madrs"
    r"|hads|qids|phq|schmerz|douleur|dolor|angst|muert|falleci|gestorben|verstorben|tod\b|d[ée]c[èe]s"
    r"|morto|morte|reca[ií]da|recidiv|rezidiv|rechute|abnormal|dysfunction|stroke|infarct"
    r"|psqi|insomni|seizure|nausea|vomit|adverse|mortal|hospitali|toxic|fever|tumou?r|ulcer",
    re.IGNORECASE,
)
BETTER_WHEN_HIGH: Final = re.compile(
    r"quality|qol|eq.?5d|(?<!dys)(?<!mal)function|well.?being|remis|remit|respon|recover"
    r"|(?<!un)success|(?<!ab)normal(?!i[sz])|improv|cured|(?<!dis)satisf|surviv|alive|healed|lebensqualit"
    r"|ansprech|geheilt|respuesta|mejor|r[ée]ponse|gu[ée]ri|risposta|resposta",
    re.IGNORECASE,
)
A_STATE: Final = re.compile(
    r"fatigue|m[uü]digkeit|fatiga|sleep|schlaf|sommeil|sue[nñ]o|suicid|suizid|anhedon|stress|burden"
    r"|mood|stimmung|humeur|cogniti|kognit|memory|attention|apath|energy|activity|autonom|resilien"
    r"|(?<![a-z])(?:sofas|fast|qlq|qls|wsas|sds|scl|bsi|stai|cadss|pgi|cdss|sapas|rbans|mccb|pss"
    r"|maas|core.?om|oq.?45|sdq|cbcl|asrs|aims|bars|sas|udi|csq|ctq|lsas|pdss|bat|vas)(?![a-z])"
    r"|hopeless|impuls|aggress|appetit|libido|coping|efficacy|knowledge|abstin|drinking|weight.?loss",
    re.IGNORECASE,
)
"""What trials measure without a direction that the name tells."""
FREE_OF: Final = re.compile(
    r"free(?!z|dom)|frei(?:heit)?\b|libre\b|without|ohne|absence", re.IGNORECASE
)
"""Without what the name says, as in `pain_free`: the direction turns round."""
OF_LESS: Final = re.compile(
    r"relief|linderung|soulage|alivio|sollievo|toleran|threshold|schwelle|seuil|umbral|reduc|reduk"
    r"|r[ée]duction|decreas|(?<![a-z])los[ts]|lack|verlust|perte|p[ée]rdida|error|fehler|erreur"
    r"|defi[cz]it|problem|probl[èe]m|difficult|schwierig|decline|wors|deterior|coping|knowledge"
    r"|litera[ct]|awareness|resilien|accept|manage|control(?!led)|kontroll|efficacy|wirksam|confiden"
    r"|prevent|protect|stopped|cessation|terminat|resol[uv]|ceased|discontinu|without|skill|freedom|impression|liver|hepat|leber|renal|kidney|niere|thyroid"
    r"|connectiv",
    re.IGNORECASE,
)
"""Words next to which the name of a complaint or a strength tells no direction: more relief of
pain, a higher threshold, problems with a function."""
DENIED: Final = re.compile(
    r"(?<![a-z])(?:(?:no|not|nicht|sans|sin|senza|geen|never)(?![a-z])|non(?!e)|kein|un(?=respon"
    r"|remit|recover|improv|success|heal|satisf|cured))",
    re.IGNORECASE,
)
"""A name that says that something did not occur, which a 1 may mean or deny."""
OF_ANY_RESPONSE: Final = re.compile(
    r"respon[a-z]*|ansprech[a-z]*|respuesta|r[ée]ponse|risposta|resposta", re.IGNORECASE
)
"""What statisticians call any outcome: of a score, unlike of yes and no, it tells no direction."""
OF_AN_IMPROVEMENT: Final = re.compile(r"improv[a-z]*", re.IGNORECASE)
"""A score of improvement may count from 1, very much improved, to 7, very much worse."""
OF_A_CHANGE: Final = re.compile(
    r"chang|chg|veraender|veränder|differenz|cambio|variazione|variation", re.IGNORECASE
)
OF_A_DURATION: Final = re.compile(
    r"(?:time|zeit|latency|duration|dauer)\b|(?:day|week|month|hour|minute)s? (?:of|to|until)\b",
    re.IGNORECASE,
)
"""A name that says how long something took, as a reaction or a response, tells no direction."""
INSTRUMENT: Final = re.compile(
    r"panss|bprs|imps|ham[-_ .]?[ad]|bdi|madrs|hads|qids|phq", re.IGNORECASE
)
"""Scales of symptoms, in the name of a file whose column is called after any score."""
PLAINLY_YES: Final = re.compile(
    r"1|yes|y|true|t|ja|oui|s[ií]|present|positive|event|case", re.IGNORECASE
)
"""What says no more than that it is what the column is called."""
NEGATED: Final = re.compile(
    r"(?:not?|non|kein|ohne|sans|sin|without)\b|in(?=corr)|un", re.IGNORECASE
)
OF_ANY_SCORE: Final = re.compile(
    r"(?:change|chg|score|total|value|sum|y|aval|result|rating|week|visit|[\W\d_])*", re.IGNORECASE
)
CLEAR_SHIFT: Final = 0.2
"""A shift, in standard deviations, that a small effect has (Cohen 1988)."""
ASKS: Final = "Which direction of `{}` is better?"


def better(
    asked: Asked,
    name: str,
    first: pd.Series | None = None,
    last: pd.Series | None = None,
    arm: pd.Series | None = None,
    *,
    file: str = "",
    signed: bool = False,
) -> Question:
    """Decide which direction is better; the way in which all arms move is offered first.

    Parameters
    ----------
    name : str
        What the score is called.
    first, last : Series or None
        Scores at the first and the last visit, in the order of `arm` each.
    arm : Series or None
        The arm of each row, None where there are none.
    file : str
        Name of the file, which may name the scale where the column does not.
    signed : bool
        Whether some values are below 0 though the column is not called a change, so that they may
        be gains as well as changes.
    """
    plain = OF_AN_IMPROVEMENT.sub("", OF_ANY_RESPONSE.sub("", name))
    by_name, named = "" if signed else _by_name(plain), f"of the name `{name}`"
    if OF_ANY_SCORE.fullmatch(name) and INSTRUMENT.search(file):
        by_name, named = "lower", f"of the name of the file, `{file}`"
    shift = "" if by_name else _by_shift(first, last, arm)
    course = "fell" if shift == "lower" else "rose"
    seen = (
        f"; the mean {course} in every arm, as scores that improve do, and those of an illness "
        "that progresses do not"
    )
    means = {"lower": "a fall is an improvement", "higher": "a rise is an improvement"}
    return asked.decide(
        "better",
        ASKS.format(name),
        [Choice(way, words + (seen if way == shift else "")) for way, words in means.items()],
        evident=by_name,
        because=named if by_name else "",
        default=shift,
    )


def better_of_two(asked: Asked, name: str, yes: str, *, grade: bool = False) -> Question:
    """Decide whether one of two values is wanted; of one grade out of several its word says so."""
    plain = PLAINLY_YES.fullmatch(yes) is not None and not grade
    by_word = "" if NEGATED.match(yes) else _by_name(yes)
    by_name = _by_name(f"{name} {yes}") if plain else by_word
    return asked.decide(
        "better",
        f"Is `{yes}` of `{name}` wanted or unwanted?",
        (
            Choice("lower", f"`{yes}` is unwanted"),
            Choice("higher", f"`{yes}` is wanted"),
        ),
        evident=by_name,
        because=f"of the {'name' if plain else 'word'} `{name if plain else yes}`"
        if by_name
        else "",
    )


def denies(name: str) -> bool:
    """Whether a name says that something did not occur."""
    words = re.sub(r"[._]+|(?<=[a-z])(?=[A-Z])", " ", name)
    return any(pattern.search(words) for pattern in (DENIED, FREE_OF))


def tells_a_state(name: str) -> bool:
    """Whether a name is that of a complaint, a strength or an event, which may be an outcome."""
    words = re.sub(r"[._]+|(?<=[a-z])(?=[A-Z])", " ", name)
    return any(p.search(words) for p in (WORSE_WHEN_HIGH, BETTER_WHEN_HIGH, A_STATE))


def _by_name(name: str) -> str:
    words = re.sub(r"[._]+|(?<=[a-z])(?=[A-Z])", " ", name)
    low, high = bool(WORSE_WHEN_HIGH.search(words)), bool(BETTER_WHEN_HIGH.search(words))
    unsure = (OF_A_DURATION, OF_LESS, DENIED)
    if low == high or any(pattern.search(words) for pattern in unsure):
        return ""
    return "lower" if low is (FREE_OF.search(words) is None) else "higher"


def _by_shift(first: pd.Series | None, last: pd.Series | None, arm: pd.Series | None) -> str:
    """The way in which the mean of every arm of enough subjects moves; "" if they differ."""
    if last is None or arm is None:
        return ""  # without arms nothing says that it is a trial, in which most improve
    group_of_last = _groups(last, arm)
    shifts = []
    for label, scores in group_of_last:
        before = _group(first, arm, label) if first is not None else None
        if len(scores) < SMALLEST_GROUP or (before is not None and len(before) < SMALLEST_GROUP):
            continue
        start, spread = (0.0, scores.std()) if before is None else (before.mean(), before.std())
        shifts.append((scores.mean() - start) / spread if spread > 0 else 0.0)
    if shifts and all(shift <= -CLEAR_SHIFT for shift in shifts):
        return "lower"
    return "higher" if shifts and all(shift >= CLEAR_SHIFT for shift in shifts) else ""


def _groups(scores: pd.Series, arm: pd.Series | None) -> list[tuple[object, pd.Series]]:
    if arm is None:
        return [(None, scores.dropna())]
    known = scores.dropna()
    return list(known.groupby(arm.reindex(known.index)))


def _group(scores: pd.Series, arm: pd.Series | None, label: object) -> pd.Series:
    known = scores.dropna()
    return known if arm is None else known[arm.reindex(known.index) == label]
