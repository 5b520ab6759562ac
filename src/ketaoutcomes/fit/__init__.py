"""Endpoint data become fitted models and their estimates."""
