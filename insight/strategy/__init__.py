"""What to do about whom: a rule book over computed facts, lists of people, and what came of them."""
