"""The forecast of an extraction, by a clock that the test turns."""

from collections.abc import Callable

import pytest

from scenewise.features.forecast import Forecast


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What is said of an encoder that takes these seconds for each batch of 32 frames."""

    def say(encoder: str, *seconds: float, left: int = 92_000, every: int = 1) -> str:
        now = [0.0]
        forecast = Forecast(encoder, "processor", lambda: left, every, lambda: now[0])
        for took in seconds:
            now[0] += took
            forecast.batch(32, (36, 64))
        return capsys.readouterr().err

    return say


def test_it_speaks_once_after_the_second_batch(said: Callable[..., str]) -> None:
    """The first batch, which starts up the encoder, does not count."""
    assert said("motion-grid", 100.0) == ""
    told = said("motion-grid", 100.0, 1.6, 50.0, 50.0)
    assert told == "note: motion-grid on this processor: 20 frames per second, about 77 min for 92,000 frames\n"


def test_a_short_extraction_needs_no_forecast(said: Callable[..., str]) -> None:
    assert said("motion-grid", 1.0, 1.6, left=600) == ""


def test_a_long_one_names_the_faster_encoder(said: Callable[..., str]) -> None:
    told = said("clip-vit-l-14", 60.0, 17.8)
    assert told.startswith(
        "note: clip-vit-l-14 on this processor: 1.8 frames per second, about 14 hours for 92,000 frames;"
    )
    assert "--encoder efficientnet-lite0 would do " in told
    assert "would do" not in said("clip-vit-l-14", 6.0, 1.0, left=40_000), "21 minutes are not long"
    assert said("efficientnet-lite0", 60.0, 17.8).endswith("for 92,000 frames\n"), "nothing is faster"


def test_frames_that_repeat_others_are_done_in_no_time(said: Callable[..., str]) -> None:
    """Of batches of 32 frames every third one holds a frame that is encoded: the rate is that of three of them."""
    assert said("motion-grid", 9.0, 0.0, 0.0, every=96) == "", "nothing is known before the third"
    told = said("motion-grid", 9.0, 0.0, 0.0, 4.8, every=96)
    assert told == "note: motion-grid on this processor: 20 frames per second, about 77 min for 92,000 frames\n"
