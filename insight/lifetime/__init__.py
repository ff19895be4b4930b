"""What customers will still buy and be worth: histories, models, their check on later data, values."""
