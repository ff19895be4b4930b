"""What a test compares: one question by groups, as counts or as scores, or two questions of the same people."""
