"""Questions to the index, as of a moment."""
