"""One colour a model, the same on the page and in the files; after Okabe and Ito, darkened for text.

Told apart with every common colour blindness. In files each model also has its own dashes, so that a grey print
shows which is which.
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
