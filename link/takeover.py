"""Taking over: whoever connects with another's client id ends the other's connection, at every broker of the world."""

import aiomqtt

from link.address import BrokerAddress
from link.connection import Credentials, connection


async def close_connection(address: BrokerAddress, client_id: str, hall: str) -> bool:
    """End the connection of `client_id`, if there is one; False when the broker is out of reach.

    `address` must be a door at which a client id can be chosen. Whoever may still get in comes back at once.
    """
    try:
        async with connection(address, Credentials(address), client_id, hall, None, lambda _: None):
            return True
    except (aiomqtt.MqttError, OSError, TimeoutError):
        return False
