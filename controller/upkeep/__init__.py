"""Upkeep: devices are looked after by plan, consumables are reckoned, rooms are checked. Pure, as the queue is."""
