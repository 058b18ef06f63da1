"""The counter and the door: selling, receipts, letting in, changing a screening."""
