"""Sign-in sessions, forged-form protection, and the headers that keep the browser strict."""

from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

from testbed.config import Security
from testbed.secret import secret

# Pico draws its arrows and ticks with data: images; everything else comes from here.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        # The hash is that of the empty style sheet which the timeline makes for itself.
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")

csrf = CSRFProtect()
login = LoginManager()
login.login_view = "account.sign_in"
login.login_message = None
login.session_protection = "strong"


def secure(app: Flask, security: Security, demo: bool) -> None:
    """Sign sessions with the secret, refuse forged forms, add the headers to every answer."""
    app.config.update(
        SECRET_KEY=secret(security.secret_file),
        SESSION_COOKIE_NAME="testbed",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=security.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=security.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    app.before_request(_readable)
    csrf.init_app(app)
    login.init_app(app)
    app.after_request(_with_headers)
    if demo:
        app.before_request(_only_from_here)


def is_loopback(host: str | None) -> bool:
    """Whether the address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _readable() -> None:
    """A NUL stands in no id, and a database may fail on it; the API judges its own addresses."""
    if request.path.startswith("/api/"):
        return
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for _, value in request.args.items(multi=True)):
        abort(400)


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _only_from_here() -> None:
    """Demo passwords are printed at the start: nobody from outside may reach the accounts."""
    here = is_loopback(request.remote_addr) and is_loopback(_host_name(request.host))
    if not here or any(name in request.headers for name in FORWARDED):
        abort(403)


def _host_name(host: str) -> str:
    """The host without its port and without the brackets of an IPv6 address."""
    return (urlsplit(f"//{host}").hostname or "").strip("[]")
