"""Knocks at the hall's broker from inside a machine, with an identity's certificate: says `in`, or the words of the refusal.

Usage: python3 -m tests.vm.inside_knock IDENTITY-FOLDER HALL PORT. The broker takes the name from the certificate.
"""

import asyncio
import sys
from pathlib import Path

import aiomqtt

from link.address import BrokerAddress
from link.connection import Credentials, connection
from provisioning.identity import IdentityFolder


async def knock(identity: IdentityFolder, hall: str, port: int) -> str:
    """`in`, or why not."""
    address = BrokerAddress(port=port, ca=identity.ca, certificate=identity.certificate, key=identity.key)
    try:
        async with connection(address, Credentials(address), "knock", hall, None, lambda _: None) as client:
            await client.subscribe(f"hall/v1/{hall}/call", qos=0)
    except (aiomqtt.MqttError, OSError) as refusal:
        return str(refusal)
    return "in"


if __name__ == "__main__":
    folder, hall_id, at = sys.argv[1:]
    print(asyncio.run(knock(IdentityFolder(Path(folder)), hall_id, int(at))))
