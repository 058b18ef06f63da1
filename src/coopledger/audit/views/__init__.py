"""What the contracts' views say: the list of members, and who can do what."""
