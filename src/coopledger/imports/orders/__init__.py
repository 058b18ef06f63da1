"""Order exports of other systems, read into positions."""
