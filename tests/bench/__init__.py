"""How fast, how light: the budgets of the architecture, each beside the bare upstream in the same run."""
