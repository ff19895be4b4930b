"""Who buys, what each segment needs in its own words, what that is worth, what to do about it."""

__version__ = "0.6.0"
