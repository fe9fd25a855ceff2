"""A label counts only when its symbol was read back from the printed picture (COI-3)."""

from tilmfg.documents import data_matrix, render
from tilmfg.documents.contents import LabelContent, PrintedLabel
from tilmfg.documents.text import UnableToPrint

# What common label printers resolve; a symbol that needs more would not be read from the bag.
PRINTER_PPI = 203


def print_label(content: LabelContent) -> PrintedLabel:
    """The label as PDF/A, its Data Matrix decoded from a picture at a label printer's resolution."""
    if content.coi_id not in content.payload or not content.payload.endswith(content.container_code):
        raise UnableToPrint(
            f"The symbol would say “{content.payload}”, the text beside it "
            f"{content.coi_id} {content.container_code}."
        )
    symbol = data_matrix.svg(content.payload)
    document = render.pdf("label", content, generated_at=content.printed_at, symbol=symbol)
    pages = render.pictures("label", content, generated_at=content.printed_at, ppi=PRINTER_PPI, symbol=symbol)
    decoded = [text for page in pages for text in data_matrix.read(page)]
    if len(pages) != 1 or decoded != [content.payload]:
        raise UnableToPrint(
            f"The label of {content.container_code} fills {len(pages)} page(s) and reads {decoded}; "
            f"it should be one page that reads “{content.payload}”."
        )
    return PrintedLabel(pdf=document, payload=content.payload, decoded=decoded[0])
