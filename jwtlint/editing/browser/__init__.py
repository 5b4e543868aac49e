"""Changes to front ends: tokens that scripts keep in the browser's storage make room for the server's cookie."""
