"""`cunhui serve`: until stopped."""

from pathlib import Path

from flows.commands.tell import COMPLETE


def keep_serving(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui serve`: until stopped."""
    from flows.serving.launch import prepare_environment
    from schemas.inputs import load_inputs

    settings = load_inputs(Path(inputs), year).settings
    prepare_environment(Path(outputs))
    from flows.serving.serve import serve

    when = settings.collection
    serve(Path(inputs), Path(outputs), year=year or when.year, cron=when.cron, timezone=when.timezone)
    return COMPLETE
