"""Options that commands share: what is read, and as what."""

from __future__ import annotations

from typing import Annotated

import typer

Sources = Annotated[
    list[str],
    typer.Argument(help="Folders (read recursively), files or globs; folders and objects in S3.", metavar="SOURCE"),
]
Templates = Annotated[
    list[str] | None,
    typer.Option(
        "--template",
        help="A template to look for, beside the built-in ones; may be repeated.",
        metavar="FILE_OR_NAME",
    ),
]
NoBuiltin = Annotated[bool, typer.Option("--no-builtin", help="Look for the given templates alone.")]
As = Annotated[str | None, typer.Option("--as", help="Each picture is one field of this kind.", metavar="KIND[:FIELD]")]
Jobs = Annotated[int, typer.Option(min=0, help="Worker processes; 0: one for each processor.", metavar="N")]
