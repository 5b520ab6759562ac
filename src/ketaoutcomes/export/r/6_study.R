# The tables of the study: baseline, missing scores, adverse events.

# phases: the names in order; references: the reference arm of each ("" without one); arms: the
# arms of each; variables: plan's name -> variable of ADSL, "" where it differs between phases.
describe_study <- function(phases, arms, references, variables) {
  current <<- ""
  adsl <- read_table("adsl.csv")
  types <- dictionary[dictionary$dataset == "ADSL", ]
  for (name in types$variable[types$type == "number"]) adsl[[name]] <- number(adsl[[name]])
  for (k in seq_along(phases)) {
    here <- adsl[!is.na(adsl[[sprintf("TRT%02dP", k)]]), ]
    here$TRTP <- here[[sprintf("TRT%02dP", k)]]
    for (name in names(variables)) {
      variable <- if (variables[[name]] == "") sprintf("BASE%02d", k) else variables[[name]]
      if (!variable %in% names(here) || all(is.na(here[[variable]]))) next
      add_baseline(here, phases[k], name, variable, arms[[k]], references[k])
    }
    if (file.exists(file.path(folder, "adae.csv"))) {
      add_adverse_events(here, phases[k], arms[[k]], references[k])
    }
  }
  if (file.exists(file.path(folder, "adqs.csv"))) add_missing_scores()
}

add_baseline <- function(data, phase, name, variable, arms, reference) {
  keep <- function(...) add("dmt01", ..., phase = phase)
  for (arm in c(arms, if (length(arms) > 1) "")) {
    x <- data[[variable]][arm == "" | data$TRTP == arm]
    known <- x[!is.na(x)]
    if (is.numeric(x)) {
      if (!length(known)) next
      q <- quantile(known, c(0.25, 0.75), type = 7, names = FALSE)
      keep(c("mean", "SD", "median", "lower quartile", "upper quartile", "min", "max"),
           c(mean(known), sd(known), median(known), q, min(known), max(known)), arm = arm,
           group = name)
    } else {
      levels <- unique(data[[variable]][!is.na(data[[variable]])])
      counts <- vapply(levels, function(level) sum(known == level), 0)
      groups <- paste0(name, ": ", levels)
      keep("count", counts, arm = arm, group = groups)
      if (length(known)) keep("percent", 100 * counts / length(known), arm = arm, group = groups)
    }
  }
  if (reference == "") return(invisible())
  for (arm in setdiff(arms, reference)) {
    one <- na.omit(data[[variable]][data$TRTP == arm])
    two <- na.omit(data[[variable]][data$TRTP == reference])
    if (is.numeric(one)) {
      d <- (mean(one) - mean(two)) / sqrt((var(one) + var(two)) / 2)
    } else {
      # Yang and Dalton: a Mahalanobis distance of the proportions of all levels but one
      levels <- sort(unique(c(one, two)), method = "radix")[-1]
      if (!length(levels)) next
      t <- vapply(levels, function(level) mean(one == level), 0)
      c <- vapply(levels, function(level) mean(two == level), 0)
      S <- (diag(t, length(t)) - tcrossprod(t) + diag(c, length(c)) - tcrossprod(c)) / 2
      e <- eigen(S, symmetric = TRUE)
      some <- e$values > 1e-12
      part <- drop(crossprod(e$vectors[, some, drop = FALSE], t - c))
      d <- sqrt(sum(part^2 / e$values[some]))
    }
    if (is.finite(d)) keep("standardised difference", d, arm = arm, reference = reference,
                           group = name)
  }
}

# Observed and missing scores: complete, dropped out (none after some visit) and intermittent.
add_missing_scores <- function() {
  adqs <- read_table("adqs.csv")
  for (param in unique(adqs$PARAM)) {
    one <- adqs[adqs$PARAM == param, ]
    # a crossover holds further periods beside that of the endpoint
    if ("APERIODC" %in% names(one) && any(is.na(one$APERIODC))) one <- one[is.na(one$APERIODC), ]
    phase <- unique(results$phase[results$table == "mist01" & results$group == param])
    visits <- unique(results$visit[results$table == "mist01" & results$group == param &
                                     results$visit != ""])
    if (length(phase) != 1) next
    one <- one[one$ANALYSIS == one$ANALYSIS[1], ]
    if ("APERIODC" %in% names(one) && !is.na(one$APERIODC[1])) one <- one[one$APERIODC == phase, ]
    for (arm in unique(one$TRTP)) {
      here <- one[one$TRTP == arm, ]
      people <- unique(here$USUBJID)
      seen <- vapply(visits, function(v) {
        people %in% here$USUBJID[here$AVISIT == v & !is.na(here$AVAL)]
      }, logical(length(people)))
      seen <- matrix(seen, length(people))
      keep <- function(...) add("mist01", ..., phase = phase, arm = arm)
      keep("observed", colSums(seen), visit = visits, group = param)
      keep("missing", colSums(!seen), visit = visits, group = param)
      complete <- rowSums(!seen) == 0
      falling <- apply(seen, 1, function(x) all(diff(as.integer(x)) <= 0)) & !complete
      keep("pattern", c(sum(complete), sum(falling), sum(!complete & !falling)),
           group = paste0(param, ": ", c("complete", "dropped out", "intermittent")))
    }
  }
}

# Subjects with an event, with exact intervals; differences by the score interval.
add_adverse_events <- function(data, phase, arms, reference) {
  adae <- read_table("adae.csv")
  adae <- adae[!is.na(adae$PHASE) & adae$PHASE == phase & adae$USUBJID %in% data$USUBJID, ]
  if (!nrow(adae)) return(invisible())
  asked <- unique(results$group[results$phase == phase & results$table %in% c("aet01", "aet02")])
  group <- function(table, name, part) {
    if (!name %in% asked) return(invisible())
    size <- vapply(arms, function(arm) sum(data$TRTP == arm), 0)
    count <- vapply(arms, function(arm) length(unique(part$USUBJID[part$TRTP == arm])), 0)
    for (k in seq_along(arms)) {
      if (!size[k]) next
      limits <- binom.test(count[k], size[k], conf.level = LEVEL)$conf.int
      add(table, "subjects", count[k], phase = phase, arm = arms[k], group = name)
      add(table, "proportion", count[k] / size[k], phase = phase, arm = arms[k], group = name,
          lower = limits[1], upper = limits[2])
      if (arms[k] == reference || reference == "") next
      r <- match(reference, arms)
      limits <- miettinen_nurminen(count[k], size[k], count[r], size[r])
      table22 <- matrix(c(count[k], size[k] - count[k], count[r], size[r] - count[r]), 2)
      add(table, "risk difference", count[k] / size[k] - count[r] / size[r], phase = phase,
          arm = arms[k], reference = reference, group = name, lower = limits[1],
          upper = limits[2], p = fisher.test(table22)$p.value)
    }
  }
  group("aet01", "any adverse event", adae)
  group("aet01", "related", adae[adae$AEREL %in% "1", ])
  group("aet01", "severe", adae[tolower(adae$AESEV) %in% "severe", ])
  group("aet01", "serious", adae[adae$AESER %in% "1", ])
  for (soc in unique(adae$AESOC)) {
    of_class <- adae[adae$AESOC == soc, ]
    group("aet02", soc, of_class)
    for (term in unique(of_class$AEDECOD)) {
      group("aet02", paste0(soc, ": ", term), of_class[of_class$AEDECOD == term, ])
    }
  }
}
