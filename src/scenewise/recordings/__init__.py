"""Recordings as cameras leave them: sorted by camera, and cut in time into what is learned from and what is scored."""
