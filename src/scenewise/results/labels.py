"""Short names of models, without commas and brackets: for sentences, legends and the heads of narrow columns.

A title such as `autoencoder, scene-aware (+ contrastive), width 128` names the method, then what it knows of the
scenes, in brackets how, and then what else tells it from others of its table. A label says only as much of that as
tells the models of one table apart.
"""

import re
from collections.abc import Sequence


def labels(titles: Sequence[str]) -> list[str]:
    """One label a title, each different: `fusion`, `scene-aware autoencoder`."""
    forms = list(zip(*map(_forms, titles), strict=True))
    chosen = []
    for place, title in enumerate(titles):
        unique = (form[place] for form in forms if form[place] and form.count(form[place]) == 1)
        chosen.append(next(unique, forms[-1][place] or title))
    return [
        name if chosen.count(name) == 1 else f"{name} {1 + chosen[:place].count(name)}"
        for place, name in enumerate(chosen)
    ]


def _forms(title: str) -> tuple[str, str, str, str]:
    """From short to long: `autoencoder`, `scene-aware autoencoder`, with its settings, and with what is in brackets."""
    outside = re.sub(r"\s*\([^)]*\)", "", title)
    method = outside.split(", ")[0]
    knows = re.search(r", (scene-\w+)", outside)
    if knows is None:
        return _plain(method), _plain(method), _plain(outside), _plain(title)
    known = f"{knows[1]} {method}"
    longer = (text.replace(knows[0], "", 1)[len(method) :] for text in (outside, title))
    with_settings, with_brackets = (_plain(f"{known} {rest}") for rest in longer)
    return _plain(method), _plain(known), with_settings, with_brackets


def _plain(text: str) -> str:
    """Without commas and brackets; perhaps nothing."""
    return " ".join(re.sub(r"[(),]", " ", text).split())
