"""What every answer tells the browser, whichever part of the house gives it: pages, refusals, files, broken pages."""

from whitenoise.middleware import WhiteNoiseFileResponse

# Scanners type, they are no cameras; of what a page could ask a device for, passkeys and copying are all we use.
NOT_ASKED_FOR = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
OURS = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in NOT_ASKED_FOR), *(f"{name}=(self)" for name in OURS)])


class Headers:
    """Outermost, so that also what a middleware answers carries them. Browsers keep the program's files alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = PERMISSIONS
        return response
