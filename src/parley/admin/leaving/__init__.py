"""Accounts on their way out: at once nobody can use them, then what is theirs goes or is handed over."""
