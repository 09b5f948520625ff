"""Links that let somebody register."""
