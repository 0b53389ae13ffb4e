"""The labels of test videos, for those above evaluation that need them: only evaluation imports `labels/`."""

from scenewise.labels.labels import Event, Truth, abnormal_ranges, read_truth

__all__ = ["Event", "Truth", "abnormal_ranges", "read_truth"]
