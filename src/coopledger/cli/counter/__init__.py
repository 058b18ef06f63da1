"""Commands of the box office and the gate."""
