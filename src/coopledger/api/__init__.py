"""The open API: each route parses, asks one question of the register's reader, and answers."""
