"""Dock re-sequencing: which appointment at which door and when, at the least expected cost of lateness."""
