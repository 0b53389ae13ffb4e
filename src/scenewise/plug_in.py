"""Plug-ins: a method, an encoder or a figure that the user names as `package.module:Name`, recorded by that name.

The name is imported like any other Python module, from the user's Python path: nothing in a run or a store is executed.
"""

import re
from importlib import import_module
from typing import Any

from scenewise.errors import ScenewiseError

_NAME = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def is_plug_in(name: str) -> bool:
    """Whether `name` has the form `package.module:Name`."""
    return _NAME.fullmatch(name) is not None


def load_plug_in(name: str, flag: str, error: type[ScenewiseError]) -> Any:
    """What `package.module:Name` names. Raises `error`, naming the flag, if it cannot be imported."""
    module, _, attribute = name.partition(":")
    try:
        imported = import_module(module)
    except ModuleNotFoundError as fault:
        raise error(
            f"{flag} {name}: cannot be imported ({fault}); install it, or put its folder on PYTHONPATH"
        ) from fault
    except (Exception, SystemExit) as fault:  # the user's module may raise anything
        raise error(f"{flag} {name}: its module cannot be imported ({in_short(fault)})") from fault
    if not hasattr(imported, attribute):
        raise error(f"{flag} {name}: the module {module} has no {attribute}; check the name")
    return getattr(imported, attribute)


def in_short(error: BaseException) -> str:
    """An exception of a plug-in in one line: its type and its message."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def name_of(thing: type) -> str:
    """`package.module:Name` of a class. Raises ValueError if the class cannot be imported by that name."""
    name = f"{thing.__module__}:{thing.__qualname__}"
    if thing.__module__ == "__main__" or not is_plug_in(name):
        raise ValueError(name)
    return name
