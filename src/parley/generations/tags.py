"""Reasoning that models write into their text between tags. Pure."""
