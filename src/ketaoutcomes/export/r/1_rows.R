# Reading the datasets, and keeping every number under the id of its result.

suppressPackageStartupMessages({
  library(survival)
  library(emmeans)
})
# emmeans gives a number that has two values, such as 0 and 1, equal weights; the report has its mean
emm_options(cov.keep = character(0))

number <- function(text) suppressWarnings(as.numeric(text))

# All columns as text; the apostrophe that keeps a spreadsheet from running a text is taken off.
read_table <- function(name) {
  x <- read.csv(file.path(folder, name), colClasses = "character", na.strings = "",
                check.names = FALSE, encoding = "UTF-8", strip.white = FALSE)
  x[] <- lapply(x, function(column) sub("^'([-=+@\t\r])", "\\1", column))
  x
}

KEYS <- c("table", "analysis", "phase", "statistic", "visit", "arm", "reference", "group")
results <- read_table("results.csv")
results[KEYS] <- lapply(results[KEYS], function(column) ifelse(is.na(column), "", column))
results$phase[results$analysis != ""] <- ""  # the analysis tells its phase
dictionary <- read_table("define.csv")
LEVEL <- number(na.omit(results$conf_level))[1]
if (is.na(LEVEL)) LEVEL <- 0.95
z_of_level <- function() qnorm(0.5 + LEVEL / 2)

# The rows of an analysis: numbers as numbers, texts as factors whose levels are sorted by their
# code points, whatever the language of the computer; arms and visits in the order of the plan.
analysis_data <- function(dataset, analysis, arms, visits = NULL) {
  x <- read_table(paste0(tolower(dataset), ".csv"))
  x <- x[!is.na(x$ANALYSIS) & x$ANALYSIS == analysis, , drop = FALSE]
  types <- dictionary[dictionary$dataset == dataset, ]
  for (name in names(x)) {
    if (types$type[match(name, types$variable)] == "number") x[[name]] <- number(x[[name]])
    else if (name == "TRTP") x$TRTP <- factor(x$TRTP, arms)
    else if (name == "AVISIT") x$AVISIT <- factor(x$AVISIT, visits)
    else x[[name]] <- factor(x[[name]], sort(unique(x[[name]]), method = "radix"))
  }
  x[, vapply(x, function(column) !all(is.na(column)), NA), drop = FALSE]
}

numbers <- NULL
reasons <- NULL
current <- ""

# One analysis after the other; an error in one is reported and stops no other.
analyse <- function(name, code) {
  current <<- name
  code <- substitute(code)
  tryCatch(eval(code, new.env(parent = globalenv())),
           error = function(e) not_repeated(paste("the script stopped:", conditionMessage(e))))
}

# Numbers of one table under their keys; each argument has one value or one for each number.
add <- function(table, statistic, estimate = NA, visit = "", arm = "", reference = "", group = "",
                lower = NA, upper = NA, std_error = NA, df = NA, test = NA, p = NA, phase = "") {
  if (!length(estimate)) return(invisible())
  new <- data.frame(table, analysis = current, phase, statistic, visit, arm, reference, group,
                    estimate, lower, upper, std_error, df = ifelse(is.finite(df), df, NA), test, p,
                    stringsAsFactors = FALSE)
  numbers <<- rbind(numbers, new)
}

# A number with the interval and the test that the normal distribution gives it.
add_normal <- function(table, statistic, estimate, std_error, ..., tested = TRUE, law = qnorm) {
  half <- z_of_level() * std_error
  add(table, statistic, estimate, lower = estimate - half, upper = estimate + half,
      std_error = std_error, p = if (tested) 2 * pnorm(-abs(estimate / std_error)) else NA, ...)
}

# A ratio from its logarithm; the standard error is that of the logarithm.
add_ratio <- function(table, statistic, log_ratio, std_error, ...) {
  half <- z_of_level() * std_error
  add(table, statistic, exp(log_ratio), lower = exp(log_ratio - half),
      upper = exp(log_ratio + half), std_error = std_error, test = log_ratio / std_error,
      p = 2 * pnorm(-abs(log_ratio / std_error)), ...)
}

# Why some numbers are not repeated: of a table or a statistic (the start of each), or of all.
not_repeated <- function(why, table = "", statistic = "", analysis = current, fields = "") {
  reasons <<- rbind(reasons, data.frame(table, statistic, analysis, why, fields,
                                        stringsAsFactors = FALSE))
}
