"""Virtual models: rules that pick a model by clock, price, need and health."""
