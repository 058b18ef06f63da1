"""Compiling the contracts and describing them as artifacts."""
