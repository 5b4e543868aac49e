"""The story goes on in the browser: what scripts and pages do with the tokens that a server hands out."""
