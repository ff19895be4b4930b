"""Language only: from raw sentences to words, topics and what sets groups of speakers apart."""
