"""The nouns of stanch: frozen, typed, standard library only. Everything imports these; they import nothing."""
