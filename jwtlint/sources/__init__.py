"""From a folder to the facts of the files that matter: walk, screen, cache, and parsing by demand."""
