"""What every recipe stands on: files as LibCST trees whose format is kept, nodes by place, imports, and edits out of changed trees."""
