"""Home Assistant's keys, read from its documentation of MQTT discovery, sensor.mqtt and binary_sensor.mqtt, apart from our code.

Home Assistant itself cannot be installed beside the tests: it wants Python 3.13 and fixed versions of hundreds of packages.
"""

from typing import Any

LONG = {
    "dev": "device", "o": "origin", "cmps": "components", "avty": "availability", "avty_mode": "availability_mode",
    "stat_t": "state_topic", "cmd_t": "command_topic", "e": "encoding", "p": "platform", "uniq_id": "unique_id",
    "val_tpl": "value_template", "dev_cla": "device_class", "stat_cla": "state_class", "unit_of_meas": "unit_of_measurement",
    "ent_cat": "entity_category", "t": "topic", "ids": "identifiers", "mf": "manufacturer", "mdl": "model", "sw": "sw_version",
    "sa": "suggested_area", "cu": "configuration_url", "hw": "hw_version", "sn": "serial_number", "url": "support_url",
}  # fmt: skip
ROOT = {"device", "origin", "components", "availability", "availability_mode", "availability_topic", "availability_template",
        "payload_available", "payload_not_available", "state_topic", "command_topic", "qos", "encoding"}  # fmt: skip
DEVICE = {"identifiers", "connections", "configuration_url", "manufacturer", "model", "name", "suggested_area", "sw_version",
          "hw_version", "serial_number", "via_device"}  # fmt: skip
SHARED = {"platform", "name", "unique_id", "value_template", "qos", "device_class", "entity_category", "state_topic", "icon",
          "expire_after", "force_update", "availability", "enabled_by_default", "encoding", "object_id"}  # fmt: skip
OWN = {
    "sensor": {"unit_of_measurement", "state_class", "suggested_display_precision", "options", "last_reset_value_template"},
    "binary_sensor": {"payload_on", "payload_off", "off_delay"},
}
CLASSES = {"sensor": {None, "distance", "temperature"}, "binary_sensor": {None, "problem", "connectivity", "occupancy"}}
UNITS = {"distance": {"km", "m", "cm", "mm"}, "temperature": {"°C", "°F", "K"}}


def faults(payload: Any) -> list[str]:
    """What Home Assistant would not take in a device's discovery payload."""
    found: list[str] = []
    root = _long(payload)
    found += [f"unknown root key {key}" for key in root.keys() - ROOT]
    found += [f"missing {key}" for key in ("device", "origin", "components") if key not in root]
    if found:
        return found
    device = _long(root["device"])
    found += [f"unknown device key {key}" for key in device.keys() - DEVICE]
    if not device.get("identifiers"):
        found.append("a device without identifier")
    if not root["origin"].get("name"):
        found.append("an origin without name")
    for key, component in root["components"].items():
        found += [f"{key}: {fault}" for fault in _component(_long(component))]
    ids = [_long(component).get("unique_id") for component in root["components"].values()]
    return [*found, *([] if len(set(ids)) == len(ids) else ["one unique_id twice"])]


def _component(component: dict[str, Any]) -> list[str]:
    platform, kind = component.get("platform"), component.get("device_class")
    if platform not in OWN:
        return [f"platform {platform}"]
    found = [f"unknown key {key}" for key in component.keys() - SHARED - OWN[platform]]
    if not component.get("unique_id"):
        found.append("no unique_id")
    if kind not in CLASSES[platform]:
        found.append(f"device class {kind}")
    unit = component.get("unit_of_measurement")
    if platform == "sensor" and kind in UNITS and unit not in UNITS[kind]:
        found.append(f"unit {unit} of {kind}")
    if component.get("entity_category") not in (None, "diagnostic", "config"):
        found.append("entity category")
    return found


def _long(mapping: dict[str, Any]) -> dict[str, Any]:
    return {LONG.get(key, key): value for key, value in mapping.items()}
