"""Where the installed program begins: it listens for signals before anything is loaded."""

from flows.commands.stopping import listen


def program() -> None:
    """Run the command line; never returns."""
    listen()
    from flows.commands.cli import program as run  # heavy: click, and a signal is to be heard before it is loaded

    run()
