"""Owns the other side of docs/single-sign-on.md: a CAS server that believes everybody, and a browser that goes the way of the page."""

import re
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pages import PROJECT

_PAGE = PROJECT / "docs/single-sign-on.md"
_HOMESERVER = "https://matrix.example.com"
# As the reverse proxy in front of a homeserver sends them.
_FORWARDED = {
    "Host": "matrix.example.com",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "https",
}
_VALIDATED = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>
<cas:user>{}</cas:user></cas:authenticationSuccess></cas:serviceResponse>"""


class _Cas(BaseHTTPRequestHandler):
    """The ticket is the name of the user."""

    def do_GET(self) -> None:
        (user,) = parse_qs(urlsplit(self.path).query)["ticket"]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(_VALIDATED.format(user).encode())

    def log_message(self, *_args: object) -> None:
        """Nothing: the output of a test is its own."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


def start() -> str:
    """The URL of a server that ends with this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Cas)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def log_in(homeserver_url: str, user: str) -> str:
    """Opens the URL that the page names, logs in as the user, and returns the login token."""
    found = re.search(rf"{_HOMESERVER}(/\S+redirectUrl=[^`]+)", _PAGE.read_text(encoding="utf-8"))
    assert found
    opener = build_opener(_NoRedirect)
    try:
        opener.open(Request(homeserver_url + found[1], headers=_FORWARDED), timeout=30)
        raise AssertionError("the homeserver sends nobody to single sign-on")
    except HTTPError as redirect:
        location, cookies = redirect.headers["Location"], redirect.headers.get_all("Set-Cookie")
    (service,) = parse_qs(urlsplit(location).query)["service"]
    back = urlsplit(service)
    path = f"{homeserver_url}{back.path}?{back.query}&{urlencode({'ticket': user})}"
    cookie = "; ".join(cookie.split(";")[0] for cookie in cookies or [])
    with opener.open(Request(path, headers=_FORWARDED | {"Cookie": cookie}), timeout=30) as page:
        token = re.search(r"loginToken=([\w.~-]+)", unescape(page.read().decode()))
    assert token
    return token[1]
