"""Where the numbers are crunched, and in which format."""

import torch

from scenewise.config import Precision
from scenewise.errors import ConfigError


def pick_device(name: str) -> torch.device:
    """The device that `--device` names; auto takes CUDA, else Apple's MPS, else the CPU.

    Raises ConfigError where there is no such device on this machine.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in available if available[kind]))
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"--device: expected auto, cpu, cuda, cuda:N or mps, got {name!r}") from error
    if not available.get(device.type, False):
        here = ", ".join(kind for kind in available if available[kind])
        raise ConfigError(f"--device {name}: this machine has none (it has: {here})")
    return device


def pick_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """The format of matrix products: auto takes bfloat16 where `device` computes it natively, else float32."""
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        native = bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    else:
        native = False
    return torch.bfloat16 if native else torch.float32
