"""The forecast of an extraction, by a clock that the test turns."""

from collections.abc import Callable
from itertools import chain, repeat

import pytest

from scenewise.features.forecast import Forecast, duration


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What is said of an encoder that takes these seconds for each batch of 32 frames."""

    def say(encoder: str, *seconds: float, left: int = 92_000) -> str:
        ticks, now = chain(seconds, repeat(0.4)), [0.0]

        def clock() -> float:
            now[0] += next(ticks)
            return now[0]

        forecast = Forecast(encoder, "processor", lambda: left, clock)
        for _ in seconds:
            forecast.batch(32, (36, 64))
        return capsys.readouterr().err

    return say


def test_it_speaks_once_after_the_second_batch(said: Callable[..., str]) -> None:
    """The first batch, which starts up the encoder, does not count."""
    assert said("motion-grid", 100.0) == ""
    told = said("motion-grid", 100.0, 1.6, 50.0, 50.0)
    assert told == "note: motion-grid on this processor: 20 frames per second, about 1.3 h for 92,000 frames\n"


def test_a_short_extraction_needs_no_forecast(said: Callable[..., str]) -> None:
    assert said("motion-grid", 1.0, 1.6, left=600) == ""


def test_a_long_one_names_the_faster_encoder(said: Callable[..., str]) -> None:
    told = said("clip-vit-l-14", 60.0, 17.8)
    assert told.startswith(
        "note: clip-vit-l-14 on this processor: 1.8 frames per second, about 14 h for 92,000 frames;"
    )
    assert "--encoder efficientnet-lite0 encodes " in told
    assert "efficientnet-lite0 encodes" not in said("clip-vit-l-14", 6.0, 1.0, left=40_000), "21 minutes are not long"
    assert said("efficientnet-lite0", 60.0, 17.8).endswith("for 92,000 frames\n"), "nothing is faster"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "1 min"), (61, "1 min"), (2400, "40 min"), (4680, "1.3 h"), (51_111, "14 h"), (300_000, "3 days")],
)
def test_times_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
