"""The least that a township.toml says."""


def settings_text(code: str, name: str, year: int) -> str:
    """The text of a township's settings for a year that is collected until the tenth of January."""
    return f"""[township]
code = "{code}"
name = "{name}"
[collection]
year = {year}
deadline = {year + 1}-01-10T18:00:00
"""
