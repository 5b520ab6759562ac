"""`python -m ketaoutcomes`."""

import sys

from ketaoutcomes.cli import main

if __name__ == "__main__":
    sys.exit(main())
