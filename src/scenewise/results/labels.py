"""Short names of models, without commas and brackets: for sentences, legends and the heads of narrow columns.

A title such as `autoencoder, scene-aware (+ contrastive), width 128` names the method, then what it knows of the
scenes, in brackets how, and then what else tells it from others of its table. A label says only as much of that as
tells the models of one table apart.
"""

import re
from collections.abc import Sequence


def labels(titles: Sequence[str]) -> list[str]:
    """One label a title, each different: `fusion`, `scene-aware autoencoder`."""
    longer = list(zip(*map(_forms, titles), strict=True))
    chosen = [
        next((names[place] for names in longer if names.count(names[place]) == 1), longer[-1][place])
        for place in range(len(titles))
    ]
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
    with_settings, with_brackets = (f"{known} {text.replace(knows[0], '', 1)[len(method) :]}" for text in (outside, title))
    return _plain(method), _plain(known), _plain(with_settings), _plain(with_brackets)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[(),]", " ", text).split()) or text
