"""Tests of ``guides``."""
