"""`python -m parley`."""

import sys

if sys.argv[1:] == ["serve"]:  # the longest-lived process does not carry the command line's library
    from parley.supervisor import main
else:
    from parley.cli import main

if __name__ == "__main__":
    sys.exit(main())
