"""`cunhui rebuild`: the store anew from journal, archive, inbox and settings."""

from flows.commands.tell import COMPLETE, INCOMPLETE
from schemas.outputs import ARCHIVE


def rebuild_store(year: int | None, inputs: str, outputs: str) -> int:
    """Make the store anew and say what came of it. Returns the exit status."""
    from flows.rebuild import rebuild  # heavy: DuckDB and pandas

    done = rebuild(inputs, outputs, year)
    print(
        f"已重建：{done.submissions} 份报表，连同封存、开封、恢复和更正的记录。"
        "请再运行 cunhui run，核对并重新生成各表。"
    )
    for file in done.lost:
        print(f"原件丢失，没有重建：{file}（请从备份恢复 {outputs}/{ARCHIVE}，或请该单位重报）")
    return INCOMPLETE if done.lost else COMPLETE
