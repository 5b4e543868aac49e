"""Each token's life as seven stages, drawn: what happens in each, what is wrong there, and what is missing."""
