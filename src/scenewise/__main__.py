"""`python -m scenewise`."""

from scenewise.cli import main

main()
