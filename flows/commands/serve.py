"""`cunhui serve`: until stopped."""

from pathlib import Path

from flows.commands.tell import COMPLETE


def keep_serving(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui serve`: until stopped."""
    from flows.serving.launch import prepare_environment
    from schemas.catalogue import declared
    from schemas.township import load_settings

    settings = load_settings(Path(inputs), declared())
    prepare_environment(Path(outputs))
    from flows.serving.serve import serve

    when = settings.collection
    serve(Path(inputs), Path(outputs), year=year or when.year, cron=when.cron, timezone=when.timezone)
    return COMPLETE
