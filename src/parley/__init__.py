"""Parley: a self-hosted AI chat and team workspace."""

__version__ = "0.1.0"
