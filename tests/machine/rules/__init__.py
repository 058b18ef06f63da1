"""The cooperative's rules in plain Python: an opinion of its own on what the contracts must do."""
