"""`python -m mock_server`: the command line, of the Python that one names."""

from mock_server.cli import main

main()
