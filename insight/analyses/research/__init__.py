"""The special methods of the field: which features must be there, which needs are unmet, what drives satisfaction."""
