"""The settings centre: cards, history, import and export, the brand, the network."""
