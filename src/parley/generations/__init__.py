"""One run of a model producing one answer: claimed, streamed, stored, followed."""
