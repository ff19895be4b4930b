"""Numbers without a domain: shares and their intervals, weights, tests and their corrections."""
