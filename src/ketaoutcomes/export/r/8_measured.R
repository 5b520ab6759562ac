# Doses by level, vital signs, and laboratory values against their limits.

# Who received each dose, how often, over how long and how much; doses that have no name in the
# results are the pooled ones.
add_dose_levels <- function(data, phase, arms) {
  adex <- rows_of("adex.csv", phase, c("ASTDY", "EXDOSE", "EXDOSU", "EXROUTE"))
  for (name in c("ASTDY", "EXDOSE")) adex[[name]] <- number(adex[[name]])
  adex <- adex[adex$USUBJID %in% data$USUBJID & !is.na(adex$EXDOSE), ]
  if (!nrow(adex)) return(invisible())
  plain <- function(x) ifelse(is.na(x), "", trimws(x))
  dose <- trimws(paste(sprintf("%g", adex$EXDOSE), plain(adex$EXDOSU)))
  route <- plain(adex$EXROUTE)
  level <- ifelse(route == "", dose, paste0(dose, ", ", route))
  told <- results$group[results$table == "ext02" & results$phase == phase &
                          results$statistic == "subjects"]
  adex$level <- ifelse(level %in% told, level, "other doses")
  for (name in unique(told)) {
    here <- adex[adex$level == name, ]
    for (arm in arms) {
      part <- here[here$TRTP %in% arm, ]
      keep <- function(...) add("ext02", ..., phase = phase, arm = arm)
      keep("subjects", length(unique(part$USUBJID)), group = name)
      if (!nrow(part)) next
      measure <- function(words, x) {
        if (!anyNA(x)) keep(c("mean", "SD"), c(mean(x), sd(x)), group = paste0(name, ": ", words))
      }
      measure("doses", as.vector(table(part$USUBJID)))
      measure("time from first to last dose",
              as.vector(tapply(part$ASTDY, part$USUBJID, function(x) max(x) - min(x))))
      if (length(unique(plain(here$EXDOSU))) == 1 && any(here$EXDOSE > 0)) {
        measure("cumulative dose", as.vector(tapply(part$EXDOSE, part$USUBJID, sum)))
      }
    }
  }
}

# low, normal or high; a limit that is not there is NA
class_of <- function(value, low, high) {
  ifelse(!is.na(low) & value < low, "low", ifelse(!is.na(high) & value > high, "high", "normal"))
}

add_shifts <- function(table, name, phase, arm, classes, before, after) {
  for (one in classes) for (other in classes) {
    add(table, "count", sum(before == one & after == other), phase = phase, arm = arm,
        group = sprintf("%s: %s to %s", name, one, other))
  }
}

add_share <- function(table, x, n, ...) {
  limits <- binom.test(x, n, conf.level = LEVEL)$conf.int
  add(table, "proportion", x / n, lower = limits[1], upper = limits[2], ...)
}

# A mean with a t interval.
add_mean <- function(table, statistic, x, ...) {
  error <- sd(x) / sqrt(length(x))
  half <- qt(0.5 + LEVEL / 2, length(x) - 1) * error
  add(table, statistic, mean(x), lower = mean(x) - half, upper = mean(x) + half,
      std_error = error, df = length(x) - 1, ...)
}

# Means at each assessment; of those with a baseline and a later value the highest one, alarms,
# what was resolved, and shifts from baseline to the value farthest outside the range.
add_vital_signs <- function(phase, arms, signs) {
  advs <- rows_of("advs.csv", phase, c("PARAMCD", "AVISIT", "AHOUR", "AVAL"))
  for (name in c("AHOUR", "AVAL")) advs[[name]] <- number(advs[[name]])
  for (name in names(signs)) {
    one <- advs[advs$PARAMCD %in% name, ]
    hours <- sort(unique(one$AHOUR))
    if (length(hours) < 2) next
    visits <- one$AVISIT[match(hours, one$AHOUR)]
    for (arm in arms) {
      part <- one[one$TRTP %in% arm, ]
      people <- unique(part$USUBJID)
      values <- matrix(NA_real_, length(people), length(hours))
      values[cbind(match(part$USUBJID, people), match(part$AHOUR, hours))] <- part$AVAL
      for (k in seq_along(hours)) {
        x <- values[!is.na(values[, k]), k]
        if (length(x) < 2) next
        keep <- list(phase = phase, arm = arm, visit = visits[k], group = name)
        do.call(add_mean, c(list("vst01", "mean", x), keep))
        do.call(add, c(list("vst01", "SD", sd(x)), keep))
      }
      both <- !is.na(values[, 1]) & rowSums(!is.na(values[, -1, drop = FALSE])) > 0
      vital_sign_of_arm(signs[[name]], name, phase, arm, values[both, 1],
                        values[both, -1, drop = FALSE], hours[-1])
    }
  }
}

vital_sign_of_arm <- function(sign, name, phase, arm, baseline, later, hours) {
  range <- c(low = NA, high = NA)
  for (limit in names(range)) if (!is.null(sign[[limit]])) range[limit] <- sign[[limit]]
  if (any(!is.na(range))) {
    classes <- c(if (!is.na(range["low"])) "low", "normal", if (!is.na(range["high"])) "high")
    outside <- function(x) pmax(range["low"] - x, x - range["high"], 0, na.rm = TRUE)
    worst <- apply(later, 1, function(x) {
      x <- x[!is.na(x)]
      far <- x[outside(x) == max(outside(x))]
      max(far)  # of equals the high one
    })
    of <- function(x) class_of(x, range["low"], range["high"])
    add_shifts("vst03", name, phase, arm, classes, of(baseline), of(as.numeric(worst)))
  }
  n <- length(baseline)
  if (n < 2) return(invisible())
  keep <- function(f, ...) f("vst02", ..., phase = phase, arm = arm)
  peak <- apply(later, 1, max, na.rm = TRUE)
  keep(add_mean, "mean of the highest value", peak, group = name)
  keep(add_mean, "mean of the highest rise", peak - baseline, group = name)
  share <- function(true, words, limit) {
    keep(add_share, sum(true), length(true), group = sprintf("%s: %s", name,
                                                             sprintf(words, limit)))
  }
  if (!is.null(sign$alarm)) share(peak >= sign$alarm, "at or above %g", sign$alarm)
  if (!is.null(sign$rise)) share(peak - baseline >= sign$rise, "rise of %g or more", sign$rise)
  if (is.null(sign$resolved)) return(invisible())
  times <- apply(later, 1, function(x) {
    above <- which(x > sign$resolved)
    if (!length(above)) return(NA)
    after <- which(!is.na(x) & seq_along(x) > max(above))
    if (length(after)) hours[after[1]] else Inf
  })
  times <- times[!is.na(times)]
  if (!length(times)) return(invisible())
  share(is.finite(times), "back at or below %g", sign$resolved)
  middle <- sort(times)[(length(times) - 1) %/% 2 + 1]
  if (is.finite(middle)) keep(add, "median time to resolution", middle, group = name)
}

# Shifts from baseline to the worst (lbt01) and the last later value (lbt02), and who had a later
# value beyond a limit (lbt03).
add_laboratory <- function(data, phase, arms, tests) {
  adlb <- rows_of("adlb.csv", phase, c("PARAMCD", "ADY", "AVAL", "A1LO", "A1HI", "ANRIND",
                                       "BNRIND", "ABLFL"))
  adlb <- adlb[adlb$USUBJID %in% data$USUBJID, ]
  for (name in c("ADY", "AVAL", "A1LO", "A1HI")) adlb[[name]] <- number(adlb[[name]])
  for (name in names(tests)) {
    x <- adlb[adlb$PARAMCD %in% name, ]
    if (nrow(x)) one_test(x, name, tests[[name]], phase, arms)
  }
}

one_test <- function(x, name, test, phase, arms) {
  ranged <- !is.null(test$low) || !is.null(test$high)
  if (ranged) {
    x$A1LO <- if (is.null(test$low)) NA_real_ else test$low
    x$A1HI <- if (is.null(test$high)) NA_real_ else test$high
  }
  x$group <- class_of(x$AVAL, x$A1LO, x$A1HI)
  x$group[is.na(x$A1LO) & is.na(x$A1HI)] <- NA
  if (!ranged) x$group <- ifelse(is.na(x$ANRIND), x$group, x$ANRIND)
  x$abnormal <- x$group %in% c("low", "high")
  x$outside <- pmax(x$A1LO - x$AVAL, x$AVAL - x$A1HI, 0, na.rm = TRUE)
  x$is_high <- x$group %in% "high"
  last_of <- function(part, ...) {
    part <- part[order(part$USUBJID, ..., part$abnormal, part$outside, part$is_high), ]
    part[!duplicated(part$USUBJID, fromLast = TRUE), ]
  }
  marked <- x$ABLFL %in% "1"
  at_baseline <- if (all(is.na(x$ABLFL))) x[x$ADY <= 0, ] else x[marked, ]
  at_baseline <- last_of(at_baseline, at_baseline$ADY)
  since <- at_baseline$ADY[match(x$USUBJID, at_baseline$USUBJID)]
  later <- x[!marked & !is.na(x$ADY) & x$ADY > pmax(ifelse(is.na(since), 0, since), 0), ]
  before <- setNames(at_baseline$group, at_baseline$USUBJID)
  before <- before[!is.na(before)]
  if (!ranged) {
    told <- x[!is.na(x$BNRIND) & !duplicated(paste(x$USUBJID, is.na(x$BNRIND))), ]
    told <- told[!told$USUBJID %in% names(before), ]
    before <- c(before, setNames(told$BNRIND, told$USUBJID))
  }
  can_be <- function(limit, word) {
    if (ranged) return(!is.null(test[[word]]))
    any(!is.na(x[[limit]]), x$ANRIND %in% word, x$BNRIND %in% word)
  }
  classes <- c(if (can_be("A1LO", "low")) "low", "normal", if (can_be("A1HI", "high")) "high")
  known <- later[!is.na(later$group), ]
  for (table in c("lbt01", "lbt02")) {
    after <- if (table == "lbt01") last_of(known) else last_of(known, known$ADY)
    after <- after[after$USUBJID %in% names(before), ]
    for (arm in arms) {
      of_arm <- after[after$TRTP %in% arm, ]
      add_shifts(table, name, phase, arm, classes, before[of_arm$USUBJID], of_arm$group)
    }
  }
  share <- function(among, beyond, words) {
    for (arm in arms) {
      here <- among$TRTP %in% arm
      n <- length(unique(among$USUBJID[here]))
      if (!n) next
      add_share("lbt03", length(unique(among$USUBJID[here & beyond])), n, phase = phase,
                arm = arm, group = paste0(name, ": ", words))
    }
  }
  for (limit in test$below) share(later, later$AVAL < limit, sprintf("below %g", limit))
  for (limit in test$above) share(later, later$AVAL > limit, sprintf("above %g", limit))
  upper <- later[!is.na(later$A1HI), ]
  for (times in test$times) {
    share(upper, upper$AVAL > times * upper$A1HI,
          sprintf("above %g times the upper limit of normal", times))
  }
}
