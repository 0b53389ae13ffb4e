"""Training: from a feature store to the weights of a run."""
