"""The audit log for administrators: what was done, by whom, from where."""
