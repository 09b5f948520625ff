"""Chats that leave nothing behind: gone with the page that shows them, unless they are kept."""
