"""Rules and models as data: loading them, selecting among the facts, and making findings."""
