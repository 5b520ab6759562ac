"""The family of analyses `recurrent_events`."""
