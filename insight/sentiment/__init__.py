"""Whether a text praises or blames: by words, negation and degree, with an answer of its own for not known."""
