"""The family of analyses `time_to_event`."""
