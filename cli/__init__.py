"""The command line, duban."""
