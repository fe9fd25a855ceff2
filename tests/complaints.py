"""What a browser complains about, and what a page of ours must never do."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

REFUSED = "Failed to load resource"  # said of every 4xx too; statuses are looked at below


def collect_complaints(page: Page, complaints: list[str], *, origin: str) -> None:
    """Script errors, violations of the content security policy, failing or foreign requests."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{origin}/", "data:", "blob:")):
            complaints.append(f"leaves its own origin for {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            complaints.append(f"{response.status} from {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", on_request)
    page.on("response", on_response)
