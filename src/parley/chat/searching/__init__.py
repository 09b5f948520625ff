"""Searching in conversations: what is indexed, and the page that finds it."""
