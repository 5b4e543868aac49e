"""From the facts of many files to the life story of every token in the program."""
