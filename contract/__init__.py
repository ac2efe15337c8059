"""The contract: every topic and every message of a hall, spelled here and nowhere else."""
