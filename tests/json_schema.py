"""A validator of the JSON schemas that we write, of the words of draft 2020-12 that occur in them; no part of ours."""

from typing import Any

KINDS = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "number": (int, float), "integer": int,
}  # fmt: skip
KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "default", "type", "properties", "required", "items", "anyOf",
    "enum", "const", "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems",
    "maxItems", "minLength", "maxLength", "pattern",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, place: str = "$") -> list[str]:
    """What in `value` breaks the schema, a line each."""
    root = schema if root is None else root
    assert schema.keys() <= KNOWN, f"words that this validator does not know: {schema.keys() - KNOWN}"
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, place)
    if "anyOf" in schema:
        tried = [faults(value, one, root, place) for one in schema["anyOf"]]
        return [] if any(not one for one in tried) else min(tried, key=len)
    if "type" in schema and not _is(value, schema["type"]):
        return [f"{place}: expected {schema['type']}, got {value!r:.60}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{place}: {value!r} is not {schema['const']!r}")
    if isinstance(value, dict):
        found += [f"{place}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        others = schema.get("additionalProperties")
        for name, one in value.items():
            of_name = schema.get("properties", {}).get(name, others if isinstance(others, dict) else None)
            found += faults(one, of_name, root, f"{place}.{name}") if of_name else []
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{place}: {len(value)} items")
        for number, one in enumerate(value):
            found += faults(one, schema.get("items", {}), root, f"{place}[{number}]")
    if _is(value, "number"):
        low, above = schema.get("minimum", value), schema.get("exclusiveMinimum", value - 1)
        if not (low <= value <= schema.get("maximum", value) and value > above):
            found.append(f"{place}: {value} is out of range")
    return found


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
