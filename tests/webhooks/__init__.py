"""Webhooks: what is sent to other systems, when, and what happens when nobody takes it."""
