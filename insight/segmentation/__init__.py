"""Who belongs to which group: definitions that every later page uses in the same way."""
