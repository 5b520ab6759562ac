"""Published results pooled: the main job for a plan with `synthesis:`."""
