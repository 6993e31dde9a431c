"""Which styles of an .ods strike out or raise a text. Source: OpenDocument 1.3, 20.366 to 20.384."""

from typing import NamedTuple


class _Style(NamedTuple):
    parent: str = ""
    struck: bool | None = None
    raised: bool = False


class OdsStyles:
    """Styles by name, of cells and of texts, as a parse passes them."""

    def __init__(self) -> None:
        self.by_name: dict[str, _Style] = {}
        self.any_struck = False
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of a part that may hold styles."""
        if tag == "style:style":
            self._name = attributes.get("style:name", "")
            self.by_name[self._name] = _Style(attributes.get("style:parent-style-name", ""))
        elif tag == "style:text-properties" and self._name:
            through = [attributes.get(f"style:text-line-through-{one}") for one in ("style", "type")]
            said = [one for one in through if one is not None]
            struck = (not any(one == "none" for one in said)) if said else None
            self.any_struck = self.any_struck or bool(struck)
            raised = attributes.get("style:text-position", "0%").partition(" ")[0] not in ("0%", "")
            self.by_name[self._name] = self.by_name[self._name]._replace(struck=struck, raised=raised)

    def says(self, name: str) -> bool | None:
        """Whether a style strikes out; None where it does not say."""
        seen = set()
        while name in self.by_name and name not in seen:
            seen.add(name)
            if self.by_name[name].struck is not None:
                return self.by_name[name].struck
            name = self.by_name[name].parent
        return None

    def struck(self, name: str) -> bool:
        """Whether a cell of that style is struck out."""
        return self.any_struck and bool(self.says(name))

    def raised(self, name: str) -> bool:
        """Whether a text of that style stands above or below the line."""
        return name in self.by_name and self.by_name[name].raised
