"""What all commands share: context, output, values, asking the person at the keyboard."""
