# Missing scores by their conditional mean under a stated assumption, with errors by jackknife, in
# base R (Wolbers et al. 2022): rbmi, which has the same as `method_condmean`, is not in Debian.

# One row per participant: changes, which visits lie after the first event, and which event it was. Who
# was not seen from some visit on without an event has had the event `dropout`.
laid_out <- function(data, dropout = NULL) {
  visits <- levels(droplevels(data$AVISIT[!is.na(data$CHG)]))
  data <- droplevels(data[data$AVISIT %in% visits, ])
  data <- data[order(data$USUBJID, data$AVISIT), ]
  T <- length(visits)
  if (nrow(data) %% T) stop("a subject has no row at some visit")
  wide <- function(x) matrix(x, ncol = T, byrow = TRUE)
  Y <- wide(data$CHG)
  event <- wide(if (is.null(data$EVNTICE)) rep(NA, nrow(data)) else as.character(data$EVNTICE))
  if (!is.null(dropout)) {
    last <- apply(!is.na(Y), 1, function(x) max(0, which(x)))
    event[is.na(event) & col(event) > last] <- dropout
  }
  after <- if (T == 1) !is.na(event) else t(apply(!is.na(event), 1, cumsum)) > 0
  list(data = data, visits = visits, people = data[seq(1, nrow(data), by = T), ], Y = Y,
       after = after, first = apply(event, 1, function(x) c(x[!is.na(x)], NA)[1]))
}

# Participants by arm and why scores are missing.
add_missing_counts <- function(table, data, dropout = NULL) {
  found <- laid_out(data, dropout)
  missing <- is.na(found$Y)
  why <- ifelse(rowSums(missing & found$after) > 0, paste("after", found$first),
                if (any(!is.na(found$first))) "missing otherwise" else "missing")
  why[rowSums(missing) == 0] <- "nothing missing"
  for (arm in levels(found$people$TRTP)) {
    groups <- unique(c("nothing missing", why))
    counts <- vapply(groups, function(group) sum(why == group & found$people$TRTP == arm), 0)
    add(table, "count", counts, arm = arm, group = paste0("scores: ", groups))
  }
}

# formula: of the imputation model; strategies: event -> "MAR", "JR", "CR", "CIR" or "LMCF";
# covariates: of the analysis at each visit; delta: what is added to the imputed scores of each arm,
# of those after the event only, or once more at each visit from it on.
conditional_means <- function(data, formula, covariates, covariance, strategies, reference,
                              dropout = NULL, delta = numeric(0), after_only = FALSE,
                              per_visit = FALSE) {
  found <- laid_out(data, dropout)
  data <- found$data
  visits <- found$visits
  people <- found$people
  Y <- found$Y
  seen <- !is.na(Y)
  after <- found$after
  first <- found$first
  T <- length(visits)
  wide <- function(x) matrix(x, ncol = T, byrow = TRUE)
  if (anyNA(people[intersect(all.vars(formula)[-1], names(people))])) {
    stop("a covariate is missing")
  }
  strategy <- rep("MAR", nrow(Y))
  told <- first %in% names(strategies)
  strategy[told] <- unlist(strategies)[first[told]]
  modelled <- seen & (!after | strategy == "MAR")
  data$CHG <- ifelse(c(t(modelled)), data$CHG, NA)
  fit <- fit_repeated(formula, data, covariance)
  xlev <- lapply(Filter(is.factor, fit$data[intersect(all.vars(fit$formula), names(fit$data))]),
                 levels)
  design <- function(d) {
    X <- model.matrix(delete.response(terms(fit$formula)), d, xlev = xlev)
    X[, fit$free, drop = FALSE]
  }
  X <- design(data)
  in_reference <- data
  if (nlevels(data$TRTP) > 1) in_reference$TRTP <- factor(reference, levels(data$TRTP))
  X_reference <- design(in_reference)
  lacking <- which(rowSums(!seen) > 0)
  complete <- function(beta, S) {
    own <- wide(X %*% beta)
    other <- wide(X_reference %*% beta)
    values <- Y
    for (i in lacking) {
      before <- !after[i, ]
      k <- max(0, which(before))
      m <- switch(strategy[[i]], MAR = own[i, ], CR = other[i, ],
                  JR = ifelse(before, own[i, ], other[i, ]),
                  CIR = ifelse(before, own[i, ],
                               other[i, ] + if (k) own[i, k] - other[i, k] else 0),
                  LMCF = ifelse(before, own[i, ], if (k) own[i, k] else 0))
      here <- seen[i, ]
      rest <- if (any(here)) {
        S[!here, here, drop = FALSE] %*% solve(S[here, here], Y[i, here] - m[here])
      } else 0
      values[i, !here] <- m[!here] + rest
    }
    values
  }
  arms <- levels(people$TRTP)
  dummies <- outer(as.integer(people$TRTP), seq_along(arms)[-1], "==") * 1
  C <- if (length(covariates)) {
    model.matrix(reformulate(covariates), people)[, -1, drop = FALSE]
  } else matrix(0, nrow(people), 0)
  D <- cbind(1, dummies, C)
  q <- qr(D)
  D <- D[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
  # LS means of all arms, then differences, at each visit; and what a point added to the imputed
  # scores of each arm adds to them
  moved <- !seen & (after | !after_only)
  times <- if (per_visit) t(apply(after, 1, cumsum)) else matrix(1, nrow(Y), T)
  added <- lapply(arms, function(arm) moved * times * (people$TRTP == arm))
  points <- vapply(arms, function(arm) if (arm %in% names(delta)) delta[[arm]] else 0, 0)
  estimates <- function(values, kept) {
    mean <- colMeans(D[kept, , drop = FALSE])
    p <- length(arms)
    L <- t(vapply(seq_len(p), function(a) {
      replace(replace(mean, seq_len(p)[-1], 0), if (a > 1) a else 1, 1)
    }, mean))
    if (p > 1) L <- rbind(L, t(vapply(2:p, function(a) replace(mean * 0, a, 1), mean)))
    H <- L %*% solve(crossprod(D[kept, , drop = FALSE]), t(D[kept, , drop = FALSE]))
    lapply(c(list(values), added), function(v) H %*% v[kept, , drop = FALSE])
  }
  everybody <- rep(TRUE, nrow(Y))
  whole <- estimates(complete(fit$beta, fit$sigma[[1]]), everybody)
  names <- as.character(people$USUBJID)
  each <- lapply(seq_along(names), function(i) {
    one <- fit$without(names[i])
    estimates(complete(one$beta, one$sigma), replace(everybody, i, FALSE))
  })
  list(whole = whole, each = each, arms = arms, visits = visits, points = points)
}

# An estimate with a shift of so many points in each arm, and its error by jackknife.
jackknife <- function(found, row, visit, points = found$points) {
  value <- function(x) {
    x[[1]][row, visit] + sum(points * vapply(x[-1], function(m) m[row, visit], 0))
  }
  each <- vapply(found$each, value, 0)
  n <- length(each)
  list(estimate = value(found$whole), std_error = sqrt((n - 1) / n * sum((each - mean(each))^2)))
}

add_conditional_means <- function(table, found) {
  p <- length(found$arms)
  for (v in seq_along(found$visits)) {
    for (row in seq_len(2 * p - 1)) {
      x <- jackknife(found, row, v)
      if (row <= p) {
        add_normal(table, "LS mean", x$estimate, x$std_error, visit = found$visits[v],
                   arm = found$arms[row], tested = FALSE)
      } else {
        add_normal(table, "difference in LS means", x$estimate, x$std_error,
                   visit = found$visits[v], arm = found$arms[row - p + 1],
                   reference = found$arms[1], test = x$estimate / x$std_error)
      }
    }
  }
}

# The difference at every point of a grid of shifts, as results.csv names the points, and the
# shift of one arm at which it loses or gains significance.
add_tipping <- function(table, found, visit, arm, reference, spans) {
  v <- match(visit, found$visits)
  row <- length(found$arms) - 1 + match(arm, found$arms)
  none <- found$points * 0
  at <- function(points) jackknife(found, row, v, points)
  asked <- results[results$table == table & results$analysis == current &
                     results$statistic == "shifted difference in LS means", "group"]
  for (group in asked) {
    points <- none
    for (part in strsplit(group, "; ")[[1]]) {
      words <- strsplit(part, " ")[[1]]
      points[[words[1]]] <- number(words[2])
    }
    x <- at(points)
    add_normal(table, "shifted difference in LS means", x$estimate, x$std_error, visit = visit,
               arm = arm, reference = reference, group = group, test = x$estimate / x$std_error)
  }
  for (moved in names(spans)) {
    excess <- function(shift) {
      x <- at(replace(none, moved, shift))
      abs(x$estimate / x$std_error) - z_of_level()
    }
    ends <- spans[[moved]]
    far <- ends[which.max(abs(ends))]
    if (excess(0) * excess(far) < 0) {
      tip <- uniroot(excess, sort(c(0, far)), tol = 1e-9)$root
      add(table, "tipping shift", tip, visit = visit, arm = arm, reference = reference,
          group = paste(moved, "shifted"))
    }
  }
}
