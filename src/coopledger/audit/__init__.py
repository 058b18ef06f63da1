"""The audit: what the register was, shown from the chain itself and trusting no database.

``register`` replays the events, ``state_proof`` checks what a block's state root commits to, ``bundle``
puts both into one file that anybody verifies without a network. Nothing here reads ``people`` or an
index; whoever has a node, or a file and a block's hash, can repeat it.
"""
