"""Versions of questions and answers, and which of them the conversation follows."""
