"""Deploying the contracts, and replacing a box office."""
