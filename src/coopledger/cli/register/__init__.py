"""Commands for the register: who is a member, standings, by-laws, reports, people."""
