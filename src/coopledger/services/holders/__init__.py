"""What a holder does and sees by a key of their own."""
