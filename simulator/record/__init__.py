"""What systems record of it: names, reports late and wrong, rows of the canonical tables."""
