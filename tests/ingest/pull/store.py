"""An object store on this machine: lists and hands out objects as S3, GCS and Azure do over HTTP.

S3 and GCS share the XML of `list-type=2`; Azure has its own. Requests must carry the credential of
their kind. Listings come in pages; trouble can be put before any request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "bills"
AUTHORIZATION = {"s3": "AWS4-HMAC-SHA256 Credential=AKIDTEST/", "gs": "Bearer gs-token",
                 "az": "SharedKey acme:"}  # fmt: skip
ENVIRONMENT = {
    "s3": {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "never-to-be-seen",
           "AWS_REGION": "eu-central-1"},
    "gs": {"GOOGLE_BEARER_TOKEN": "gs-token"},
    "az": {"AZURE_STORAGE_ACCOUNT_NAME": "acme", "AZURE_STORAGE_ACCOUNT_KEY": "bmV2ZXI="},
}  # fmt: skip
"""The standard variables of each kind, as a user sets them."""

WRITTEN = datetime(2026, 10, 5, 4, 0, 7, tzinfo=UTC)


@dataclass
class Object:
    """Content of one object, and when it was written."""

    content: bytes
    written: datetime = WRITTEN

    @property
    def e_tag(self) -> str:
        return md5(self.content, usedforsecurity=False).hexdigest()


@dataclass
class Bucket:
    """What the server holds.

    Attributes:
        page: objects of one page of a listing.
        refuse: (status, code) of every answer instead of the right one.
        cut: keys whose content is cut off, though more was announced.
        listed: prefixes that were asked for.
        got: keys that were handed out.
    """

    kind: str = "s3"
    objects: dict[str, Object] = field(default_factory=dict)
    page: int = 2
    refuse: tuple[int, str] | None = None
    cut: set[str] = field(default_factory=set)
    listed: list[str] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    endpoint: str = ""

    def put(self, key: str, content: str | bytes, written: datetime = WRITTEN) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.objects[key] = Object(data, written)

    def forget(self) -> None:
        """Begin to count requests anew."""
        self.listed.clear()
        self.got.clear()


@contextmanager
def serve(bucket: Bucket) -> Iterator[Bucket]:
    """Serve a bucket on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            _, name, key = (*unquote(parts.path).split("/", 2), "")[:3]
            right = AUTHORIZATION[bucket.kind]
            if bucket.refuse:
                self.error(*bucket.refuse)
            elif not self.headers.get("Authorization", "").startswith(right):
                self.error(403, "AccessDenied")
            elif name != BUCKET:
                self.error(404, "NoSuchBucket")
            elif key:
                self.object(key)
            else:
                params = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.list(params.get("prefix", ""), params)

        def error(self, status: int, code: str) -> None:
            secret = self.headers.get("Authorization", "")
            self.send(status, f"<Error><Code>{code}</Code><Message>{secret}</Message></Error>")

        def object(self, key: str) -> None:
            bucket.got.append(key)
            found = bucket.objects[key]
            self.send_response(200)
            self.send_header("Content-Length", str(len(found.content)))
            self.send_header("ETag", f'"{found.e_tag}"')
            self.send_header("Last-Modified", format_datetime(found.written, usegmt=True))
            self.end_headers()
            short = len(found.content) // 2 if key in bucket.cut else None
            self.wfile.write(found.content[:short])
            self.close_connection = True

        def list(self, prefix: str, params: dict[str, str]) -> None:
            azure = bucket.kind == "az"
            start = int(params.get("marker" if azure else "continuation-token", "0"))
            if not start:
                bucket.listed.append(prefix)
            keys = sorted(key for key in bucket.objects if key.startswith(prefix))
            shown, rest = keys[start : start + bucket.page], keys[start + bucket.page :]
            following = str(start + bucket.page) if rest else ""
            entries = "".join(_entry(bucket, key) for key in shown)
            if azure:
                text = (f"<EnumerationResults><Blobs>{entries}</Blobs>"
                        f"<NextMarker>{following}</NextMarker></EnumerationResults>")  # fmt: skip
            else:
                token = f"<NextContinuationToken>{following}</NextContinuationToken>"
                text = f"<ListBucketResult>{entries}{token if rest else ''}</ListBucketResult>"
            self.send(200, text)

        def send(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    bucket.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _entry(bucket: Bucket, key: str) -> str:
    found = bucket.objects[key]
    name, size = escape(key), len(found.content)
    if bucket.kind == "az":
        written = format_datetime(found.written, usegmt=True)
        return (f"<Blob><Name>{name}</Name><Properties><Last-Modified>{written}</Last-Modified>"
                f"<Content-Length>{size}</Content-Length><Etag>{found.e_tag}</Etag>"
                "<Content-Type>text/csv</Content-Type></Properties></Blob>")  # fmt: skip
    written = f"{found.written:%Y-%m-%dT%H:%M:%S}.000Z"
    return (f"<Contents><Key>{name}</Key><LastModified>{written}</LastModified>"
            f'<ETag>"{found.e_tag}"</ETag><Size>{size}</Size></Contents>')  # fmt: skip
