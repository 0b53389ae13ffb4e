"""bfloat16 where it is native, and nowhere else: there a row of a product depends on its place in the batch."""

from pathlib import Path
from typing import Any

import pytest
import torch

from scenewise.device import CPU, computes_bfloat16, pick_dtype
from scenewise.encoders.openvino_model import pick_precision
from scenewise.errors import ConfigError

OLDER: list[dict[str, Any]] = [
    {},  # other families of processors have other keys
    {"architecture": "aarch64", "neon": True},
    {"architecture": "x86_64", "avx2": True, "avx512_f": False, "avx512_bf16": False, "amx_bf16": False},
    {"architecture": "x86_64", "avx2": True, "avx512_f": True, "avx512_bw": True, "avx512_bf16": False},
]
NATIVE: list[dict[str, Any]] = [{"avx512_bf16": True}, {"avx512_bf16": True, "amx_bf16": True}, {"amx_bf16": True}]


@pytest.mark.parametrize("capabilities", OLDER)
def test_without_native_bfloat16_it_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, Any]
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert not computes_bfloat16(CPU)
    assert pick_dtype("auto", CPU) == pick_dtype("float32", CPU) == torch.float32
    assert pick_precision("auto") == "float32"
    for pick in (lambda: pick_dtype("bfloat16", CPU), lambda: pick_precision("bfloat16")):
        with pytest.raises(ConfigError, match=r"--precision bfloat16.*float32") as caught:
            pick()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("capabilities", NATIVE)
def test_with_native_bfloat16_auto_takes_it(monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, Any]) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert pick_dtype("auto", CPU) == pick_dtype("bfloat16", CPU) == torch.bfloat16
    assert pick_dtype("float32", CPU) == torch.float32
    assert pick_precision("auto") == pick_precision("bfloat16") == "bfloat16"


def test_this_processor_is_one_or_the_other() -> None:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        pytest.skip("no /proc/cpuinfo to compare with")
    flags = set(info.read_text().split())
    if "flags" not in flags:
        pytest.skip("/proc/cpuinfo lists no flags of an x86 processor")
    assert computes_bfloat16(CPU) == bool(flags & {"avx512_bf16", "amx_bf16"})
