"""Published results and claims: the package's own record of what has been found, and where."""
