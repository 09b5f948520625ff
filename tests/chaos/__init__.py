"""Torture: the real processes are killed at random while 50 answers stream, and nothing may be lost."""
