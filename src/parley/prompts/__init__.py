"""Prompts people keep: their own and those for everybody."""
