"""New accounts, by the rules an administrator chose."""
