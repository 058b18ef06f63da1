"""The index: a copy of the chain in PostgreSQL, for speed. It can be dropped and rebuilt at any time.

``gathering`` reads a range of blocks from the node, ``projections`` turns its events into rows,
``store`` writes them, ``reorganisation`` finds where the chain turned, ``sync`` does one step of all
that and ``worker`` repeats it. What may be asked of the rows stands in ``schema``.
"""
