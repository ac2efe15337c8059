"""Scenarios: stories of a simulated hall as files, played as fast as the hall lets them and judged step by step."""
