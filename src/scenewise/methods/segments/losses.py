"""The losses that methods share, as pure functions."""

import torch
from torch import Tensor
from torch.nn import functional


def unit_normal_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of diagonal normals from the unit normal, in nats, >= 0, summed over the last axis.

    Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, appendix B. `mean` and `log_variance` (..., Z)
    give (...,).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=-1)


def supervised_contrastive(embeddings: Tensor, labels: Tensor, temperature: float = 0.07) -> Tensor:
    """Supervised contrastive loss, a scalar >= 0.

    Khosla et al., Supervised Contrastive Learning, NeurIPS 2020, eq. 2 (L_out): for every anchor the mean, over the
    other samples of its label, of -log softmax of the similarity among all samples but the anchor itself; then the
    mean over the anchors that have such a sample.

    `embeddings` (B, Z) are L2-normalised here; `labels` (B,) integers. 0 if no anchor has a positive.
    """
    embeddings = functional.normalize(embeddings.float(), dim=1)
    with torch.autocast(embeddings.device.type, enabled=False):  # a similarity is divided by a small temperature
        similarity = embeddings @ embeddings.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    similarity = similarity.masked_fill(itself, -torch.inf)
    log_share = similarity.log_softmax(dim=1).masked_fill(itself, 0.0)
    positive = (labels[:, None] == labels[None, :]) & ~itself
    positives = positive.sum(dim=1)
    anchors = positives > 0
    if not anchors.any():
        return embeddings.sum() * 0.0
    of_anchor = (log_share * positive).sum(dim=1)[anchors] / positives[anchors]
    return -of_anchor.mean()
