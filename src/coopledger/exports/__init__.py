"""The register as files to hand over: CSV, JSON, XLSX, PDF.

A file is a function of the register as of its moment and of what was asked for. No clock, no machine and
no order of a set gets into it, so the same question gives the same bytes.
"""
