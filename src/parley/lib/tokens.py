"""How many tokens a text is, without a network. Pure."""
