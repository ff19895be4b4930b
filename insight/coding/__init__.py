"""From what people say to the needs of a codebook: by rules, by a model of coded answers, checked by people."""
