"""What people say, by the needs of the codebook and by praise or blame."""
