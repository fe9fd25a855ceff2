"""Our own stroke icons on a 24 × 24 grid, drawn with currentColor."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

DRAWINGS = {
    "alert": '<path d="M12 4 21 19.5H3Z"/><path d="M12 10v4.5"/><path d="M12 17v.1"/>',
    "back": '<path d="M9 5 4 10l5 5"/><path d="M4 10h10a5 5 0 0 1 5 5v4"/>',
    "bag": (
        '<rect x="6" y="6" width="12" height="12" rx="3"/><path d="M10 6V3h4v3M10 18v3M14 18v3M9 11h6"/>'
    ),
    "book": ('<path d="M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3Z"/><path d="M5 17a3 3 0 0 1 3-3h11M9 8h6"/>'),
    "box": '<path d="m12 3 8 4.5v9L12 21l-8-4.5v-9Z"/><path d="m4 7.5 8 4.5 8-4.5M12 12v9"/>',
    "calendar": ('<rect x="4" y="5" width="16" height="15" rx="2"/><path d="M4 10h16M8 3v4M16 3v4"/>'),
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "chevron-left": '<path d="m14.5 6-6 6 6 6"/>',
    "chevron-right": '<path d="m9.5 6 6 6-6 6"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "copy": (
        '<rect x="8" y="8" width="12" height="12" rx="2"/>'
        '<path d="M16 8V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3"/>'
    ),
    "cross": '<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>',
    "document": '<path d="M6 3h8l4 4v14H6Z"/><path d="M14 3v4h4M9 12h6M9 16h6"/>',
    "download": '<path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14"/>',
    "drop": '<path d="M12 3.5c3.5 4.5 5.5 7.3 5.5 10.3a5.5 5.5 0 0 1-11 0c0-3 2-5.8 5.5-10.3Z"/>',
    "eye": (
        '<path d="M3 12c2.5-4.3 5.5-6.5 9-6.5s6.5 2.2 9 6.5c-2.5 4.3-5.5 6.5-9 6.5S5.5 16.3 3 12Z"/>'
        '<circle cx="12" cy="12" r="2.75"/>'
    ),
    "fingerprint": (
        '<path d="M6 9.5a6.5 6.5 0 0 1 12 2.5c0 2.5-.2 4.5-.8 6.5M6 13c0 2-.3 3.3-1 5"/>'
        '<path d="M9 20c1-2.5 1.2-5 1.1-8a2.2 2.2 0 0 1 4.3 0c0 3.2-.3 6-1.3 8.5"/>'
    ),
    "flask": (
        '<path d="M9.5 3.5h5M10.5 3.5V9l-5.3 9a1.7 1.7 0 0 0 1.5 2.5h10.6a1.7 1.7 0 0 0'
        ' 1.5-2.5L13.5 9V3.5"/>'
        '<path d="M7.7 14.5h8.6"/>'
    ),
    "home": '<path d="m4 11 8-7 8 7"/><path d="M6 9.5V20h12V9.5M10 20v-6h4v6"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.5v.1"/>',
    "label": '<path d="M4 5h8.5L20 12.5 12.5 20 4 11.5Z"/><circle cx="8.5" cy="9" r="1.2"/>',
    "lock": (
        '<rect x="5.5" y="10.5" width="13" height="9.5" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>'
    ),
    "log-out": '<path d="M10 4.5H5.5v15H10M14 8l4 4-4 4M18 12H9.5"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "pen": '<path d="m5 19 1-4L16.5 4.5l3 3L9 18Z"/><path d="M14 7l3 3M12 20h7"/>',
    "person": '<circle cx="12" cy="8" r="3.75"/><path d="M4.5 20c.8-4 3.6-6 7.5-6s6.7 2 7.5 6"/>',
    "plate": (
        '<rect x="3.5" y="5" width="17" height="14" rx="2"/>'
        '<path d="M8 9.5v.1M12 9.5v.1M16 9.5v.1M8 14.5v.1M12 14.5v.1M16 14.5v.1" stroke-width="2.8"/>'
    ),
    "plus": '<path d="M12 5.5v13M5.5 12h13"/>',
    "print": (
        '<path d="M7 9V4h10v5M7 17H4.5v-6.5A1.5 1.5 0 0 1 6 9h12a1.5 1.5 0 0 1 1.5 1.5V17H17"/>'
        '<path d="M7 14.5h10V20H7Z"/>'
    ),
    "question": ('<path d="M8.5 9a3.5 3.5 0 1 1 5.2 3.1c-1.1.7-1.7 1.4-1.7 2.7"/><path d="M12 18.4v.1"/>'),
    "scan": (
        '<path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1'
        ' 1 0 0 1-1-1v-3"/>'
        '<path d="M8 8.5v7M12 8.5v7M16 8.5v7"/>'
    ),
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
    "shield": (
        '<path d="M12 3.5 19 6v5.5c0 4.3-2.6 7.3-7 9-4.4-1.7-7-4.7-7-9V6Z"/><path d="m9 12 2.2 2.2L15.2 10"/>'
    ),
    "shipper": (
        '<path d="M3 6.5h10.5V16H3ZM13.5 9.5H18l3 3.2V16h-7.5"/>'
        '<circle cx="7" cy="17.5" r="1.9"/>'
        '<circle cx="17" cy="17.5" r="1.9"/>'
    ),
    "stop": '<path d="M8.2 3.5h7.6l4.7 4.7v7.6l-4.7 4.7H8.2l-4.7-4.7V8.2Z"/><path d="M8.5 12h7"/>',
    "thermometer": '<path d="M10 14V5.5a2 2 0 0 1 4 0V14a4 4 0 1 1-4 0Z"/><path d="M12 9v8"/>',
    "upload": '<path d="M12 15V4m-4.5 4.5L12 4l4.5 4.5M5 19.5h14"/>',
    "vial": '<path d="M9 3.5h6M10 3.5v15a2 2 0 0 0 4 0v-15M10 11h4"/>',
}


class UnknownIcon(LookupError):
    pass


def draw(name: str, label: str = "") -> SafeString:
    """The icon as inline SVG; decorative unless `label` says what it means on its own."""
    if name not in DRAWINGS:
        raise UnknownIcon(f"There is no icon “{name}”; there are {', '.join(sorted(DRAWINGS))}.")
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    drawing = mark_safe(DRAWINGS[name])  # noqa: S308 -- our own constant
    return format_html('<svg class="glyph" viewBox="0 0 24 24" focusable="false" {}>{}</svg>', named, drawing)
