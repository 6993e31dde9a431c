"""Which names in the inbox may be submissions: not what programs leave beside them, nor what is still being fetched."""

LOCK_PREFIXES = ("~$", ".~lock.")
"""What spreadsheet programs put beside a workbook that is open."""
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".!ut")
"""How browsers and mail programs end the name of what they are still fetching."""
NOT_SUBMISSIONS = {"thumbs.db", "desktop.ini", ".ds_store", "readme.md"}


def is_unfinished(name: str) -> bool:
    """Whether it is still being fetched."""
    return name.lower().endswith(UNFINISHED)


def is_submission(name: str) -> bool:
    """Whether somebody may have meant a file of that name to be read, and it is whole."""
    return not (name.startswith(LOCK_PREFIXES) or name.lower() in NOT_SUBMISSIONS or is_unfinished(name))
