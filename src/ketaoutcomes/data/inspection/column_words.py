"""Words in the names of columns, by which their meaning is guessed."""

from collections.abc import Iterable
from typing import Final

from ketaoutcomes.data.inspection.profile import Column

SUBJECT_WORDS: Final = (
    *("usubjid", "subject", "participant", "patient", "subjid", "id", "record", "pid", "ptid"),
    *("patid", "patno", "subjno", "proband", "teilnehmer", "versuchsperson", "patienten"),
    *("patientennummer", "patientennr", "fallnummer", "sujet", "dossier", "pat", "case", "rat"),
    *("chick", "pig", "dog", "rabbit", "animal", "child", "person"),
)
ARM_WORDS: Final = (
    *("trt", "trta", "trtp", "treatment", "arm", "therapy", "treat", "tx", "randomised"),
    *("randomized", "rx", "grp", "group", "drug", "gruppe", "behandlung", "therapie"),
    *("studienarm", "medikament", "groupe", "traitement", "bras", "intervention", "allocation"),
    *("randomisation", "randomization", "diet"),
)
PERIOD_WORDS: Final = ("period", "phase", "epoch", "periode")
VISIT_WORDS: Final = (
    *("avisit", "visit", "timepoint", "week", "weeks", "month", "months", "day", "days"),
    *("wave", "time", "session", "occasion", "visite", "besuch", "zeitpunkt", "messzeitpunkt"),
    *("woche", "tag", "monat", "semaine", "jour", "mois", "zeit"),
    *("year", "years", "age"),
)
CONDITION_WORDS: Final = ("condition", "bedingung", "cond", *ARM_WORDS)
"""Columns of what each participant had once, one after the other."""
SCALE_WORDS: Final = ("scale", "instrument", "questionnaire", "measure")
DAY_WORDS: Final = ("ady", "reldays", "day", "days", "studyday", "tag", "tage", "jour", "jours")
BASELINE_WORDS: Final = ("base", "baseline", "basval", "bl", "pre", "bas", "preop", "entry")
DERIVED_WORDS: Final = ("change", "chg", "sqrt", "log", "bin", "cat", "grp", "flag", "int", "seq")
CENSORED_WORDS: Final = ("cnsr", "censor", "censored", "cens", "zensiert", "zensur", "censure")
EVENT_WORDS: Final = (
    *("event", "status", "relapse", "relapsed", "died", "dead", "death", "occurred", "fustat"),
    *("ereignis", "rezidiv", "rueckfall", "tod", "verstorben", "deces", "evenement", "rechute"),
    "stat",
)
TIME_WORDS: Final = (
    *("ttr", "tte", "survival", "surv", "futime", "time", "days", "weeks", "months", "years"),
    *("zeit", "dauer", "tage", "wochen", "monate", "jahre", "duree", "delai", "jours"),
    *("mois", "semaines", "stop", "age"),
)
START_WORDS: Final = ("tstart", "start", "begin", "from", "entry")
STOP_WORDS: Final = ("tstop", "stop", "end", "until", "exit")
OUTCOME_WORDS: Final = (
    *("outcome", "endpoint", "score", "total", "rating", "response", "responder", "remission"),
    *("remitted", "success", "recovered", "failure", "relapse", "improved", "cured", "event"),
    *("punktwert", "summe", "gesamt", "ergebnis", "punkte", "resultat", "ansprechen"),
)
BEFORE_RANDOMISATION: Final = (
    *("age", "sex", "gender", "male", "female", "race", "ethnic", "ethnicity", "site", "center"),
    *("centre", "country", "region", "stratum", "strata", "education", "bmi", "height", "smoker"),
    *("smoking", "inherit", "genotype", "onset", "prior", "previous", "history", "hist"),
    *("duration", "length", "severity", "marital", "employment", "asa", "type", "alter"),
    *("geschlecht", "zentrum", "groesse", "sexe", "chamber"),
)
"""What does not change by treatment, or is noted before it, whatever the study."""


def rank(column: Column, words: tuple[str, ...]) -> int | None:
    """Place of the first of these words in the column's name."""
    return next((place for place, word in enumerate(words) if word in column.words), None)


def named(columns: Iterable[Column], words: tuple[str, ...]) -> list[Column]:
    """Columns with one of these words, the more telling word first."""
    ranked = [(place, column) for column in columns if (place := rank(column, words)) is not None]
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


def is_derived(column: Column) -> bool:
    """Whether the name says that the column was calculated from others."""
    return rank(column, DERIVED_WORDS) is not None


def before_randomisation(column: Column) -> bool:
    """Whether the name says that a column was known before treatment."""
    return any(rank(column, words) is not None for words in (BEFORE_RANDOMISATION, BASELINE_WORDS))
