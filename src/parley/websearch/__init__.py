"""Searching the web: which engines there are, with which keys, and what they find."""
