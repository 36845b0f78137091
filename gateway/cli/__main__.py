"""`python -m gateway.cli` is `heliograph`."""

from gateway.cli import main

main()
