"""What each purchase segment needs and what the people who say so are worth."""
