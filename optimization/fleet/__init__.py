"""A fleet shared across sites: which vehicles and drivers to shift over the next shifts, under the rules for both."""
