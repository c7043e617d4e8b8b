"""`python -m server` is `metric-cube`, for places where no script is on the path."""

from server.cli import main

if __name__ == "__main__":
    main()
