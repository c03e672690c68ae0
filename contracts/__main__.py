"""`python -m contracts`: the command line, of the Python that one names."""

from contracts.cli import main

main()
