"""Pictures of a believable Parley, for people who want to see it before they start it."""
