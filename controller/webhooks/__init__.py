"""Webhooks: the outbox is carried to its receivers, each in its own task: none waits for another, and the queue for none."""
