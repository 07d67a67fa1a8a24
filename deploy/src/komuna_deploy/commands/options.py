"""Options that more than one word of the command takes."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it, without asking.")]
