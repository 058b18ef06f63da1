"""The operator's map from what a shop sells to screenings and tiers."""
