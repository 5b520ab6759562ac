"""Words in the names of columns, by which their meaning is guessed."""

import re
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.data.inspection.profile import Column

SUBJECT_WORDS: Final = (
    *("usubjid", "subject", "participant", "patient", "subjid", "id", "record", "pid", "ptid"),
    *("patid", "patno", "subjno", "proband", "teilnehmer", "versuchsperson", "patienten"),
    *("patientennummer", "patientennr", "fallnummer", "sujet", "dossier", "pat", "case", "rat"),
    *("chick", "pig", "dog", "rabbit", "animal", "child", "person", "seqno", "subj", "idno"),
    *("sujeto", "paciente", "participante", "soggetto", "paziente", "partecipante", "proefpersoon"),
    *("deelnemer", "persona", "tier", "probandennr", "probandennummer", "patnr", "patientnr"),
    *("studyid", "ptno", "ptnr", "ptnum", "subjectid", "subid", "patientid", "participantid"),
    *("partid", "pnum", "respondent", "screenno", "randno"),
)
ASSIGNED_WORDS: Final = (
    *("trt", "trtp", "trta", "treatment", "arm", "treat", "tx", "randomised", "randomized"),
    *("trmt", "tmt", "arms", "treatments"),
    *("randomisation", "randomization", "allocation", "behandlung", "studienarm", "traitement"),
    *("bras", "tratamiento", "brazo", "aleatorizacion", "trattamento", "braccio", "tratamento"),
    *("behandeling", "treated", "trtgrp", "trtgroup", "treatmentgroup", "treatmentarm", "armcd"),
    *(
        "trtcd",
        "trtarm",
        "randarm",
        "randgrp",
        "randgroup",
        "rndgrp",
        "txgroup",
        "studyarm",
        "alloc",
    ),
    *("actarm", "trtn", "armn", "trtlabel", "treatmentname"),
)
GROUPED_WORDS: Final = (
    *("rx", "grp", "group", "gruppe", "groupe", "grupo", "gruppo", "groep", "therapy", "therapie"),
    *("terapia", "intervention", "intervencion", "intervento", "intervencao", "interventie"),
)
GIVEN_WORDS: Final = (
    *("drug", "medikament", "medicament", "medicamento", "farmaco", "diet", "dieta", "diaet"),
    *("regime", "regimen", "vaccine"),
)
ARM_WORDS: Final = (*ASSIGNED_WORDS, *GROUPED_WORDS, *GIVEN_WORDS)
"""What a column of arms is called: first words for an allocation, then for a group, then for what
was given, which may as well be given to every arm."""
OF_AN_ARM: Final = frozenset(
    (
        *(*ARM_WORDS, "code", "cd", "name", "label", "n", "num", "actual", "planned", "assigned"),
        "study",
    )
)
"""Words of a column that is called after an arm and nothing else."""
PERIOD_WORDS: Final = ("period", "phase", "epoch", "periode", "periodo", "fase")
VISIT_WORDS: Final = (
    *(
        "avisit",
        "visit",
        "visitnam",
        "visitname",
        "visitnum",
        "avisitn",
        "visitno",
        "visitid",
        "visitdy",
        "foldername",
        "instancename",
        "eventname",
        "mzp",
        "redcap_event_name",
        "event_name",
        "timepoint",
        "week",
        "weeks",
        "month",
        "months",
        "day",
        "days",
    ),
    *("wave", "time", "session", "occasion", "visite", "besuch", "zeitpunkt", "messzeitpunkt"),
    *("woche", "tag", "monat", "semaine", "jour", "mois", "zeit"),
    *("visita", "semana", "settimana", "dia", "giorno", "mes", "mese", "tiempo", "tempo", "temps"),
    *("sesion", "momento", "maand", "dag", "bezoek", "tijd"),
    *("year", "years", "age"),
)
CONDITION_WORDS: Final = ("condition", "bedingung", "cond", *ARM_WORDS)
"""Columns of what each participant had once, one after the other."""
SCALE_WORDS: Final = (
    *(
        "scale",
        "instrument",
        "questionnaire",
        "measure",
        "skala",
        "fragebogen",
        "echelle",
        "escala",
    ),
    *("test", "testcd", "param", "paramcd", "parameter", "analyte", "qstestcd", "lbtestcd"),
)
"""What a column is called whose labels say what the number next to it is."""
UNIT_OF_VALUES: Final = ("unit", "units", "einheit", "unidad", "unite", "avalu")
DAY_WORDS: Final = (
    *("ady", "reldays", "day", "days", "studyday", "tag", "tage", "jour", "jours"),
    *("dia", "dias", "giorno", "giorni", "dag", "dagen"),
)
BASELINE_WORDS: Final = (
    *("base", "baseline", "basval", "bl", "pre", "bas", "preop", "entry", "ausgangswert", "basal"),
    *("initial", "basale", "depart"),
)
DERIVED_WORDS: Final = ("change", "chg", "sqrt", "log", "bin", "cat", "grp", "flag", "int", "seq")
LOGARITHMS: Final = frozenset(("log", "ln", "log10", "log2"))
CENSORED_WORDS: Final = (
    *(
        "cnsr",
        "censor",
        "censored",
        "cens",
        "censoring",
        "zensiert",
        "zensur",
        "censure",
        "censura",
    ),
    *("censurado", "alive", "survived", "vivo", "vivant", "lebt", "lebend"),
)
"""A 1 says that the event was not seen: follow-up ended, or somebody lives."""
KIND_OF_EVENT_WORDS: Final = (
    *("relapse", "relapsed", "died", "dead", "death", "fustat", "dth", "recur", "recurrence"),
    *("recurred", "progression", "progressed", "failure", "failed", "fail"),
    *("rezidiv", "rueckfall", "tod", "verstorben", "gestorben", "progress", "deces", "decede"),
    *("rechute", "muerte", "muerto", "fallecido", "exitus", "recaida", "recidiva", "decesso"),
    *("morte", "morto", "deceduto", "obito", "overleden", "sterfte"),
)
STATUS_WORDS: Final = ("status", "statut", "estado", "estatus", "stato", "stat", "pstat")
"""How somebody is at the end of follow-up: alive or dead, with or without the event."""
EVENT_WORDS: Final = (
    *("event", *STATUS_WORDS, *KIND_OF_EVENT_WORDS, "occurred", "ereignis", "evenement"),
    *("evento", "gebeurtenis"),
)
HARDLY_EVENT_WORDS: Final = ("delta", "indicator", "ind", "cause", "d")
"""Words of textbooks for whether the event was seen, which say little by themselves."""
ONE_UNIT: Final = ("week", "month", "day")
"""A time, or the week, month or day of a calendar."""
TIME_WORDS: Final = (
    *("ttr", "tte", "survival", "surv", "futime", "time", "days", "weeks", "months", "years"),
    *(
        "hours",
        "stunden",
        "heures",
        "horas",
        "zeit",
        "dauer",
        "tage",
        "wochen",
        "monate",
        "jahre",
        "duree",
        "delai",
        "jours",
    ),
    *("mois", "semaines", "temps", "suivi", "tiempo", "seguimiento", "dias", "semanas", "meses"),
    *("anos", "supervivencia", "tempo", "giorni", "mesi", "tijd", "dagen", "followup", "os"),
    *("pfs", "dfs", "rfs", "efs", "ttp", "wks", "mths", "mos", "yrs", "stop", *ONE_UNIT, "age"),
)
START_WORDS: Final = ("tstart", "start", "begin", "from", "entry", "beginn", "debut", "inicio")
STOP_WORDS: Final = ("tstop", "stop", "end", "until", "exit", "ende", "fin")
TELLING_OUTCOME_WORDS: Final = (
    *("outcome", "endpoint", "response", "responder", "remission", "remitted", "success"),
    *("recovered", "failure", "relapse", "improved", "cured", "ergebnis", "resultat", "ansprechen"),
    *(
        "resultado",
        "respuesta",
        "reponse",
        "exito",
        "risultato",
        "risposta",
        "resposta",
        "desfecho",
    ),
    *("zielgroesse", "endpunkt"),
)
OUTCOME_WORDS: Final = (
    *TELLING_OUTCOME_WORDS,
    *("score", "total", "rating", "event", "punktwert", "summe", "gesamt", "punkte"),
    *("puntuacion", "puntaje", "punteggio", "totale", "pontuacao"),
)
"""The later words are those of any score, an outcome or not."""
DEMOGRAPHIC: Final = (
    *("age", "sex", "gender", "male", "female", "race", "ethnic", "ethnicity", "site", "center"),
    *("centre", "country", "region", "education", "marital", "alter", "geschlecht", "zentrum"),
    *("sexe", "edad", "sexo", "genero", "raza", "etnia", "centro", "pais", "eta", "sesso", "idade"),
    *("leeftijd", "geslacht"),
)
BEFORE_RANDOMISATION: Final = (
    *DEMOGRAPHIC,
    *(
        "stratum",
        "strata",
        "screening",
        "scr",
        "bmi",
        "height",
        "smoker",
        "smoking",
        "inherit",
        "genotype",
    ),
    *("prior", "previous", "history", "hist", "employment", "asa", "type"),
    *("groesse", "chamber", "altura", "talla", "fumador", "raucher", "fumeur"),
)
"""What does not change by treatment, or is noted before it, whatever the study."""
BEFORE_IF_ALONE: Final = ("onset", "duration", "length")
OF_ILLNESS: Final = frozenset(
    ("disease", "illness", "episode", "symptom", "symptoms", "diagnosis", "depression", "age")
)
"""Words by which an onset, a duration or a length is that of the illness, not of the treatment."""


AFTER_WORDS: Final = frozenset(
    (
        *("end", "final", "last", "post", "after", "following", "followup", "follow", "fu", "exit"),
        *(
            "during",
            "discharge",
            "visit",
            "dropout",
            "withdrawal",
            "discontinuation",
            "termination",
        ),
        *(
            "ende",
            "nachher",
            "nach",
            "verlauf",
            "apres",
            "fin",
            "sortie",
            "despues",
            "dopo",
            "alta",
        ),
        *("change", "chg", "cfb", "pchg", "difference", "delta"),
    )
)
"""Words of what was noted after treatment began, whatever else the name says."""
OF_WHAT_HAPPENED: Final = frozenset(
    (*KIND_OF_EVENT_WORDS, "ae", "sae", "adverse", "event", "events", "censoring", "remission")
)
"""What happens after treatment began, but for that of an earlier illness."""
OF_EARLIER: Final = frozenset(
    ("prior", "previous", "history", "hist", "family", "past", "lifetime")
)
TIMED_NAME: Final = re.compile(
    r"(?:.*[._ -])?(?:w|wk|week|weeks|m|mo|mon|month|months|d|day|days|v|visit|t|y|yr|year|woche"
    r"|tag|monat|sem|semaine|jour|mois|semana|mes|dia|sett|settimana)[._ -]?(?P<number>\d+)",
    re.IGNORECASE,
)
"""A name that ends in a time: `bmi_week12`, which is no trait but at time 0."""


def rank(column: Column, words: tuple[str, ...]) -> int | None:
    """Place of the first of these words in the column's name."""
    return next((place for place, word in enumerate(words) if word in column.words), None)


def named(columns: Iterable[Column], words: tuple[str, ...]) -> list[Column]:
    """Columns with one of these words, the more telling word first."""
    ranked = [(place, column) for column in columns if (place := rank(column, words)) is not None]
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


def is_code(column: Column) -> bool:
    """Whether a column is called after the code of a participant and nothing else."""
    return not column.binary and column.name.casefold() in SUBJECT_WORDS


def is_derived(column: Column) -> bool:
    """Whether the name says that the column was calculated from others."""
    return rank(column, DERIVED_WORDS) is not None


def before_randomisation(column: Column) -> bool:
    """Whether the name says that a column was known before treatment."""
    if _after_treatment_began(column):
        return False
    if any(rank(column, words) is not None for words in (BEFORE_RANDOMISATION, BASELINE_WORDS)):
        return True
    return column.name.casefold() in BEFORE_IF_ALONE or bool(
        column.words & set(BEFORE_IF_ALONE) and column.words & OF_ILLNESS
    )


def _after_treatment_began(column: Column) -> bool:
    """Whether a name says that a column was noted later: `bmi_end`, `age_at_relapse`."""
    if rank(column, BASELINE_WORDS) is not None:
        return False
    timed = TIMED_NAME.fullmatch(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name))
    later = timed is not None and int(timed["number"]) > 0
    happened = bool(column.words & OF_WHAT_HAPPENED) and not column.words & OF_EARLIER
    return later or happened or bool(column.words & AFTER_WORDS)


def demographic(column: Column) -> bool:
    """Whether a column tells who somebody is, and cannot be an outcome."""
    return not _after_treatment_began(column) and rank(column, DEMOGRAPHIC) is not None
