"""Films and screenings, box offices, and the currency that prices are in."""
