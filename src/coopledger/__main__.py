"""``python -m coopledger``: the command, where its own program is not on the path."""

from coopledger.cli.main import main

main()
