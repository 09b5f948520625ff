"""Passkeys: signing in with what a device holds instead of a password."""
