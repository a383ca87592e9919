"""``python -m api.cli`` is ``shopgraph``."""

from api.cli import main

if __name__ == "__main__":
    main()
