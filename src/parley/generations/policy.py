"""When to try again, when to ask another model. Pure."""
