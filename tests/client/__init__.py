"""Tests of ``client``."""
