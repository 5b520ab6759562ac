"""Scenarios are fitted to the published record, and the ledger says how well they meet it."""
