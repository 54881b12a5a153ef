"""Nouns, units, codes, errors: what the words of freight mean here.

Frozen dataclasses and the standard library only. Every other package may import
this one; it imports none of them.
"""
