"""JSON as values, and the form that an object of ours has."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class Form(BaseModel):
    """What a JSON object of ours holds, as fields of a derived class; other keys may be there too."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


def parse_json(content: bytes) -> Any:
    """The value that `content` is the JSON of; a byte order mark is passed over. Raises ValueError."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def require_form(value: Any, form: type[BaseModel]) -> None:
    """Raise ValueError, naming the place and what stands there, unless `value` has the form."""
    try:
        form.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ValueError(f"{where}: {first['msg']}, got {_in_short(first['input'])}") from error


def _in_short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:40]
