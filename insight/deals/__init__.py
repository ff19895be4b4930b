"""What discounts sell and what comes back: the figures behind promotions and refunds."""
