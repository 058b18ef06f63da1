"""The measurements: every module directly in this folder is one, named by ``scripts/bench NAME``.

A measurement stands beside its peers in the same run, since figures of different runs or machines do not
compare. What measurements are made of lies in subfolders.
"""
