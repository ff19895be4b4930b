"""What the respondents answered, altogether and by group."""
