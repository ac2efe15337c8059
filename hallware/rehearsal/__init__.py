"""A rehearsal: a whole day of a hall, with people by chance from a seed, through the real queue and store, faster than time."""
