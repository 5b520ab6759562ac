"""Classes of courses: a mixture of normal distributions with a mean course each."""
