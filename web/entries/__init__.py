"""Entries of the catalogue, ready to print: facts, hours, rules, fees, free time and sources."""
