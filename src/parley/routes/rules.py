"""The rules of a route. Pure."""
