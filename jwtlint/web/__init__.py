"""The front end for what browsers run: scripts, components and pages become facts."""
