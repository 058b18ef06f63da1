"""Commands for films, screenings and the box offices' contracts."""
