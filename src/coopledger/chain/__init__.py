"""Everything that talks to a chain: nodes, keys, sending, reading, and what contracts say."""
