"""What is known about models by their names, as of 2026. Pure."""
