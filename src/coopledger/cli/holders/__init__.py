"""Commands for whoever holds a ticket or a membership by a key of their own."""
