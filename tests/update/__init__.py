"""Updates of nodes: real wheels, real virtual environments, real processes, a real key."""
