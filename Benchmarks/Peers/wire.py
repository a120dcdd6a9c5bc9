"""Requests as AWS's clients write them, with a signature that nobody verifies."""

import http.client
import json
import re
from urllib.parse import urlencode

MARK = "{nnnnnnnn}"  # the load generator writes a rising number over it, as long as the mark
TARGETS = {"sqs": ("AmazonSQS", "1.0"), "events": ("AWSEvents", "1.1"), "states": ("AWSStepFunctions", "1.0")}
VERSIONS = {"sns": "2010-03-31", "sts": "2011-06-15", "iam": "2010-05-08"}


class NotServed(Exception):
    """What a server does not do, or not in time, in its own words."""


class Endpoint:
    def __init__(self, port):
        self.port = port

    def request(self, service, method, path, body=b"", headers=(), length=None):
        """The bytes of a request; `length` is that of a body that is sent apart from them."""
        content = body.encode() if isinstance(body, str) else body
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}",
            f"Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
            f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
            "X-Amz-Date: 20260101T000000Z", *headers,
        ]
        if method != "GET":
            lines.append(f"Content-Length: {len(content) if length is None else length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content

    def s3(self, method, path, body=b"", length=None):
        headers = ["X-Amz-Content-Sha256: UNSIGNED-PAYLOAD", "Content-Type: application/octet-stream"]
        return self.request("s3", method, path, body, headers, length)

    def json(self, service, operation, body):
        target, version = TARGETS[service]
        headers = [f"X-Amz-Target: {target}.{operation}", f"Content-Type: application/x-amz-json-{version}"]
        return self.request(service, "POST", "/", json.dumps(body), headers)

    def query(self, service, action, **parameters):
        body = urlencode({"Action": action, "Version": VERSIONS[service], **parameters})
        return self.request(service, "POST", "/", body, ["Content-Type: application/x-www-form-urlencoded"])

    def send(self, request, timeout=60):
        """Returns status and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.connect()
            connection.sock.sendall(request)
            response = http.client.HTTPResponse(connection.sock)
            response.begin()
            return response.status, response.read()
        finally:
            connection.close()

    def call(self, request):
        """Returns the body of an answer that is no error."""
        try:
            status, body = self.send(request)
        except (OSError, http.client.HTTPException) as error:
            raise NotServed(f"{type(error).__name__}: {error}") from error
        if status // 100 != 2:
            raise NotServed(f"HTTP {status}: {body[:400].decode('utf8', 'replace')}")
        return body

    def call_json(self, service, operation, body):
        answer = self.call(self.json(service, operation, body))
        return json.loads(answer) if answer else {}

    def call_query(self, service, action, element, **parameters):
        """Returns the text of an element of the answer."""
        answer = self.call(self.query(service, action, **parameters)).decode()
        found = re.search(f"<{element}>(.*?)</{element}>", answer, re.DOTALL)
        if not found:
            raise NotServed(f"{action} answered without {element}: {answer[:200]}")
        return found.group(1)
