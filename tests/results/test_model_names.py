"""Names of models without commas, as short as tells them apart."""

import pytest
from example_metrics import TITLES
from hypothesis import given
from hypothesis import strategies as st

from scenewise.results.labels import labels

AGNOSTIC, AWARE, BOTH = TITLES.values()
FUSION = "fusion, scene-aware (a memory bank per scene)"


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ([AWARE], ["autoencoder"]),
        ([AGNOSTIC, AWARE, FUSION], ["scene-agnostic autoencoder", "scene-aware autoencoder", "fusion"]),
        ([AWARE, f"{AWARE}, width 128"], ["scene-aware autoencoder", "scene-aware autoencoder width 128"]),
        (
            [AWARE, BOTH],
            ["scene-aware autoencoder + contrastive", "scene-aware autoencoder + contrastive + classification"],
        ),
        (["mine, of two (a, b)", "mine, of three"], ["mine of two", "mine of three"]),
        (["same", "same"], ["same 1", "same 2"]),
    ],
)
def test_a_label_says_what_tells_the_models_apart(titles: list[str], expected: list[str]) -> None:
    assert labels(titles) == expected


@given(st.lists(st.text("ab (),+", min_size=1), unique=True, max_size=5))
def test_no_label_has_a_comma_unless_there_is_nothing_else(titles: list[str]) -> None:
    for title, label in zip(titles, labels(titles), strict=True):
        assert label and ("," not in label or not title.strip(" (),"))
