"""What the events say: read whole from any node, and replayed into the register, tickets, sales and moves."""
