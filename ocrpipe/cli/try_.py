"""`ocrpipe try`: one field, drawn with the mouse, and every step of its reading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrpipe.engines.threads import ask_for_one_thread
from ocrpipe.errors import UsageError


def try_(
    model: Annotated[str, typer.Option(help="The network that reads characters.", metavar="NAME_OR_FILE")] = "lenet5",
    max_error: Annotated[
        float,
        typer.Option(help="Largest share of wrong values among accepted ones, to begin with.", metavar="SHARE"),
    ] = 0.01,
    template: Annotated[
        Path | None, typer.Option(help="A form of your own, one field of which is offered, too.", metavar="FILE")
    ] = None,
    field: Annotated[str | None, typer.Option(help="Which field of --template.", metavar="NAME")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.", metavar="PORT")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Draw a digit or an amount, drop a picture of a field, and see how it is read, step by step.

    \b
        ocrpipe try
        ocrpipe try --model models/ours.json --max-error 0.005
        ocrpipe try --template visit.toml --field birthday

    The page shows the field cleaned and upright, all cuts that were weighed, what the network sees of each and makes
    of it, what both readers say, and why the reading is believed or goes to a person. A picture is read as
    `ocrpipe run --as KIND` reads it, so a misread field can be explained. Pictures never leave this machine, and
    none is kept.

    Exit status: 0 done; 2 usage; 5 the port is taken.
    """
    ask_for_one_thread()

    import webbrowser

    from ocrpipe.engines.base import one_thread
    from ocrpipe.fields.template import load_template
    from ocrpipe.reading.model import load_card
    from ocrpipe.trying.app import Try
    from ocrpipe.trying.kinds import kind_of
    from ocrpipe.trying.seeing import Eyes
    from ocrpipe.web import Doors, listening, serve

    if not 0 < max_error < 1:
        raise UsageError(f"--max-error {max_error}: expected a share between 0 and 1, such as 0.01")
    if (template is None) != (field is None):
        raise UsageError("--template FILE and --field NAME go together")
    own = kind_of(load_template(template), field) if template and field else None
    one_thread()
    app = Try(Eyes(load_card(model)), max_error, own)
    app.warm()
    with listening(port) as ours:
        doors = Doors(ours.getsockname()[1])
        print(f"draw here: {doors.address}", flush=True)
        if not no_browser:
            webbrowser.open(doors.address)
        serve(app.app(doors), ours)
