/// Runs Python handlers on any Python from 3.6 on, with the standard library alone.
///
/// It speaks to the Runtime API through one socket of its own: `http.client` would take longer than the rest of a short
/// invocation. Error payloads, log lines and the context object have the forms that Lambda's own runtime gives them.
let pythonBootstrap = #"""
    import decimal
    import importlib
    import importlib.machinery
    import json
    import logging
    import os
    import socket
    import sys
    import time
    import traceback
    import types

    API = os.environ["AWS_LAMBDA_RUNTIME_API"]
    PREFIX = "/2018-06-01/runtime/"
    HERE = os.path.abspath(__file__)
    ROOT = os.environ.get("LAMBDA_TASK_ROOT", os.getcwd())
    JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    OPTIONS = dict(argument.split("=", 1) for argument in sys.argv[1:])
    # Older runtimes leave the request out of error payloads.
    TELLS_REQUEST = os.environ.get("AWS_EXECUTION_ENV", "") not in (
        "AWS_Lambda_python3.6", "AWS_Lambda_python3.7", "AWS_Lambda_python3.8")


    class RuntimeAPI:
        def __init__(self):
            host, port = API.rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.buffer = b""
            self.next_request = ("GET %sinvocation/next HTTP/1.1\r\nHost: %s\r\n\r\n" % (PREFIX, API)).encode()

        def read_more(self):
            data = self.socket.recv(262144)
            if not data:
                raise SystemExit(0)
            return data

        def exchange(self, request):
            self.socket.sendall(request)
            while True:
                end = self.buffer.find(b"\r\n\r\n")
                if end >= 0:
                    break
                self.buffer += self.read_more()
            lines = self.buffer[:end].decode("utf-8").split("\r\n")
            fields = {}
            for line in lines[1:]:
                name, _, value = line.partition(": ")
                fields[name.lower()] = value
            length = int(fields.get("content-length", "0"))
            parts = [self.buffer[end + 4:]]
            received = len(parts[0])
            while received < length:
                parts.append(self.read_more())
                received += len(parts[-1])
            data = b"".join(parts)
            self.buffer = data[length:]
            return fields, data[:length]

        def next(self):
            return self.exchange(self.next_request)

        def post(self, path, body, fields=""):
            head = "POST %s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (
                PREFIX, path, API, fields, len(body))
            self.exchange(head.encode() + body)

        def error(self, path, error):
            body = json.dumps(error, ensure_ascii=False).encode("utf-8", "backslashreplace")
            kind = "".join(c for c in error["errorType"] if c.isprintable() and ord(c) < 128)
            self.post(path, body, "Lambda-Runtime-Function-Error-Type: %s\r\n" % kind)


    class Fault(Exception):
        def __init__(self, kind, message, trace=None):
            Exception.__init__(self, message)
            self.kind = kind
            self.trace = trace or []


    class CognitoIdentity:
        def __init__(self, values):
            self.cognito_identity_id = values.get("cognitoIdentityId")
            self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


    class Context:
        def __init__(self, fields):
            environ = os.environ
            self.aws_request_id = fields.get("lambda-runtime-aws-request-id")
            self.invoked_function_arn = fields.get("lambda-runtime-invoked-function-arn")
            self.tenant_id = fields.get("lambda-runtime-aws-tenant-id")
            self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
            self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
            self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
            self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
            self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
            self.deadline = int(fields.get("lambda-runtime-deadline-ms", "0"))
            self.client_context = parse_client_context(fields.get("lambda-runtime-client-context"))
            identity = fields.get("lambda-runtime-cognito-identity")
            self.identity = CognitoIdentity(json.loads(identity) if identity else {})

        def get_remaining_time_in_millis(self):
            return max(0, self.deadline - int(time.time() * 1000))

        def log(self, message):
            sys.stdout.write(str(message))


    def parse_client_context(text):
        if not text:
            return None
        values = json.loads(text)
        client = types.SimpleNamespace(**{
            name: values.get("client", {}).get(name)
            for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")})
        return types.SimpleNamespace(custom=values.get("custom"), env=values.get("env"), client=client)


    class CurrentRequest(logging.Filter):
        request_id = ""

        def filter(self, record):
            record.aws_request_id = CurrentRequest.request_id
            return True


    class TextFormatter(logging.Formatter):
        converter = time.gmtime

        def __init__(self):
            logging.Formatter.__init__(
                self, "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")


    class JSONFormatter(logging.Formatter):
        def format(self, record):
            line = {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
                "level": record.levelname, "message": record.getMessage(), "logger": record.name,
                "requestId": CurrentRequest.request_id}
            if record.exc_info:
                line["stackTrace"] = traceback.format_exception(*record.exc_info)
            return json.dumps(line, default=str)


    def flush_output():
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass  # The function has put something else there, or has closed it.


    def write_record(text):
        """One record of the log, whatever lines it has: the host takes 0xFF, a byte that no text has, for the line
        breaks inside of it. What was printed before it comes first."""
        flush_output()
        rest = text.encode("utf-8", "backslashreplace").replace(b"\n", b"\xff") + b"\n"
        while rest:
            rest = rest[os.write(1, rest):]


    class Output(logging.Handler):
        def emit(self, record):
            try:
                write_record(self.format(record))
            except Exception:
                self.handleError(record)


    def set_up_logging():
        output = Output()
        output.setFormatter(JSONFormatter() if JSON_LOGS else TextFormatter())
        output.addFilter(CurrentRequest())
        root = logging.getLogger()
        root.addHandler(output)
        if JSON_LOGS:
            level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
            root.setLevel({"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(level, level))


    class SDKFinder:
        """Lambda's runtime brings AWS's SDK along. Where the function and the interpreter have none, it is the one of
        whichever Python on the machine has it, and nothing else of that Python."""

        NAMES = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"}

        def __init__(self, directory):
            self.directory = directory

        def find_spec(self, name, path=None, target=None):
            if path is None and name in self.NAMES:
                return importlib.machinery.PathFinder.find_spec(name, [self.directory], target)
            return None


    def load_handler(name):
        try:
            module_name, function_name = name.rsplit(".", 1)
        except ValueError as error:
            raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error))
        module_name = module_name.replace("/", ".")
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
        except SyntaxError as error:
            trace = [shown('  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text))]
            raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
        try:
            return getattr(module, function_name)
        except AttributeError:
            raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


    def shown(text):
        """A line of a stack trace with the places that functions have in Lambda, for code that came as an archive."""
        if "task" in OPTIONS:
            for directory, place in ((ROOT, OPTIONS["task"]), (sys.base_prefix, "/var/lang")):
                text = text.replace('File "%s/' % directory, 'File "%s/' % place)
        return text


    def own_frames(trace):
        """All frames but this file's."""
        frames = [frame for frame in traceback.extract_tb(trace) if os.path.abspath(frame.filename) != HERE]
        return [shown(line) for line in traceback.format_list(frames)]


    def describe(error, request_id):
        if isinstance(error, Fault):
            kind, message, trace = error.kind, str(error), error.trace
        else:
            kind, message, trace = type(error).__name__, str(error), own_frames(error.__traceback__)
        described = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
        if not TELLS_REQUEST:
            del described["requestId"]
        return described


    def indented(line):
        """A line of a log whose indentation survives those who show it without its leading spaces, as in Lambda."""
        text = line.lstrip(" ")
        return "\u00a0" * (len(line) - len(text)) + text


    def log_error(error):
        if JSON_LOGS:
            line = dict(error, timestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), level="ERROR",
                        log_level="ERROR")
            write_record(json.dumps(line))
            return
        lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
        if error["stackTrace"]:
            lines.append("Traceback (most recent call last):")
            lines += [indented(line) for entry in error["stackTrace"] for line in entry.splitlines()]
        write_record("\n".join(lines))


    def plain(value):
        if isinstance(value, decimal.Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if isinstance(value, bytes):
            return value.decode("utf-8")
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


    def marshal(value):
        return json.dumps(value, ensure_ascii=False, default=plain).encode("utf-8")


    def run_invocation(api, handler, fields, body):
        request_id = fields["lambda-runtime-aws-request-id"]
        CurrentRequest.request_id = request_id
        trace_id = fields.get("lambda-runtime-trace-id")
        if trace_id:
            os.environ["_X_AMZN_TRACE_ID"] = trace_id
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        try:
            try:
                event = json.loads(body)
            except ValueError as error:
                raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
            result = handler(event, Context(fields))
            try:
                # Bytes are an answer that the function has written itself.
                answer = result if isinstance(result, bytes) else marshal(result)
            except (TypeError, ValueError) as error:
                raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
        except Exception as error:
            described = describe(error, request_id)
            log_error(described)
            api.error("invocation/%s/error" % request_id, described)
            return
        flush_output()
        api.post("invocation/%s/response" % request_id, answer)


    def open_output(descriptor):
        return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


    def main():
        sys.stdout, sys.stderr = open_output(1), open_output(2)
        sys.path[0] = ROOT
        if "sdk" in OPTIONS:
            sys.meta_path.append(SDKFinder(OPTIONS["sdk"]))
        sys.argv = [HERE]
        # The function's code finds itself under its own names, not as a part of this file.
        sys.modules["bootstrap"] = sys.modules["__main__"]
        set_up_logging()
        api = RuntimeAPI()
        try:
            handler = load_handler(os.environ.get("_HANDLER", ""))
        except BaseException as error:
            if isinstance(error, SystemExit):
                raise
            described = describe(error, "")
            log_error(described)
            api.error("init/error", described)
            sys.exit(1)
        while True:
            fields, body = api.next()
            run_invocation(api, handler, fields, body)


    main()
    """#
