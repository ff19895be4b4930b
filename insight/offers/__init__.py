"""What customers buy next, what they lack beside what they own, and what to offer them."""
