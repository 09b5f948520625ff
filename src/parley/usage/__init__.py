"""What was used, by whom, of what: pages, charts, figures."""
