"""The methods of the safety tables in words, and their references."""

SAFETY_WORDS = (
    "Safety. Subjects with each adverse event were counted by system organ class and preferred "
    "term in the arm assigned, with Clopper-Pearson intervals; risk differences have the score "
    "interval of Miettinen and Nurminen, and p-values are Fisher's. Exposure-adjusted incidence is "
    "the number of subjects with a first event over the time to it or to the end of follow-up, "
    "with exact Poisson intervals. Rare events have an exact one-sided upper bound."
)

SAFETY_REFERENCES = (
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of "
    "the binomial. Biometrika 1934;26:404-413.",
    "Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226.",
    "Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.",
    "Hanley JA, Lippman-Hand A. If nothing goes wrong, is everything all right? JAMA "
    "1983;249:1743-1745.",
    "Junqueira DR, Zorzela L, Golder S, et al. CONSORT Harms 2022 statement, explanation, and "
    "elaboration. BMJ 2023;381:e073725.",
)
