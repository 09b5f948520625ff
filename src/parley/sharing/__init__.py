"""Conversations shown to others: frozen pages, exports."""
