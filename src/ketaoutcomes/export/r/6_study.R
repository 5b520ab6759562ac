# The tables of the study: baseline, missing scores, adverse events.

# phases: the names in order; references: the reference arm of each ("" without one); arms: the
# arms of each; variables: plan's name -> variable of ADSL, "" where it differs between phases;
# signs, tests: the limits of each vital sign and laboratory test; `p_values`: "none", "score" or
# "fisher", the test of adverse events.
describe_study <- function(phases, arms, references, variables, rare, signs, tests, p_values) {
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
    of_phase <- c("ONTDY", "FUDY", "DCREAS", "DTHFL")
    for (name in of_phase) here[[name]] <- here[[sprintf("%s%02d", name, k)]]
    ordered <- c(references[k], setdiff(arms[[k]], references[k]))
    add_adverse_events(here, phases[k], ordered[ordered != ""], references[k], rare,
                       p_values)
    add_exposure(here, phases[k], arms[[k]])
    add_dose_levels(here, phases[k], arms[[k]])
    add_vital_signs(phases[k], arms[[k]], signs)
    add_laboratory(here, phases[k], arms[[k]], tests)
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

# Observed and missing scores: complete, dropped out (none after some visit) and intermittent. A
# score that was derived, such as carried forward, is not observed.
add_missing_scores <- function() {
  adqs <- read_table("adqs.csv")
  for (param in unique(adqs$PARAM)) {
    one <- adqs[adqs$PARAM == param, ]
    # a crossover holds further periods in addition to that of the endpoint
    if ("APERIODC" %in% names(one) && any(is.na(one$APERIODC))) one <- one[is.na(one$APERIODC), ]
    phase <- unique(results$phase[results$table == "mist01" & results$group == param])
    visits <- unique(results$visit[results$table == "mist01" & results$group == param &
                                     results$visit != ""])
    if (length(phase) != 1) next
    one <- one[one$ANALYSIS == one$ANALYSIS[1], ]
    if ("APERIODC" %in% names(one) && !is.na(one$APERIODC[1])) one <- one[one$APERIODC == phase, ]
    made <- if ("DTYPE" %in% names(one)) !is.na(one$DTYPE) else rep(FALSE, nrow(one))
    any_made <- any(made)
    for (arm in unique(one$TRTP)) {
      of_arm <- one$TRTP == arm
      people <- unique(one$USUBJID[of_arm])
      at_visits <- function(true) {
        found <- vapply(visits, function(v) {
          people %in% one$USUBJID[of_arm & true & one$AVISIT == v]
        }, logical(length(people)))
        matrix(found, length(people))
      }
      filled <- at_visits(!is.na(one$AVAL))
      derived <- at_visits(made)
      seen <- filled & !derived
      keep <- function(...) add("mist01", ..., phase = phase, arm = arm)
      keep("observed", colSums(seen), visit = visits, group = param)
      if (any_made) keep("derived", colSums(derived), visit = visits, group = param)
      keep("missing", colSums(!seen & !derived), visit = visits, group = param)
      complete <- rowSums(!seen) == 0
      falling <- apply(seen, 1, function(x) all(diff(as.integer(x)) <= 0)) & !complete
      keep("pattern", c(sum(complete), sum(falling), sum(!complete & !falling)),
           group = paste0(param, ": ", c("complete", "dropped out", "intermittent")))
    }
  }
}

# Participants with an event, with exact intervals; differences by the score interval.
add_adverse_events <- function(data, phase, arms, reference, rare, p_values) {
  adae <- rows_of("adae.csv", phase, c("AESOC", "AEDECOD", "AESEV", "AESER", "AEREL", "ASTDY"))
  adae <- adae[adae$USUBJID %in% data$USUBJID, ]
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
      counts <- matrix(c(count[k], size[k] - count[k], count[r], size[r] - count[r]), 2)
      p <- switch(p_values, none = NA, fisher = fisher.test(counts)$p.value,
                  score = score_test(count[k], size[k], count[r], size[r]))
      add(table, "risk difference", count[k] / size[k] - count[r] / size[r], phase = phase,
          arm = arms[k], reference = reference, group = name, lower = limits[1],
          upper = limits[2], p = p)
    }
  }
  group("aet01", "deaths", data[data$DTHFL %in% "1", ])
  group("aet01", "fatal adverse event", adae[adae$AESDTH %in% "1", ])
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
  # rates of a first event per 100 years, at risk until it or until treatment ended
  if (!is.null(data$ONTDY)) {
    rate("any adverse event", data, adae, phase, arms)
    for (soc in unique(adae$AESOC)) for (term in unique(adae$AEDECOD[adae$AESOC == soc])) {
      rate(paste0(soc, ": ", term), data, adae[adae$AESOC == soc & adae$AEDECOD == term, ], phase,
           arms)
    }
  }
  by_level(adae, phase, arms)
  left <- data[tolower(data$DCREAS) %in% "adverse event", ]
  if (nrow(left)) group("aet01", "left the study for an adverse event", left)
  for (term in rare) {
    part <- adae[tolower(adae$AEDECOD) == tolower(trimws(term)), ]
    for (arm in arms) {
      n <- sum(data$TRTP == arm)
      if (!n) next
      x <- length(unique(part$USUBJID[part$TRTP == arm]))
      limits <- binom.test(x, n, conf.level = LEVEL)$conf.int
      keep <- function(...) add("aet04", ..., phase = phase, arm = arm, group = term)
      keep("subjects", x)
      keep("proportion", x / n, lower = limits[1], upper = limits[2])
      keep("upper bound", binom.test(x, n, alternative = "less", conf.level = LEVEL)$conf.int[2])
    }
  }
}

# Participants by greatest severity, and related where any event was, of any event and each class.
by_level <- function(adae, phase, arms) {
  severity <- ifelse(is.na(adae$AESEV), "", tolower(trimws(adae$AESEV)))
  severity[severity == ""] <- "not stated"
  usual <- c("mild", "moderate", "severe", "life-threatening", "fatal")
  others <- sort(setdiff(severity, c("not stated", usual)), method = "radix")
  related <- c("1" = "related", "0" = "not related")[adae$AEREL]
  related[is.na(related)] <- "not stated"
  count <- function(table, level, order) {
    if (all(level == "not stated")) return(invisible())
    rank <- match(level, order)
    for (soc in c("any adverse event", unique(adae$AESOC))) {
      here <- soc == "any adverse event" | adae$AESOC == soc
      worst <- tapply(rank[here], adae$USUBJID[here], max)
      arm_of <- adae$TRTP[match(names(worst), adae$USUBJID)]
      for (one in intersect(order, level)) for (arm in arms) {
        add(table, "subjects", sum(order[worst] == one & arm_of == arm), phase = phase, arm = arm,
            group = paste0(soc, ": ", one))
      }
    }
  }
  count("aet05", severity, c("not stated", others, usual))
  count("aet06", related, c("not stated", "not related", "related"))
}

# The rows of a phase; none, with these columns, where the export has no such file.
rows_of <- function(name, phase, columns) {
  if (file.exists(file.path(folder, name))) {
    x <- read_table(name)
    return(x[x$PHASE %in% phase, ])
  }
  columns <- c("USUBJID", "PHASE", "TRTP", columns)
  as.data.frame(setNames(rep(list(character(0)), length(columns)), columns))
}

rate <- function(name, data, part, phase, arms) {
  first <- tapply(number(part$ASTDY), part$USUBJID, function(x) {
    if (all(is.na(x))) NA else min(x, na.rm = TRUE)
  })
  first <- as.vector(first[data$USUBJID])
  had <- data$USUBJID %in% part$USUBJID
  time <- pmax(data$ONTDY, 0)
  time <- ifelse(is.na(time), first, time)
  time <- ifelse(had, pmin(time, pmax(first, 0), na.rm = TRUE), time)
  x <- vapply(arms, function(arm) sum(had[data$TRTP == arm]), 0)
  t <- vapply(arms, function(arm) sum(time[data$TRTP == arm], na.rm = TRUE), 0) / 36525
  for (k in seq_along(arms)) {
    if (t[k] <= 0) next
    limits <- poisson.test(x[k], t[k], conf.level = LEVEL)$conf.int
    add("aet03", "rate", x[k] / t[k], phase = phase, arm = arms[k], group = name,
        lower = limits[1], upper = limits[2])
    if (k == 1 || t[1] <= 0) next
    d <- x[k] / t[k] - x[1] / t[1]
    # the score interval: rates by the likelihood given their difference
    score <- function(delta) {
      a <- t[1] + t[k]
      b <- a * delta - x[1] - x[k]
      r <- max((-b + sqrt(max(b^2 + 4 * a * x[1] * delta, 0))) / (2 * a), 0, -delta)
      (d - delta) / sqrt(max((r + delta) / t[k] + r / t[1], 1e-300))
    }
    z <- z_of_level()
    step <- (1 + max(x[c(1, k)])) / min(t[c(1, k)])
    reach <- function(sign) {
      far <- step
      while (abs(score(d + sign * far)) < z) far <- far + step
      uniroot(function(delta) abs(score(delta)) - z, sort(d + sign * c(1e-9 * step, far)),
              tol = 1e-12 * step)$root
    }
    add("aet03", "rate difference", d, phase = phase, arm = arms[k], reference = arms[1],
        group = name, lower = reach(-1), upper = reach(1))
  }
}

# Doses (of each route where there are several), total dose by unit and route, and days.
add_exposure <- function(data, phase, arms) {
  adex <- rows_of("adex.csv", phase, c("ASTDY", "EXDOSE", "EXDOSU", "EXROUTE"))
  for (name in c("ASTDY", "EXDOSE")) adex[[name]] <- number(adex[[name]])
  measure <- function(group, x, who = data$USUBJID) {
    for (arm in arms) {
      known <- x[data$TRTP[match(who, data$USUBJID)] %in% arm]
      known <- known[!is.na(known)]
      if (!length(known)) next
      add("ext01", c("mean", "SD", "median", "min", "max", "sum"), phase = phase, arm = arm,
          group = group, c(mean(known), sd(known), median(known), range(known), sum(known)))
    }
  }
  routes <- unique(adex$EXROUTE)
  for (route in if (length(routes) > 1) routes else rep("", nrow(adex) > 0)) {
    part <- if (route == "") adex else adex[adex$EXROUTE %in% route, ]
    words <- if (route == "") "" else paste0(", ", route)
    count <- as.vector(table(part$USUBJID)[data$USUBJID])
    measure(paste0("doses", words), ifelse(is.na(count), 0, count))
    span <- tapply(part$ASTDY, part$USUBJID, function(x) max(x) - min(x))
    measure(paste0("days from first to last dose", words), as.vector(span), names(span))
  }
  kinds <- unique(adex[c("EXROUTE", "EXDOSU")])
  for (k in seq_len(nrow(kinds))) {
    part <- adex[adex$EXROUTE %in% kinds$EXROUTE[k] & adex$EXDOSU %in% kinds$EXDOSU[k], ]
    if (!any(part$EXDOSE > 0, na.rm = TRUE)) next
    total <- tapply(part$EXDOSE, part$USUBJID, sum, na.rm = TRUE)
    name <- sprintf("total dose, %s, ", kinds$EXROUTE[k])
    measure(paste0(name, kinds$EXDOSU[k]), as.vector(total), names(total))
    if (tolower(kinds$EXDOSU[k]) %in% "mg" && is.numeric(data$WEIGHT)) {
      per_kg <- as.vector(total) / data$WEIGHT[match(names(total), data$USUBJID)]
      measure(paste0(name, "mg/kg"), per_kg, names(total))
    }
  }
  if (!is.null(data$FUDY)) measure("days of follow-up", data$FUDY)
  if (!is.null(data$ONTDY) && !identical(data$ONTDY, data$FUDY)) {
    measure("days on treatment", data$ONTDY)
  }
}
