"""Accounts on their way out: at once nobody can use them, then everything of theirs goes or is handed over."""
