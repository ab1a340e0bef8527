"""The face for browsers: pages rendered on the server, readable without any script."""
