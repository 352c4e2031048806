"""`govdata ui`: a page on this machine for officers who do not use a terminal."""

from __future__ import annotations

import click

from govdata.cli.usage import Command
from govdata.messages import text as word


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "ui",
        callback=lambda port, no_browser: _run(language, port, no_browser),
        params=[
            click.Option(["--port"], type=click.IntRange(0, 65535), default=0, metavar="N", help=word("cli.ui-port", language)),
            click.Option(["--no-browser"], is_flag=True, help=word("cli.ui-no-browser", language)),
        ],
    )


def _run(language: str, port: int, no_browser: bool) -> int:
    from govdata.ui.folders import SessionFolder
    from govdata.ui.serving import Server
    from govdata.ui.sessions import Session

    try:
        with SessionFolder() as folder, Server(Session(folder.path, language), port) as server:
            click.echo(word("cli.ui-serving", language, {"address": server.address()}))
            if not no_browser:
                _open(server.address(once=True))
            server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        click.echo(word("cli.ui-ended", language))
    return 0


def _open(address: str) -> None:
    """Open the page, beside the server: some browsers give the caller nothing back until they are closed."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
