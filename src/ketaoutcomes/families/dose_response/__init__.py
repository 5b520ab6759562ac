"""The family of analyses `dose_response`."""
