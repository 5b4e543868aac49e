"""What a run tells: one document, and one module for each format."""
