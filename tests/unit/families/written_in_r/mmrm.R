# Mixed models for repeated measures by their likelihood alone: base R and numDeriv.
# Rscript mmrm.R > mmrm.csv
library(numDeriv)
d <- read.csv("scores.csv")
d$arm <- relevel(factor(d$arm), "placebo"); d$visit <- factor(d$visit)
X <- model.matrix(~ base + sex + arm * visit, d)
y <- d$change
at <- as.integer(d$visit)
people <- split(seq_along(y), d$id)
T <- 4
correlation <- function(rho) matrix(rho[abs(outer(1:T, 1:T, "-")) + 1], T)
ante <- function(r) outer(1:T, 1:T, Vectorize(function(i, j)
  if (i == j) 1 else prod(r[min(i, j):(max(i, j) - 1)])))
sd1 <- function(t) rep(exp(t[1]), T)
sds <- function(t) exp(t[1:T])
cov_of <- list(
  cs    = list(2, function(t) outer(sd1(t), sd1(t)) * correlation(c(1, rep(tanh(t[2]), T - 1)))),
  csh   = list(T + 1, function(t) outer(sds(t), sds(t)) * correlation(c(1, rep(tanh(t[T + 1]), T - 1)))),
  ar1   = list(2, function(t) outer(sd1(t), sd1(t)) * correlation(tanh(t[2])^(0:(T - 1)))),
  ar1h  = list(T + 1, function(t) outer(sds(t), sds(t)) * correlation(tanh(t[T + 1])^(0:(T - 1)))),
  ad    = list(T, function(t) outer(sd1(t), sd1(t)) * ante(tanh(t[2:T]))),
  adh   = list(2 * T - 1, function(t) outer(sds(t), sds(t)) * ante(tanh(t[T + 1:(T - 1)]))),
  toep  = list(T, function(t) outer(sd1(t), sd1(t)) * correlation(c(1, tanh(t[2:T])))),
  toeph = list(2 * T - 1, function(t) outer(sds(t), sds(t)) * correlation(c(1, tanh(t[T + 1:(T - 1)]))))
)
parts <- function(S) {
  A <- 0; b <- 0; q <- 0; l <- 0
  for (r in people) {
    R <- chol(S[at[r], at[r]])
    Z <- backsolve(R, cbind(X[r, , drop = FALSE], y[r]), transpose = TRUE)
    Xr <- Z[, 1:ncol(X), drop = FALSE]; yr <- Z[, ncol(X) + 1]
    A <- A + crossprod(Xr); b <- b + crossprod(Xr, yr); q <- q + sum(yr^2); l <- l + 2 * sum(log(diag(R)))
  }
  beta <- solve(A, b)
  list(beta = beta, V = solve(A), minus2 = l + q - sum(b * beta) + determinant(A)$modulus +
         (length(y) - ncol(X)) * log(2 * pi))
}
k <- rep(0, ncol(X)); names(k) <- colnames(X); k["armdrug"] <- 1; k["armdrug:visit4"] <- 1
cat("structure,minus2,estimate,std_error,df\n")
for (name in names(cov_of)) {
  p <- cov_of[[name]][[1]]; S <- cov_of[[name]][[2]]
  loss <- function(t) {
    M <- S(t)
    if (min(eigen(M, TRUE, TRUE)$values) < 1e-8) return(1e10)
    tryCatch(as.numeric(parts(M)$minus2), error = function(e) 1e10)
  }
  hetero <- name %in% c("csh", "ar1h", "adh", "toeph")
  t0 <- c(rep(log(5), if (hetero) T else 1), if (name %in% c("toep", "toeph")) atanh(c(.6, .5, .4)) else
    rep(atanh(.6), p - (if (hetero) T else 1)))
  o <- optim(t0, loss, method = "BFGS", control = list(reltol = 1e-14, maxit = 2000))
  t <- o$par
  for (i in 1:6) t <- t - solve(hessian(loss, t), grad(loss, t))  # Newton to the last digits
  f <- parts(S(t))
  v <- function(t) as.numeric(k %*% parts(S(t))$V %*% k)
  g <- grad(v, t); H <- hessian(loss, t) / 2
  se <- sqrt(v(t)); df <- 2 * v(t)^2 / as.numeric(g %*% solve(H, g))
  cat(name, sprintf("%.10f,%.10f,%.10f,%.8f\n", as.numeric(f$minus2), sum(k * f$beta), se, df), sep = ",")
}
