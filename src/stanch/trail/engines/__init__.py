"""The same questions on other engines: each takes the portable SQL, in its own dialect, with bound values."""
