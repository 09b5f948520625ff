"""Signing in at an OpenID Connect provider of the organisation."""
