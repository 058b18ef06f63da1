"""Refunds, deposits, and the treasurer's statement."""
