"""Who is asking: users, login sessions, approval."""
