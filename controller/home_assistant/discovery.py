"""Discovery: the messages by which Home Assistant learns of the hall's parts, in its own words. Pure.

One retained message for each part, at `{prefix}/device/{object}/config`. A key that it does not know at the root drops the
whole message, so only what is needed stands there; the quality of service counts in each component alone.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from contract.topics import HOME_STATE, HOME_STATUS
from controller.config import HallConfig
from controller.config_home import HomeAssistant
from controller.home_assistant.parts import Entity, Part

OBJECT = "hallware-"
"""So begins the name of everything of ours."""


def object_of(hall: str, part: str) -> str:
    """The name of a part among all things of a house."""
    return f"{OBJECT}{hall}-{part}"


def topic_of(settings: HomeAssistant, name: str) -> str:
    """Where the discovery of a device is published."""
    return f"{settings.prefix}/device/{name}/config"


def discovery(part: Part, config: HallConfig, settings: HomeAssistant) -> dict[str, Any]:
    """The message of a part."""
    hall = config.hall.id
    return {
        "dev": _device(part, config, settings),
        "o": {"name": "hallware", "sw": version("hallware")},
        "avty": [{"t": HOME_STATUS.at(hall=hall), "val_tpl": "{{ value_json.state }}"}],
        "stat_t": HOME_STATE.at(hall=hall, part=part.id),
        "cmps": {entity.key: _component(entity, object_of(hall, part.id), settings) for entity in part.entities},
    }


def without(former: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any] | None:
    """What must be said first when a part has lost entities: a component with its platform alone is taken away."""
    components = former.get("cmps")
    gone = set(components) - set(now["cmps"]) if isinstance(components, dict) else set()
    if not gone or not isinstance(components, dict):
        return None
    left = {key: {"p": components[key]["p"]} for key in sorted(gone) if _has_platform(components[key])}
    return {**now, "cmps": {**now["cmps"], **left}}


def _has_platform(component: object) -> bool:
    return isinstance(component, dict) and isinstance(component.get("p"), str)


def payload(message: Mapping[str, Any]) -> str:
    """A message as it travels."""
    return json.dumps(message, ensure_ascii=False, sort_keys=True)


def _device(part: Part, config: HallConfig, settings: HomeAssistant) -> dict[str, Any]:
    hall, address = config.hall.id, config.http.public_url.rstrip("/")
    more = {
        "sw": part.version,
        "sa": part.area,
        "via_device": part.within and object_of(hall, part.within),
        "cu": f"{address}/devices" if address.startswith(("http://", "https://")) else None,
    }
    return {
        "ids": [object_of(hall, part.id)],
        "name": part.name.within(settings.language),
        "mf": "Hallware",
        "mdl": part.model.within(settings.language),
        **{key: value for key, value in more.items() if value},
    }


def _component(entity: Entity, owner: str, settings: HomeAssistant) -> dict[str, Any]:
    figure = f"value_json.state['{entity.key}']"
    binary = f"{{{{ None if {figure} is none else 'ON' if {figure} else 'OFF' }}}}"
    more = {
        "dev_cla": entity.kind,
        "unit_of_meas": entity.unit,
        "stat_cla": "measurement" if entity.platform == "sensor" else None,
        "ent_cat": "diagnostic" if entity.diagnostic else None,
    }
    return {
        "p": entity.platform,
        "name": entity.name.within(settings.language),
        "uniq_id": f"{owner}-{entity.key}",
        "val_tpl": binary if entity.platform == "binary_sensor" else f"{{{{ {figure} }}}}",
        "qos": 1,
        **{key: value for key, value in more.items() if value},
    }
