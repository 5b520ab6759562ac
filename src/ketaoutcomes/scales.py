"""Rating scales and measurements, each with its range, direction and source."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Threshold:
    """What is commonly taken as a response, a remission or a difference that patients notice.

    Attributes
    ----------
    words : str
        The rule, for a reader.
    source : str
        Where it was published.
    """

    words: str
    source: str


@dataclass(frozen=True)
class Scale:
    """A rating scale or a measurement.

    Attributes
    ----------
    name, label : str
        Short and full name.
    low, high : float
        Least and greatest possible value.
    better : {"lower", "higher"}
        The direction of improvement.
    source : str
        Where the scale was published.
    unit : str
        In what it is counted.
    decimals : int or None
        Decimals of its means and differences; None: one, or more where these are small.
    version : str
        Which version is meant, where there are several.
    items : int or None
        Number of items that the score sums up; None where it is no sum of items.
    response, remission : Threshold or None
        What is commonly taken as such; None where no source was found.
    matters : Threshold or None
        The least difference that matters to patients.
    """

    name: str
    label: str
    low: float
    high: float
    better: Literal["lower", "higher"]
    source: str
    unit: str = "points"
    decimals: int | None = None
    version: str = ""
    items: int | None = None
    response: Threshold | None = None
    remission: Threshold | None = None
    matters: Threshold | None = None


POINTS = "points"
"""The unit of a rating scale."""

_UNITS: dict[str, tuple[str, int]] = {
    "EQ-5D": ("index units", 3),
    "SBP": ("mmHg", 1),
    "DBP": ("mmHg", 1),
    "Heart rate": ("beats/min", 1),
    "Detection speed": ("log10 ms", 3),
    "BDNF": ("ng/mL", 1),
    "CRP": ("mg/L", 1),
    "IL-6": ("pg/mL", 2),
}
"""Measurements: their unit, and the decimals of their means."""

_MADRS = "Montgomery & Åsberg 1979, Br J Psychiatry 134:382-389"
_GUY = "Guy 1976, ECDEU Assessment Manual for Psychopharmacology, 218-222"
_EUROQOL = "EuroQol Group 1990, Health Policy 16:199-208"
_HAMD17 = "Hamilton 1960, J Neurol Neurosurg Psychiatry 23:56-62"
_CAPS = "Weathers et al. 2018, Psychol Assess 30:383-395"
_BRIEF_PAIN = "Jensen & Karoly 2001, in Handbook of Pain Assessment, 2nd edn, 15-34"

_ROWS: tuple[tuple[str, str, float, float, Literal["lower", "higher"], str], ...] = (
    ("MADRS", "Montgomery-Åsberg Depression Rating Scale", 0, 60, "lower", _MADRS),
    (
        "HAMD17",
        "Hamilton Rating Scale for Depression, 17 items",
        0,
        52,
        "lower",
        _HAMD17,
    ),
    (
        "HAMD6",
        "Hamilton Rating Scale for Depression, 6 items",
        0,
        22,
        "lower",
        "Bech et al. 1975, Acta Psychiatr Scand 51:161-170",
    ),
    (
        "BDI-II",
        "Beck Depression Inventory II",
        0,
        63,
        "lower",
        "Beck, Steer & Brown 1996, Manual for the BDI-II",
    ),
    (
        "PHQ-9",
        "Patient Health Questionnaire, 9 items",
        0,
        27,
        "lower",
        "Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613",
    ),
    (
        "QIDS-SR16",
        "Quick Inventory of Depressive Symptomatology, self-report",
        0,
        27,
        "lower",
        "Rush et al. 2003, Biol Psychiatry 54:573-583",
    ),
    (
        "SSI",
        "Scale for Suicidal Ideation",
        0,
        38,
        "lower",
        "Beck, Kovacs & Weissman 1979, J Consult Clin Psychol 47:343-352",
    ),
    (
        "C-SSRS ideation",
        "Columbia-Suicide Severity Rating Scale, severity of ideation",
        0,
        5,
        "lower",
        "Posner et al. 2011, Am J Psychiatry 168:1266-1277",
    ),
    (
        "YMRS",
        "Young Mania Rating Scale",
        0,
        60,
        "lower",
        "Young et al. 1978, Br J Psychiatry 133:429-435",
    ),
    ("CGI-S", "Clinical Global Impression, severity", 1, 7, "lower", _GUY),
    ("CGI-I", "Clinical Global Impression, improvement", 1, 7, "lower", _GUY),
    (
        "CGI-SS-r",
        "Clinical Global Impression, severity of suicidality, revised",
        0,
        6,
        "lower",
        "Fu et al. 2020, J Clin Psychiatry 81:19m13191",
    ),
    (
        "PWC-20",
        "Physician Withdrawal Checklist, 20 items",
        0,
        60,
        "lower",
        "Rickels et al. 2008, J Clin Psychopharmacol 28:447-451",
    ),
    ("CAPS-5", "Clinician-Administered PTSD Scale for DSM-5", 0, 80, "lower", _CAPS),
    ("CAPS-5 intrusion", "CAPS-5, cluster B: intrusion", 0, 20, "lower", _CAPS),
    ("CAPS-5 avoidance", "CAPS-5, cluster C: avoidance", 0, 8, "lower", _CAPS),
    (
        "CAPS-5 cognition and mood",
        "CAPS-5, cluster D: negative cognition and mood",
        0,
        28,
        "lower",
        _CAPS,
    ),
    ("CAPS-5 arousal", "CAPS-5, cluster E: arousal and reactivity", 0, 24, "lower", _CAPS),
    (
        "PCL-5",
        "PTSD Checklist for DSM-5",
        0,
        80,
        "lower",
        "Blevins et al. 2015, J Trauma Stress 28:489-498",
    ),
    (
        "Y-BOCS",
        "Yale-Brown Obsessive Compulsive Scale",
        0,
        40,
        "lower",
        "Goodman et al. 1989, Arch Gen Psychiatry 46:1006-1011",
    ),
    (
        "LSAS",
        "Liebowitz Social Anxiety Scale",
        0,
        144,
        "lower",
        "Liebowitz 1987, Mod Probl Pharmacopsychiatry 22:141-173",
    ),
    (
        "HAM-A",
        "Hamilton Anxiety Rating Scale",
        0,
        56,
        "lower",
        "Hamilton 1959, Br J Med Psychol 32:50-55",
    ),
    (
        "GAD-7",
        "Generalised Anxiety Disorder, 7 items",
        0,
        21,
        "lower",
        "Spitzer et al. 2006, Arch Intern Med 166:1092-1097",
    ),
    (
        "VAS anxiety",
        "Visual analogue scale of anxiety",
        0,
        100,
        "lower",
        "Hornblow & Kidson 1976, Aust N Z J Psychiatry 10:339-341",
    ),
    (
        "VAS craving",
        "Visual analogue scale of craving for the drug",
        0,
        100,
        "lower",
        "Sayette et al. 2000, Addiction 95(S2):S189-S210",
    ),
    ("NRS pain", "Numeric rating scale of pain", 0, 10, "lower", _BRIEF_PAIN),
    (
        "SDS",
        "Sheehan Disability Scale",
        0,
        30,
        "lower",
        "Sheehan, Harnett-Sheehan & Raj 1996, Int Clin Psychopharmacol 11(S3):89-95",
    ),
    # the lowest utility of a published value set, that of Taiwan: Lin et al. 2018
    ("EQ-5D", "EQ-5D index", -1.0259, 1, "higher", _EUROQOL),
    ("EQ VAS", "EQ visual analogue scale of health", 0, 100, "higher", _EUROQOL),
    (
        "CADSS",
        "Clinician-Administered Dissociative States Scale",
        0,
        92,
        "lower",
        "Bremner et al. 1998, J Trauma Stress 11:125-136",
    ),
    (
        "MOAA/S",
        "Modified Observer's Assessment of Alertness/Sedation",
        0,
        5,
        "higher",
        "Chernik et al. 1990, J Clin Psychopharmacol 10:244-251",
    ),
    (
        "SBP",
        "Systolic blood pressure, mmHg",
        60,
        260,
        "lower",
        "Pickering et al. 2005, Hypertension 45:142-161",
    ),
    (
        "DBP",
        "Diastolic blood pressure, mmHg",
        30,
        160,
        "lower",
        "Pickering et al. 2005, Hypertension 45:142-161",
    ),
    (
        "Heart rate",
        "Heart rate, beats per minute",
        30,
        220,
        "lower",
        "Palatini et al. 2006, J Hypertens 24:603-610",
    ),
    (
        "HVLT-R delayed recall",
        "Hopkins Verbal Learning Test, revised, delayed recall",
        0,
        12,
        "higher",
        "Benedict et al. 1998, Clin Neuropsychol 12:43-55",
    ),
    (
        "Detection speed",
        "Reaction time of simple detection, log10 ms (lower is faster)",
        2,
        4,
        "lower",
        "Maruff et al. 2009, Arch Clin Neuropsychol 24:165-178",
    ),
    (
        "BPIC-SS",
        "Bladder Pain/Interstitial Cystitis Symptom Score",
        0,
        38,
        "lower",
        "Humphrey et al. 2012, Eur Urol 61:271-279",
    ),
    (
        "BDNF",
        "Brain-derived neurotrophic factor in serum, ng/mL",
        0,
        100,
        "higher",
        "Karege et al. 2002, Psychiatry Res 109:143-148",
    ),
    (
        "CRP",
        "C-reactive protein, mg/L",
        0,
        500,
        "lower",
        "Pearson et al. 2003, Circulation 107:499-511",
    ),
    (
        "IL-6",
        "Interleukin 6 in plasma, pg/mL",
        0,
        1000,
        "lower",
        "Dowlati et al. 2010, Biol Psychiatry 67:446-457",
    ),
)

_MADRS_ITEMS = (
    "Apparent sadness",
    "Reported sadness",
    "Inner tension",
    "Reduced sleep",
    "Reduced appetite",
    "Concentration difficulties",
    "Lassitude",
    "Inability to feel",
    "Pessimistic thoughts",
    "Suicidal thoughts",
)

# The items of cluster B (Weathers et al. 2018).
_CAPS_INTRUSION = (
    "intrusive memories",
    "distressing dreams",
    "flashbacks (dissociative reactions)",
    "psychological distress at reminders",
    "physiological reactions to reminders",
)

# Items and their highest scores in the version of 17 items (Hamilton 1960).
_HAMD17_ITEMS = (
    ("Depressed mood", 4),
    ("Feelings of guilt", 4),
    ("Suicide", 4),
    ("Insomnia, early", 2),
    ("Insomnia, middle", 2),
    ("Insomnia, late", 2),
    ("Work and activities", 4),
    ("Retardation", 4),
    ("Agitation", 4),
    ("Anxiety, psychic", 4),
    ("Anxiety, somatic", 4),
    ("Gastrointestinal symptoms", 2),
    ("General somatic symptoms", 2),
    ("Genital symptoms", 2),
    ("Hypochondriasis", 4),
    ("Loss of weight", 2),
    ("Insight", 2),
)

_ITEMS: Final = {
    "MADRS": 10,
    "HAMD17": 17,
    "HAMD6": 6,
    "BDI-II": 21,
    "PHQ-9": 9,
    "QIDS-SR16": 16,
    "SSI": 19,
    "C-SSRS ideation": 5,
    "YMRS": 11,
    "CAPS-5": 20,
    "CAPS-5 intrusion": 5,
    "CAPS-5 avoidance": 2,
    "CAPS-5 cognition and mood": 7,
    "CAPS-5 arousal": 6,
    "PCL-5": 20,
    "Y-BOCS": 10,
    "LSAS": 24,
    "HAM-A": 14,
    "GAD-7": 7,
    "VAS anxiety": 1,
    "VAS craving": 1,
    "NRS pain": 1,
    "SDS": 3,
    "EQ-5D": 5,
    "EQ VAS": 1,
    "CADSS": 23,
    "MOAA/S": 1,
    "CGI-S": 1,
    "CGI-I": 1,
    "CGI-SS-r": 1,
    "PWC-20": 20,
    "BPIC-SS": 8,
}
"""Items that a score sums up, weighs or consists of."""

_VERSIONS: Final = {
    "HAMD17": "17 items",
    "HAMD6": "items 1, 2, 7, 8, 10 and 13 of the 17",
    "BDI-II": "second edition, 1996",
    "QIDS-SR16": "self-report, 16 items in nine domains",
    "C-SSRS ideation": "severity of ideation, 0 to 5",
    "CAPS-5": "DSM-5, past month or past week",
    "PCL-5": "DSM-5",
    "SDS": "total of three items, 0 to 30",
    "EQ-5D": "3L or 5L; the lowest score depends on the value set",
    "CADSS": "23 items, as in the trials of esketamine; that of 1998 has more",
    "PWC-20": "20 items of the 35",
    "HVLT-R delayed recall": "revised",
}

_HALF: Final = Threshold("at least 50% reduction from baseline", "a convention of trials")
_RESPONSES: Final = {
    "MADRS": _HALF,
    "HAMD17": _HALF,
    "QIDS-SR16": _HALF,
    "Y-BOCS": Threshold(
        "at least 35% reduction from baseline",
        "Mataix-Cols et al. 2016, World Psychiatry 15:80-81",
    ),
    "CGI-I": Threshold("2 or less, much or very much improved", _GUY),
}
_REMISSIONS: Final = {
    "MADRS": Threshold("12 or less", "Popova et al. 2019, Am J Psychiatry 176:428-438"),
    "HAMD17": Threshold("7 or less", "Frank et al. 1991, Arch Gen Psychiatry 48:851-855"),
    "PHQ-9": Threshold(
        "4 or less", "Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613"
    ),
    "QIDS-SR16": Threshold("5 or less", "Rush et al. 2003, Biol Psychiatry 54:573-583"),
    "Y-BOCS": Threshold("12 or less", "Mataix-Cols et al. 2016, World Psychiatry 15:80-81"),
    "SDS": Threshold(
        "6 or less, called functional remission",
        "Sheehan et al. 2011, Int Clin Psychopharmacol 26:75-83",
    ),
}
_MATTERS: Final = {
    "MADRS": Threshold("1.6 to 1.9 points", "Duru & Fantino 2008, Curr Med Res Opin 24:1329-1335"),
    "BDI-II": Threshold(
        "a 17.5% reduction from baseline, or 32% in treatment-resistant depression",
        "Button et al. 2015, Psychol Med 45:3269-3279",
    ),
    "PHQ-9": Threshold("5 points", "Löwe et al. 2004, Med Care 42:1194-1201"),
    "GAD-7": Threshold("4 points", "Toussaint et al. 2020, J Affect Disord 265:395-401"),
    "NRS pain": Threshold("2 points, or 30%", "Farrar et al. 2001, Pain 94:149-158"),
    "EQ-5D": Threshold("0.074", "Walters & Brazier 2005, Qual Life Res 14:1523-1532"),
}
"""The least differences that matter to patients, each for the group that was studied."""


def _scale(row: tuple[str, str, float, float, Literal["lower", "higher"], str]) -> Scale:
    name = row[0]
    unit, decimals = _UNITS.get(name, (POINTS, None))
    return Scale(
        *row,
        unit=unit,
        decimals=decimals,
        version=_VERSIONS.get(name, ""),
        items=_ITEMS.get(name),
        response=_RESPONSES.get(name),
        remission=_REMISSIONS.get(name),
        matters=_MATTERS.get(name),
    )


SCALES: dict[str, Scale] = {row[0]: _scale(row) for row in _ROWS} | {
    (name := f"MADRS item {number}"): Scale(
        name, f"MADRS, {words.lower()}", 0, 6, "lower", _MADRS, items=1
    )
    for number, words in enumerate(_MADRS_ITEMS, start=1)
}
SCALES |= {
    (name := f"CAPS-5 item {number}"): Scale(
        name, f"CAPS-5, {words}", 0, 4, "lower", _CAPS, items=1
    )
    for number, words in enumerate(_CAPS_INTRUSION, start=1)
}
SCALES |= {
    (name := f"HAMD17 item {number}"): Scale(
        name, f"HAM-D17, {words.lower()}", 0, high, "lower", _HAMD17, items=1
    )
    for number, (words, high) in enumerate(_HAMD17_ITEMS, start=1)
}
"""The scales that plans and scenarios may name without defining them."""
