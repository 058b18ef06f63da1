"""Who is a member: finding, history, by-laws, enrolling, standings, closing, names."""
