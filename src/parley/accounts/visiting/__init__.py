"""People without an account: how they come in, how long their things stay, how they become somebody."""
