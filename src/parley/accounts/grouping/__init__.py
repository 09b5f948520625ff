"""Groups of people, which administrators treat alike."""
