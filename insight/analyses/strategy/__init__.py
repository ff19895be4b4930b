"""What to do about whom, with which people, and what came of it."""
