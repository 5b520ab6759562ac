"""Names, codes and labels of trials, in several languages, misleading ones among them."""

import random
from collections.abc import Callable
from typing import Final

Choose = random.Random

IDS: Final = (
    *("id", "ID", "subject", "SUBJID", "patient_id", "pid", "participant", "record_id", "USUBJID"),
    *("Subject ID", "ptno", "patnr", "Patientennummer", "Proband", "Teilnehmer", "sujet", "PATID"),
    *("numero_patient", "code_patient", "paciente", "id_paciente", "paziente", "subj_no", "case"),
)
ARMS: Final = (
    *("trt", "treatment", "arm", "group", "ARM", "TRT", "allocation", "rand_group", "tx", "bras"),
    *(
        "traitement",
        "groupe",
        "Gruppe",
        "Behandlung",
        "Studienarm",
        "grupo",
        "tratamiento",
        "Group",
    ),
    *("Randomised treatment", "treat", "intervention", "braccio", "behandeling", "study_arm"),
)
CONTROLLED: Final = (
    *(("placebo", "ketamine"), ("Sham", "Active"), ("TAU", "CBT"), ("Plazebo", "Verum")),
    *(("midazolam", "ketamine 0.5 mg/kg"), ("placebo", "actif"), ("Kontrolle", "Intervention")),
    *(("témoin", "traité"), ("control", "experimental"), ("Wartelisteneintrag", "Therapie")),
    *(("placebo + oral AD", "esketamine + oral AD"), ("waitlist", "MBCT"), ("PBO", "ESK56")),
    *(("usual care", "collaborative care"), ("placebo", "paroxetine CR"), ("vehicle", "gel")),
    *(("ketamine only", "ketamine + CBT"), ("sham rTMS", "rTMS 10 Hz"), ("espera", "terapia")),
)
"""The control first, by its name."""
EQUALS: Final = (
    *(("0", "1"), ("1", "2"), ("A", "B"), ("ECT", "ketamine"), ("low dose", "high dose")),
    *(("controlled-release", "immediate-release"), ("psilocybin 1 mg", "psilocybin 25 mg")),
    *(("immediate", "delayed"), ("1 Hz", "10 Hz"), ("lithium", "quetiapine"), ("Q2W", "Q4W")),
    *(("uncontrolled feeding", "restricted feeding"), ("TAU", "TAU + app"), ("X", "Y")),
    *(("SSRI", "SNRI"), ("bilateral", "unilateral"), ("-1", "1"), ("10", "20")),
)
"""Either may be the control."""
SCORES: Final = (
    *(("MADRS", "lower", 0, 60), ("madrs_total", "lower", 0, 60), ("PHQ9", "lower", 0, 27)),
    *(("BDI", "lower", 0, 63), ("QIDS", "lower", 0, 27), ("PANSS", "lower", 30, 200)),
    *(("YMRS", "lower", 0, 60), ("cgi_s", "lower", 1, 7), ("GAF", "higher", 1, 99)),
    *(("WHO5", "higher", 0, 25), ("moca", "higher", 0, 30), ("pain_nrs", "lower", 0, 10)),
    *(("quality_of_life", "higher", 0, 99), ("Schmerz", "lower", 0, 10), ("gad7", "lower", 0, 21)),
    *(("psqi_sleep_quality", "lower", 0, 21), ("cgi_improvement", "lower", 1, 7)),
    *(("pain_relief", "higher", 0, 10), ("distress_tolerance", "higher", 0, 50)),
    *(("symptom_reduction", "higher", 0, 99), ("pain_threshold", "higher", 1, 80)),
    *(("normalized_score", "", 0, 99), ("executive_function_errors", "lower", 0, 40)),
    *(("liver_function", "lower", 5, 99), ("depression_literacy", "higher", 0, 30)),
    *(("loss_of_function", "lower", 0, 99), ("functional_impairment", "lower", 0, 30)),
    *(
        ("recovery_time", "", 1, 99),
        ("calidad_de_vida", "higher", 0, 99),
        ("fatigue", "lower", 0, 40),
    ),
    *(("symptom_free_days", "higher", 0, 28), ("anxiety_control", "higher", 0, 40)),
    *(("problems_with_function", "lower", 0, 40), ("reduction_of_pain", "higher", 0, 10)),
    *(
        ("angst", "lower", 0, 40),
        ("schmerzlinderung", "higher", 0, 10),
        ("soulagement_douleur", "higher", 0, 10),
    ),
    *(("score", "", 0, 50), ("total", "", 0, 50), ("y", "", 0, 50), ("value", "", 0, 50)),
    *(
        ("Punktwert", "", 0, 50),
        ("puntuacion", "", 0, 50),
        ("outcome", "", 0, 50),
        ("AVAL", "", 0, 50),
    ),
)
"""Name, better direction ("" where nobody can tell), and range."""
YES_OR_NO: Final = (
    *(
        ("remission", "higher"),
        ("relapse", "lower"),
        ("response", "higher"),
        ("non_response", "lower"),
    ),
    *(("no_relapse", "higher"), ("relapse_free", "higher"), ("nonresponder", "lower")),
    *(("not_recovered", "lower"), ("loss_of_response", "lower"), ("treatment_failure", "lower")),
    *(("lack_of_improvement", "lower"), ("keine_Remission", "lower"), ("sin_respuesta", "lower")),
    *(("recaida", "lower"), ("rechute", "lower"), ("Rezidiv", "lower"), ("outcome", "")),
    *(("endpoint", ""), ("result", ""), ("unresponsive", "lower"), ("abstinent", "higher")),
    *(("pain_free", "higher"), ("responder50", "higher"), ("no_improvement", "lower")),
)
TIMES: Final = (
    *(("time", ""), ("days", "days"), ("futime", ""), ("weeks", "weeks"), ("survtime", "")),
    *(("time_to_relapse", ""), ("tte", ""), ("Zeit", ""), ("delai", ""), ("tiempo", "")),
    *(("jours", "days"), ("months", "months"), ("follow_up_days", "days"), ("Tage", "days")),
    *(("time_weeks", "weeks"), ("semaines", "weeks"), ("Monate", "months"), ("semanas", "weeks")),
    *(("meses", "months"), ("mois", "months"), ("Wochen", "weeks"), ("Jahre", "years")),
)
"""Name, and its unit; "" where nobody can tell."""
MARKS: Final = (
    *("event", "status", "relapse", "relapsed", "rezidiv", "rechute", "recaida", "dead", "cens"),
    *("censor", "censored", "event_flag", "failure", "Ereignis", "evenement", "evento", "stat"),
)
OF_CENSORING: Final = ("cens", "censor", "censored")
BEFORE: Final = (
    *("age", "sex", "AGE", "gender", "bmi", "Alter", "Geschlecht", "edad", "sexe", "education"),
    *("age_at_onset", "prior_episodes", "smoker", "marital", "height", "illness_duration"),
    *("duration_of_illness", "stratum", "weight", "n_previous_hosp", "employment", "race"),
)
SITES: Final = ("site", "center", "centre", "clinic", "country", "Zentrum", "hospital", "centro")
AFTER: Final = (
    *("ae_count", "adherence", "dropout", "last_dose", "rescue_med", "completer", "crp_week4"),
    *("bmi_end", "bmi_week12", "smoker_week12", "age_at_relapse", "age_at_death", "weight_final"),
    *("n_visits", "mean_dose", "plasma_level", "event_type", "ae_type", "employment_followup"),
    *("duration_of_medication", "medication_duration", "duration_treatment", "satisfaction"),
    *(
        "hospital_days",
        "days_in_study",
        "sessions_attended",
        "type_of_dropout",
        "employment_month6",
    ),
    *("smoking_at_end", "history_of_ae_during_study", "Dauer_Medikation", "previous_visit_score"),
    *("day_of_remission", "delirium_free_days", "days_abstinent", "dropout_week", "hospital_time"),
)
"""What arose after randomisation."""
LABS: Final = ("crp", "tsh", "bdnf", "alt", "hr", "sbp", "glucose", "cortisol", "pulse", "temp")
VISITS: Final[tuple[tuple[str, Callable[[int], str], float, bool], ...]] = (
    ("week", str, 7.0, True),
    ("Woche", str, 7.0, True),
    ("semaine", str, 7.0, True),
    ("semana", str, 7.0, True),
    ("month", str, 365.25 / 12, True),
    ("mes", str, 365.25 / 12, True),
    ("visit", lambda k: f"Week {k}" if k else "Baseline", 7.0, True),
    ("AVISIT", lambda k: f"WEEK {k}" if k else "BASELINE", 7.0, True),
    ("visit", lambda k: f"Day {7 * k + 1}" if k else "Day 1", 7.0, True),
    ("visit", lambda k: f"Day {7 * k + 1}" if k else "Baseline (Day 1)", 7.0, True),
    ("visit", lambda k: f"Week {k}" if k else "Baseline visit", 7.0, True),
    ("visite", lambda k: f"J{7 * k}", 7.0, False),
    ("visite", lambda k: f"Semaine {k}" if k else "Inclusion", 7.0, True),
    ("visita", lambda k: f"Semana {k}" if k else "Basal", 7.0, True),
    ("Besuch", lambda k: f"Woche {k}" if k else "Ausgangswert", 7.0, True),
    ("visita", lambda k: f"Settimana {k}" if k else "Basale", 7.0, True),
    ("visita", lambda k: f"Mes {k}" if k else "Basal", 365.25 / 12, True),
    ("timepoint", lambda k: f"T{k}", 7.0, False),
    ("visit", lambda k: f"V{k + 1}", 7.0, False),
    ("time", str, 7.0, False),
    ("redcap_event_name", lambda k: f"week_{k}_arm_1" if k else "baseline_arm_1", 7.0, True),
    ("visit", lambda k: f"Visit {k + 1} (Week {k})" if k else "Visit 1 (Baseline)", 7.0, True),
    ("timepoint", lambda k: f"{k}w" if k else "pre", 7.0, False),
    ("timepoint", lambda k: f"{k} months" if k else "baseline", 365.25 / 12, True),
)
"""Column, label of the k-th planned time, days of a unit, and whether the unit is told."""


def styled(name: str, rng: Choose) -> str:
    """A name as another program would write it."""
    way = rng.randrange(6)
    if way == 0:
        return name.upper()
    if way == 1:
        return name.replace("_", ".")
    if way == 2:
        return name.replace("_", " ").title().replace(" ", "")
    return name
