"""Titles of chats, asked of a model in the background."""
