"""The models people may choose, with what is known about each."""
