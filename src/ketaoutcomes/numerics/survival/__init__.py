"""Time-to-event methods on plain arrays; numpy and scipy only."""
