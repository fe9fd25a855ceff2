"""Of all that front-end packages bring, the files that pages load; nothing else is collected."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

# Source maps too: the manifest follows the reference at the end of a file.
SERVED = (
    "vendor/tabler/css/tabler.min.css*",
    "vendor/htmx/htmx.min.js",
    "vendor/inter/InterVariable.woff2",
    "vendor/jetbrains-mono/jetbrains-mono-latin-wght-normal.woff2",
)


class ServedFiles(FileSystemFinder):
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for path, storage in super().list(ignore_patterns):
            name = f"{storage.prefix}/{path}" if storage.prefix else path
            if not name.startswith("vendor/") or any(fnmatch(name, pattern) for pattern in SERVED):
                yield path, storage
