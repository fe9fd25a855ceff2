"""The headers of every answer. SEC-08."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'",
}


def assert_safe(answer):
    said = {name: answer.headers.get(name) for name in HEADERS}
    said["Content-Security-Policy"] = "; ".join(sorted(said["Content-Security-Policy"].split("; ")))
    assert said == HEADERS, answer.status_code
    permissions = answer.headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "usb=()"} <= set(permissions)
    assert not [allowed for allowed in permissions if not allowed.endswith(("=()", "=(self)"))]
