"""HTML and HTTP helpers without product words."""
