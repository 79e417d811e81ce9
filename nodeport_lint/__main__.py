"""``python -m nodeport_lint``; with ``python -I -m`` no module of the current directory can take part."""

from nodeport_lint.cli import main

if __name__ == "__main__":
    main()
