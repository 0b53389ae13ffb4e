"""One colour and one pattern of dashes a model, the same on the page and in the files.

The colours are Okabe's and Ito's, darkened for text, and told apart with every common colour blindness; the dashes
show also in a grey print which is which.
"""

ACCENTS = (
    ("#b04a00", "#f5a25d"),
    ("#0a63ad", "#6fb6f9"),
    ("#00755a", "#45cda5"),
    ("#9c3587", "#ec9bd6"),
    ("#796300", "#e5ce52"),
    ("#4b535c", "#c3cad2"),
)
"""On light paper, on dark paper."""

DASHES: tuple[tuple[float, ...], ...] = ((), (5, 1.5), (1, 1), (5, 1.5, 1, 1.5), (8, 2), (3, 1, 1, 1, 1, 1))
"""Drawn and left out in turn, in widths of the line; a model's is at its colour's place."""
