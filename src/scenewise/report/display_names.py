"""What classes of event are called where people read them: `on the lawn` for `on_lawn`."""

import re


def class_name(name: str) -> str:
    """Words apart, and the article that a place wants: `abandoned object`, `on the lawn`, `under the bridge`."""
    spoken = name.replace("_", " ").strip() or name
    return re.sub(r"^(on|in|at|under|near|behind|across|beside) (?!(?:the|a|an)\b)(?=\w)", r"\1 the ", spoken)
