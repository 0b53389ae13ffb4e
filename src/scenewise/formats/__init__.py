"""The reader of each format of files that may be damaged, or made to do damage: JSON, npy, tensors, pictures.

Whatever a library raises on the bytes of a file comes out of these readers as ValueError, with the reason in a few
words; OSError stays what it is. The caller makes one line of it: the file, what was expected, and what to do. A size
that a file claims is compared with the bytes that are there before memory is taken for it.
"""
