"""Vision towers as small as they can be, of random weights."""

from pathlib import Path

import torch
import transformers

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "image_size": 64,
    "patch_size": 8,
}


def write_tower(folder: Path, seed: int = 3, **settings: int) -> Path:
    """A CLIP tower of SMALL and `settings`, written to `folder`."""
    torch.manual_seed(seed)
    config = transformers.CLIPVisionConfig(**SMALL, projection_dim=24, **settings)
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
    return folder
