"""Conversations brought from elsewhere."""
