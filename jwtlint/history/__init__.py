"""What is new beside an earlier commit."""
