"""Going on in a new chat with a summary, when a chat is longer than its model can read."""
