"""Data Matrix ECC 200: written as vectors, read back from a picture."""

import io

import zxingcpp
from PIL import Image

_DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)


def svg(payload: str) -> str:
    """The square symbol with its quiet zone of one module."""
    symbol = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    return zxingcpp.write_barcode_to_svg(symbol)


def read(png: bytes) -> list[str]:
    """The text of every readable symbol in a picture."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    found = zxingcpp.read_barcodes(picture, formats=_DATA_MATRIX)
    return [symbol.text for symbol in found]
