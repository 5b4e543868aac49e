"""The vocabulary that every other part shares: what one file says, and what a whole program says of its tokens."""
