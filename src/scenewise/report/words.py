"""The page's words, as docs/glossary.md explains them: a test compares the two."""

import re

from markupsafe import Markup

WORDS: dict[str, str] = {
    "alarm": "a frame, or a run of frames, above the threshold",
    "appearance embedding": (
        "what an object looks like, as numbers in which things that vary along one object's track count little"
    ),
    "background": "the empty scene, learned from its training footage; what stands out from it is a region",
    "encoder": "the frozen network that turns pictures into features; it is never trained here",
    "event": "a run of frames above the threshold; dips of at most --merge seconds do not end it",
    "features": "the numbers that stand for a frame, a place in it, or an object; made once by extract",
    "fold, leave-one-group-out": (
        "a part of the normal footage / scoring each part by what the others teach, so that no footage is "
        "compared with itself"
    ),
    "frame": "one picture of a video",
    "fusion": "the default method: moving objects, and a tenth of the frame as a whole",
    "held-out footage": "normal footage that a score was not learned from",
    "labels": "one 0 (normal) or 1 (abnormal) for each frame of a test video; only evaluate reads them",
    "map": "a frame's scores over a grid of places",
    "memory bank": "the normal objects, or frames, of one scene; new ones are compared with it",
    "nearest normal example": "the object in the memory bank that is most alike to a scored one",
    "neighbour distance": "mean distance to the nearest neighbours in the memory bank",
    "normal footage": "ordinary recordings, with nothing in them that you would want an alarm for",
    "object": "a region that moves, was cut out and encoded; no network says what it is",
    "parts": "how much of an object's score comes from appearance, speed, place and direction; they add up to 1",
    "run": "the folder that train writes: what is normal in each scene",
    "scene": "one fixed view of a camera; a camera that turns between two positions has two",
    "segment": "some consecutive frames that an autoencoder takes together",
    "smoothing": "averaging scores over time inside one video, with a bell-shaped weight",
    "track": "the same object from frame to frame",
    "peak": "a moment at which a model's score is higher than before and after",
    "raw score": "what the method gives, smoothed; not comparable between scenes",
    "scene score, scene scale": (
        "the score that all pages show: 0 is the median of the scene's normal footage, 1 its 99th "
        "percentile; no upper bound"
    ),
    "threshold": "the scene score above which alarms begin: 1, unless you choose another",
    "ordinary, unusual": "like 95 % of the scene's normal footage / above that, and not an alarm",
    "rank, ranking": "scores of little normal footage put moments in order, and do not say how rare they are",
    "alarm budget": "how many alarms a day and camera normal footage may raise; the threshold follows from it",
    "AUC": "how often an abnormal frame scores higher than a normal one; 50 % is chance, 100 % is perfect",
    "ROC curve": "which share of abnormal frames is found at which share of false alarms among normal frames",
    "within scenes": "AUC inside each scene, then the mean over scenes; no scene is compared with another",
    "pooled, micro": "AUC over the frames of all scenes together; a score that only tells scenes apart can do well",
    "macro": "AUC in each video, then the mean over videos",
    "best constant per scene": "what one number for each scene reaches pooled: how much telling scenes apart is worth",
    "where abnormal / where normal": (
        "the same class of thing in scenes that forbid it (high is good) and in those that allow it (near 50 is good)"
    ),
    "interval": "a 95 % bootstrap interval over other test footage of the same cameras",
    "seed": "the number that training's chance is drawn from; other seeds show how much of a figure is luck",
    "silhouette": "how far the scenes lie apart in a latent space: near 1 apart, near 0 mixed",
    "strict protocol": "nothing is chosen on test data",
    "published protocol": "what published scene-aware code does, marked as chosen on test data",
    "RBDC, TBDC": "how well boxes match marked regions / marked tracks",
}


def address(word: str) -> str:
    """Where a word stands in the page: `word-memory-bank`."""
    return "word-" + re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")


def term(word: str, text: str = "") -> Markup:
    """A link to what `word` means, shown as `text` or as the word itself. Raises KeyError if it is not among WORDS."""
    title = WORDS[word]
    return Markup('<a class="term" href="#{}" title="{}">{}</a>').format(address(word), title, text or word)


FIGURES = {
    "frame_auc_micro": "pooled, micro",
    "scene_auc_mean": "within scenes",
    "scene_auc": "AUC",
    "event_auc": "where abnormal / where normal",
    "event_alarm_rate": "alarm",
    "event_level": "alarm budget",
    "localisation": "RBDC, TBDC",
    "frame_auc_macro": "macro",
}
"""{beginning of a figure's path: the word that explains it}."""


def figure_name(path: tuple[str, ...], name: str) -> Markup:
    """The name of a figure, as a link to what it means if a word explains it."""
    word = FIGURES.get(path[0])
    return Markup("{}").format(name) if word is None else term(word, name)
