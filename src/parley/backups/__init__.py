"""Backups: one file that, restored into an empty data directory, is the same Parley."""
