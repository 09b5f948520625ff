"""A person's conversations with a model."""
