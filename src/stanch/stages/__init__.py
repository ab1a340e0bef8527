"""The stages of the walk: each takes what it needs and returns a fact; none knows another."""
