"""Towers through OpenVINO and through torch, and what the cache keeps of them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
import transformers
from numpy.typing import NDArray
from small_towers import write_tower

from conftest import BFLOAT16
from scenewise.device import CPU
from scenewise.encoders import tower_openvino
from scenewise.encoders.preprocess import resized, resized_in_float
from scenewise.encoders.tower_cache import TOWER, WEIGHTS, cache_folder, kept_tower
from scenewise.encoders.tower_families import CLIP
from scenewise.encoders.tower_openvino import NotConvertedError, OpenVinoTower, convert
from scenewise.encoders.tower_torch import ROWS_LEAST, ROWS_MOST, TorchTower, rows_that_fit
from scenewise.encoders.vision_tower import VisionTower

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "scenewise" / "towers"


def frames_of(count: int) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(8).integers(0, 256, (count, 9, 16, 3), dtype=np.uint8)
    return coarse.repeat(10, 1).repeat(10, 2)


def pair(folder: Path, **settings: Any) -> tuple[VisionTower, VisionTower]:
    torch_, openvino = (
        VisionTower(str(folder), device="cpu", through=through, **settings) for through in ("torch", "openvino")
    )
    return torch_, openvino


def test_openvino_answers_as_torch_does(cache: Path, tmp_path: Path) -> None:
    frames = frames_of(9)
    reference, fast = pair(write_tower(tmp_path / "tower"), precision="float32", regions=(3, 2))
    expected, found = reference.encode(frames), fast.encode(frames)
    np.testing.assert_allclose(found.features, expected.features, atol=1e-5)
    np.testing.assert_allclose(found.regions, expected.regions, atol=1e-5)  # type: ignore[arg-type]
    crops = frames[:5, :56, :56]
    slow, quick = (tower.object_encoder().encode(crops) for tower in (reference, fast))
    np.testing.assert_allclose(quick, slow, atol=1e-5)
    assert reference.identity == fast.identity
    assert "openvino" in fast.execution and "openvino" not in reference.execution


@pytest.mark.parametrize("precision", [BFLOAT16])
def test_bfloat16_through_openvino_stays_close_to_torch_in_float32(cache: Path, tmp_path: Path, precision: Any) -> None:
    folder = write_tower(tmp_path / "tower")
    frames = frames_of(5)
    exact = VisionTower(str(folder), device="cpu", precision="float32", through="torch").encode(frames).features
    fast = VisionTower(str(folder), device="cpu", precision=precision, through="openvino").encode(frames).features
    assert abs(fast - exact).max() < 0.03 * abs(exact).max()


def test_a_tower_is_converted_once_and_again_if_a_byte_changed(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = []
    monkeypatch.setattr(
        tower_openvino, "convert", lambda *given: converted.append(given[2]) or convert(*given)
    )  # its size
    folder = write_tower(tmp_path / "tower")
    frames = frames_of(3)
    first = VisionTower(str(folder), device="cpu", precision="float32", through="openvino").encode(frames).features
    again = VisionTower(str(folder), device="cpu", precision="float32", through="openvino").encode(frames).features
    assert converted == [(64, 64)] and (first == again).all()

    (kept,) = (path for path in cache.iterdir() if path.is_dir())
    content = bytearray((kept / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (kept / WEIGHTS).unlink()
    (kept / WEIGHTS).write_bytes(content)
    mended = VisionTower(str(folder), device="cpu", precision="float32", through="openvino").encode(frames).features
    assert converted == [(64, 64)] * 2 and (first == mended).all()

    VisionTower(str(write_tower(tmp_path / "other", seed=4)), device="cpu", precision="float32", through="openvino")
    assert len(converted) == 3, "other weights are another tower"


def test_what_decides_the_conversion_decides_the_place_in_the_cache(cache: Path) -> None:
    made_from = {"weights": "a", "size": [64, 64], "torch": "2"}
    places = {cache_folder("clip", {**made_from, **other}) for other in ({}, {"torch": "3"}, {"size": [64, 32]})}
    assert len(places) == 3 and all(place.parent == cache for place in places)


def test_without_a_cache_that_can_be_written_the_tower_is_used_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    entry = ov.opset13.parameter([1, 2], np.float32)
    graph = ov.Model([entry.output(0)], [entry])
    calls: list[int] = []
    made = kept_tower(tmp_path / "file" / "tower", {}, lambda: calls.append(1) or graph)  # type: ignore[func-returns-value]
    assert made is graph and calls == [1]
    assert "cannot be kept" in capsys.readouterr().err


def test_a_relative_cache_folder_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("clip", {}).is_relative_to(tmp_path / ".cache")


def test_a_graph_that_answers_otherwise_is_not_used(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_tower(tmp_path / "tower")
    right = ov.convert_model
    other = transformers.CLIPVisionModelWithProjection.from_pretrained(write_tower(tmp_path / "other", seed=4)).eval()

    def wrong(traced: Any, **given: Any) -> ov.Model:
        outputs = tower_openvino._Outputs(other, CLIP, False)
        with torch.inference_mode():
            return right(torch.jit.trace(outputs, given["example_input"], check_trace=False), **given)

    monkeypatch.setattr(ov, "convert_model", wrong)
    with pytest.raises(NotConvertedError, match="outputs differ by"):
        convert(transformers.CLIPVisionModelWithProjection.from_pretrained(folder).eval(), CLIP, (64, 64))
    reference, fallen_back = pair(folder, precision="float32")
    frames = frames_of(5)
    assert "goes through torch, because OpenVINO computes it otherwise" in capsys.readouterr().err
    assert (fallen_back.encode(frames).features == reference.encode(frames).features).all()
    assert not cache.exists() or not [path for path in cache.iterdir() if (path / TOWER).exists()]


def test_processes_that_need_a_tower_at_once_convert_it_once(cache: Path, tmp_path: Path) -> None:
    folder = write_tower(tmp_path / "tower")
    code = (
        "import sys\n"
        "from scenewise.encoders import tower_openvino as one\n"
        "plain = one.convert\n"
        "one.convert = lambda *given: print('converted') or plain(*given)\n"
        "from scenewise.encoders.vision_tower import VisionTower\n"
        "VisionTower(sys.argv[1], device='cpu', precision='float32', through='openvino')\n"
    )
    import subprocess
    import sys

    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        for _ in range(2)
    ]
    printed = "".join(one.communicate()[0] for one in running)
    assert [one.returncode for one in running] == [0, 0] and printed.count("converted") == 1


def test_a_device_that_resizes_in_float_is_within_two_levels_of_the_cpu() -> None:
    frames = np.random.default_rng(9).integers(0, 256, (4, 90, 160, 3), dtype=np.uint8)
    for resample in ("bicubic", "bilinear"):
        on_the_cpu = resized(frames, (56, 56), resample).int()  # type: ignore[arg-type]
        in_float = resized_in_float(torch.from_numpy(frames), (56, 56), resample).int()  # type: ignore[arg-type]
        difference = (on_the_cpu - in_float).abs().float()
        assert difference.max() <= 2 and difference.mean() < 0.3  # noise has the sharpest edges


def test_pictures_a_call_are_a_power_of_two_that_fits_the_memory() -> None:
    for memory in (1 << 30, 8 << 30, 80 << 30, 140 << 30):
        rows = rows_that_fit(memory, 12 << 20)
        assert ROWS_LEAST <= rows <= ROWS_MOST and rows & (rows - 1) == 0
        assert rows == ROWS_LEAST or rows * (12 << 20) <= memory / 4
    assert rows_that_fit(8 << 30, 12 << 20) == 128


def test_torch_gives_as_many_rows_as_pictures_whatever_their_number(tmp_path: Path) -> None:
    tower = transformers.CLIPVisionModelWithProjection.from_pretrained(write_tower(tmp_path)).eval()
    one = TorchTower(tower, CLIP, CPU, torch.float32, [0.5] * 3, [0.5] * 3)
    levels = torch.randint(0, 256, (one.rows, 3, 64, 64), dtype=torch.uint8)
    whole = one.run(levels, middle=True)
    for count in range(1, one.rows + 1):
        for part, rows in zip(one.run(levels[:count], middle=True), whole, strict=True):
            assert part is not None and rows is not None
            assert len(part) == count and (part == rows[:count]).all() and part.dtype == torch.float32


def test_openvino_rows_keep_every_request_at_work(cache: Path, tmp_path: Path) -> None:
    tower = VisionTower(str(write_tower(tmp_path / "tower")), device="cpu", through="openvino", precision="float32")
    assert isinstance(tower._tower, OpenVinoTower) and tower.batch == tower.rows >= 4
