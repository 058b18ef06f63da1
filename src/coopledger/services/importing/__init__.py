"""Orders that another system sold, made into tickets."""
