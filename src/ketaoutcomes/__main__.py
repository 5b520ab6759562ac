"""`python -m ketaoutcomes`."""

import sys

from ketaoutcomes.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
