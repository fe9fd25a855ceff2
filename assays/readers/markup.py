"""XML, opened with suspicion: no document type, no entities, nothing from outside."""

from collections.abc import Collection
from copy import deepcopy
from typing import Any

from assays.readers.records import UnableToRead


def read_markup(filename: str, text: str) -> Any:
    """The root element. Raises UnableToRead for what is not whole or not harmless."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnableToRead(
            f"{filename} declares entities or a document type; such XML is not opened."
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise UnableToRead(f"{filename} is no whole XML file: {error}.") from error


def written_without(root: Any, names: Collection[str]) -> str:
    """The document without the elements of these names, and what is in them."""
    from defusedxml.ElementTree import tostring

    left = deepcopy(root)
    for parent in list(left.iter()):
        for child in [child for child in parent if child.tag in names]:
            parent.remove(child)
    return tostring(left, encoding="unicode")


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]
