"""The parts of a Word document and what leads from one to the next."""

import posixpath
from collections.abc import Collection, Iterator, Mapping

from lxml import etree

from flows.template.word_runs import Element

_TYPES = "[Content_Types].xml"


def without(parts: Mapping[str, bytes], main: str, relations: Collection[str]) -> dict[str, bytes]:
    """The package without these relations of its main part, and without the parts that only they led to.

    A part that nothing led to before stays.
    """
    if not relations:
        return dict(parts)
    done, before = dict(parts), set(_reached(parts))
    root = etree.fromstring(parts[_rels_of(main)])
    for relation in [each for each in root if each.get("Id") in relations]:
        root.remove(relation)
    done[_rels_of(main)] = _xml(root)
    gone = before - set(_reached(done))
    types = etree.fromstring(parts[_TYPES])
    for declared in [each for each in types if (each.get("PartName") or "").lstrip("/") in gone]:
        types.remove(declared)
    done[_TYPES] = _xml(types)
    return {name: data for name, data in done.items() if name not in gone | {_rels_of(each) for each in gone}}


def _rels_of(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def _reached(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Every part that relations lead to from the package itself."""
    waiting, seen = [""], {""}
    while waiting:
        here = waiting.pop()
        rels = parts.get(_rels_of(here))
        for relation in etree.fromstring(rels) if rels else ():
            if relation.get("TargetMode") == "External":
                continue
            target = posixpath.join("/", posixpath.dirname(here), relation.get("Target") or "")
            part = posixpath.normpath(target).lstrip("/")
            if part not in seen and part in parts:
                seen.add(part)
                waiting.append(part)
                yield part


def _xml(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
