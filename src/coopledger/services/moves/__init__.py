"""A membership moves to another key: proposed, contested, accepted, claimed."""
