# Reference-based conditional-mean imputation (Wolbers et al. 2022) written out in base R.
# One unstructured covariance of all arms, by restricted likelihood; the mean of arms by visit with
# the baseline by visit and sex; after dropout the conditional mean of Carpenter, Roger & Kenward
# 2013; ANCOVA at the last visit; the jackknife over participants.
# Rscript imputation.R > imputation.csv
d <- read.csv("scores.csv")
T <- 4
wide <- reshape(d, idvar = c("id", "arm", "sex", "base"), timevar = "visit", direction = "wide")
wide <- wide[order(wide$id), ]
Y <- as.matrix(wide[, paste0("change.", 1:T)])
drug <- as.numeric(wide$arm == "drug"); male <- as.numeric(wide$sex == "m"); base <- wide$base - 30
design <- function(i, arm) {  # T rows: visit, arm by visit, baseline by visit, sex
  cbind(diag(T), arm * diag(T), base[i] * diag(T), male[i])
}
fit <- function(keep, again = 1) {
  own <- lapply(keep, function(i) { s <- which(!is.na(Y[i, ])); list(s = s, X = design(i, drug[i])[s, , drop = FALSE], y = Y[i, s]) })
  root <- function(t) { L <- matrix(0, T, T); L[lower.tri(L, TRUE)] <- t; diag(L) <- exp(diag(L)); L }
  parts <- function(S) {
    A <- 0; b <- 0; q <- 0; l <- 0
    for (o in own) {
      R <- chol(S[o$s, o$s, drop = FALSE]); X <- backsolve(R, o$X, transpose = TRUE); y <- backsolve(R, o$y, transpose = TRUE)
      A <- A + crossprod(X); b <- b + crossprod(X, y); q <- q + sum(y^2); l <- l + 2 * sum(log(diag(R)))
    }
    beta <- solve(A, b)
    list(beta = beta, loss = l + q - sum(b * beta) + as.numeric(determinant(A)$modulus))
  }
  loss <- function(t) tryCatch(parts(tcrossprod(root(t)))$loss, error = function(e) 1e10)
  t <- start
  for (k in seq_len(again)) t <- nlm(loss, t, gradtol = 1e-10, steptol = 1e-12, iterlim = 500)$estimate
  S <- tcrossprod(root(t))
  list(theta = t, S = S, beta = parts(S)$beta)
}
completed <- function(i, f, strategy) {
  y <- Y[i, ]; seen <- which(!is.na(y))
  own <- as.numeric(design(i, drug[i]) %*% f$beta); ref <- as.numeric(design(i, 0) %*% f$beta)
  last <- if (length(seen)) max(seen) else 0
  after <- seq_len(T) > last
  mean <- own
  if (drug[i] == 1 && any(after)) {
    step <- if (last) own[last] - ref[last] else 0
    stay <- if (last) own[last] else 0
    mean <- switch(strategy, mar = own, j2r = ifelse(after, ref, own), cr = ref,
                   cir = ifelse(after, ref + step, own), lmcf = ifelse(after, stay, own))
  } else if (strategy == "lmcf" && any(after)) mean <- ifelse(after, if (last) own[last] else 0, own)
  gone <- setdiff(seq_len(T), seen)
  if (length(gone)) y[gone] <- mean[gone] + f$S[gone, seen, drop = FALSE] %*%
    solve(f$S[seen, seen, drop = FALSE], y[seen] - mean[seen])
  y[T]
}
estimate <- function(keep, f, strategy, delta = 0) {
  y <- sapply(keep, function(i) completed(i, f, strategy) + delta * drug[i] * is.na(Y[i, T]))
  coef(lm(y ~ drug[keep] + base[keep] + male[keep]))[[2]]
}
start <- c(log(4), 3, 3, 3, log(4), 3, 3, log(4), 3, log(4))
everyone <- seq_len(nrow(Y))
whole <- fit(everyone, 4); start <- whole$theta
without <- lapply(everyone, function(i) fit(everyone[-i]))
cat("strategy,delta,estimate,std_error\n")
for (strategy in c("mar", "j2r", "cr", "cir", "lmcf")) for (delta in c(0, 2)) {
  if (delta && strategy != "j2r") next
  e <- estimate(everyone, whole, strategy, delta)
  one <- sapply(everyone, function(i) estimate(everyone[-i], without[[i]], strategy, delta))
  n <- length(one)
  cat(strategy, delta, sprintf("%.9f,%.9f\n", e, sqrt((n - 1) / n * sum((one - mean(one))^2))), sep = ",")
}
