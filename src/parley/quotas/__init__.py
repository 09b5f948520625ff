"""Allowances in messages, tokens and money: reserved before a model is asked, settled after."""
