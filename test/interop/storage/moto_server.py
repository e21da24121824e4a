"""moto's S3 on 127.0.0.1 at the port given, one request at a time.

S3 checks a put's condition and writes in one step, and takes no body that was cut off. moto's own server does neither:
its threads check, then write, and two of them can both find the condition met.
"""

import io
import sys
import threading

from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

moto = DomainDispatcherApplication(create_backend_app)
one_at_a_time = threading.Lock()


def whole_body(environ):
    """The body, or nothing where the connection broke before its end."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
    body = environ["wsgi.input"].read(int(length))
    return body if len(body) == int(length) else None


def application(environ, start_response):
    body = whole_body(environ)
    if body is None:
        start_response("400 Bad Request", [("Content-Type", "application/xml")])
        return [b"<Error><Code>IncompleteBody</Code></Error>"]
    environ["wsgi.input"] = io.BytesIO(body)
    with one_at_a_time:
        return [b"".join(moto(environ, start_response))]


run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=MotoRequestHandler)
