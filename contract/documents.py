"""Documents made from the table of topics: a Markdown page, JSON Schemas and an AsyncAPI 3 document."""

import inspect
from collections.abc import Sequence
from typing import Any

import msgspec

from contract.topics import ROOT, TABLE, Role, Topic
from contract.values import Text

REF = "#/components/schemas/{name}"

_LEVELS = {
    "hall": Text(zh="大厅编号", en="the hall's id"),
    "node": Text(zh="节点编号，也是它在代理的用户名", en="the node's id, which is its user name at the broker"),
    "device": Text(zh="设备编号", en="the device's id"),
    "board": Text(zh="显示屏编号", en="the board's id"),
    "window": Text(zh="窗口编号", en="the window's id"),
    "kiosk": Text(zh="取号机编号", en="the kiosk's id"),
    "place": Text(zh="窗口、区域或母婴室编号", en="the id of a window, a zone or a room"),
    "part": Text(zh="大厅、节点或母婴室", en="`hall`, `node-` or `room-` with its id"),
    "user": Text(zh="调度用户在代理的用户名", en="the dispatcher's user name at the broker"),
}


def schemas() -> dict[str, Any]:
    """JSON Schema (2020-12) of every message, by type name."""
    kinds = [kind for row in TABLE for kind in row.types]
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    return {name: _plain(found[name]) for name in sorted(found)}


def _plain(schema: Any) -> Any:
    """The schema without OpenAPI's `discriminator`, which AsyncAPI reads otherwise; each tagged type names its tag itself."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "discriminator"}
    if isinstance(schema, str):
        return inspect.cleandoc(schema)  # Python 3.13 takes the indentation out of docstrings, 3.11 leaves it in
    return [_plain(value) for value in schema] if isinstance(schema, list | tuple) else schema


def asyncapi(version: str) -> dict[str, Any]:
    """The contract as an AsyncAPI 3.0 document, told from the controller's side: what it receives and what it sends."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hallware",
            "version": version,
            "description": "Messages of a public-service hall (政务服务大厅) over MQTT 5.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {row.name: _channel(row) for row in TABLE},
        "operations": {row.name: _operation(row) for row in TABLE if _concerns_controller(row)},
        "components": {
            "messages": {kind.__name__: _message(kind) for row in TABLE for kind in row.types},
            "schemas": schemas(),
        },
    }


def _concerns_controller(row: Topic[Any]) -> bool:
    return row.says is Role.CONTROLLER or Role.CONTROLLER in row.hears


def _channel(row: Topic[Any]) -> dict[str, Any]:
    return {
        "address": row.template,
        "description": f"{row.meaning.zh} · {row.meaning.en}",
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in row.types},
        "parameters": {level: {"description": f"{_LEVELS[level].zh} · {_LEVELS[level].en}"} for level in row.levels},
    }


def _operation(row: Topic[Any]) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": row.qos, "retain": row.retain}
    if row.expiry is not None:
        binding["messageExpiryInterval"] = row.expiry
    return {
        "action": "send" if row.says is Role.CONTROLLER else "receive",
        "channel": {"$ref": f"#/channels/{row.name}"},
        "summary": row.meaning.en,
        "bindings": {"mqtt": binding},
    }


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": kind.__name__,
        "summary": (kind.__doc__ or kind.__name__).strip().partition("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def columns(row: Topic[Any]) -> tuple[str, ...]:
    """One row as the words of the table: topic, payload, says, hears, QoS, retained, expiry, meaning."""
    return (
        row.path,
        " or ".join(kind.__name__ for kind in row.types),
        row.says.value,
        ", ".join(sorted(role.value for role in row.hears)),
        str(row.qos),
        "yes" if row.retain else "no",
        (f"{row.expiry} s" + (", or its `not_after`" if row.lasting else "")) if row.expiry else "",
        row.meaning.en,
    )


HEADINGS = ("topic", "payload", "says", "hears", "QoS", "retained", "expiry", "meaning")


def markdown() -> str:
    """docs/topics.md: the table, the levels, and each message with its fields."""
    parts = [_INTRODUCTION, _table(HEADINGS, [tuple(_code(i, c) for i, c in enumerate(columns(row))) for row in TABLE])]
    parts += [
        "## Variable levels",
        _table(("level", "meaning"), [(f"`{{{n}}}`", t.en) for n, t in _LEVELS.items()]),
    ]
    parts += ["## Messages"]
    for name, schema in schemas().items():
        if schema.get("type") == "object":
            parts += [f"### {name}", *_fields(schema)]
    return "\n\n".join(parts) + "\n"


def _code(column: int, text: str) -> str:
    return f"`{text}`" if column == 0 else text


def _fields(schema: dict[str, Any]) -> list[str]:
    required = schema.get("required", [])
    rows = [
        (f"`{name}`", _type(field), "yes" if name in required else "", _note(field))
        for name, field in schema["properties"].items()
    ]
    return [
        *([inspect.cleandoc(schema["description"])] if "description" in schema else []),
        _table(("field", "type", "required", "note"), rows),
    ]


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return " / ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(part) for part in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if field.get("items") else "list"
    return str(field.get("format") or field.get("type", "any"))


_BOUNDS = (("minimum", "≥ {}"), ("maximum", "≤ {}"), ("exclusiveMinimum", "> {}"), ("maxLength", "at most {} characters"))


def _note(field: dict[str, Any]) -> str:
    bounds = [words.format(field[key]) for key, words in _BOUNDS if key in field]
    return "; ".join([*([field["description"]] if "description" in field else []), *bounds]).replace("|", "\\|")


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_INTRODUCTION = f"""# Topics

For developers.

Made from `contract/topics.py` by `make docs`; a test holds the two together. `hallware topics` prints the table
on any machine. Everything is MQTT 5 and JSON in UTF-8.
All topics begin with `{ROOT}/{{hall}}/`. Fields that a receiver does not know are ignored: nodes are updated one by one.

What must hold:

- **A call is never retained** and never shown after its `not_after`. Message expiry is a second net only: a broker does not
  apply it while a client queues, so every message carries what it needs to be judged alone.
- **Events are facts.** They travel in one numbered stream per node and are deleted there only after the controller has
  acknowledged them, which it does after its own commit. A broker's PUBACK is not storage.
- **Dispatch by MQTT**: as a user that hall.toml names as `dispatcher`, publish a `DispatchRequest` to `dispatch/{{user}}/request`
  and read the answer from `dispatch/{{user}}/reply`. The same `id` twice is done once.

```
mosquitto_pub -V 5 -u dispatch -P … -t hall/v1/centre/dispatch/dispatch/request \\
  -m '{{"id":"a1b2c3d4","at":"2026-01-05T09:00:00+08:00","not_after":"2026-01-05T09:00:20+08:00",
       "do":{{"type":"call-next","window":"w1"}}}}'
```"""
