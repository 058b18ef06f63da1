"""The tests in Python. A folder that starts servers of its own is a package: they end with it."""
