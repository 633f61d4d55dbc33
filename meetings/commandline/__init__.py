"""What the commands share by which somebody books, moves and answers in a shell."""
