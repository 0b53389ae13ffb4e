"""JSON as values, and the form that an object of ours has."""

import json
import os
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class Form(BaseModel):
    """What a JSON object of ours holds, as fields of a derived class; other keys may be there too."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


def parse_json(content: bytes) -> Any:
    """The value that `content` is the JSON of; a byte order mark is passed over. Raises ValueError."""
    try:
        value = json.loads(content)
        if b"\\ud" in content.lower():
            # Lone surrogates are no text, except those that stand for bytes of a name that is not UTF-8.
            os.fsencode(json.dumps(value, ensure_ascii=False))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def require_form(value: Any, form: type[BaseModel]) -> None:
    """Raise ValueError, naming the place and what stands there, unless `value` has the form."""
    try:
        form.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        if first["type"] == "missing":
            raise ValueError(f"{where} is missing") from error
        expected = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        if first["type"] in ("model_type", "dict_type"):
            expected = "an object"
        raise ValueError(f"{where}: expected {expected}, got {_in_short(first['input'])}") from error


def _in_short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:40]
