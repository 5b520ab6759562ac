"""The family of analyses `trajectories`."""
