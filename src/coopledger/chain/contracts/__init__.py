"""Typed faces of the contracts: their calls, views, events and refusals."""
