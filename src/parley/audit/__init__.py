"""What administrators did and who signed in: a log that shows when somebody changed it."""
