/// Runs Node handlers: CommonJS and ES modules, asynchronous and callback style, and streamed answers.
///
/// Error payloads, log lines and the context object have the forms that Lambda's own runtime gives them.
let nodeBootstrap = #"""
    import http from "node:http";
    import fs from "node:fs";
    import path from "node:path";
    import util from "node:util";
    import module, { createRequire } from "node:module";
    import { pathToFileURL } from "node:url";

    const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
    const prefix = "/2018-06-01/runtime/";
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const jsonLogs = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
    const streaming = Symbol.for("aws.lambda.runtime.handler.streaming");
    const root = process.env.LAMBDA_TASK_ROOT || process.cwd();
    const options = new Map(process.argv.slice(2).map((argument) => argument.split(/=(.*)/s)));
    let requestId = "";

    function request(method, route, headers = {}) {
      return http.request({ host, port, method, path: prefix + route, agent, headers });
    }

    function exchange(method, route, body, headers) {
      return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
        const call = request(method, route, { ...length, ...headers });
        call.on("error", reject);
        call.on("response", (response) => {
          const parts = [];
          response.on("data", (part) => parts.push(part));
          response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
          response.on("error", reject);
        });
        call.end(body);
      });
    }

    // --- Errors

    // Code that came as an archive has the places that functions have in Lambda.
    const shown = (text) => (options.has("task") ? text.replaceAll(`${root}/`, `${options.get("task")}/`) : text);

    function describe(error) {
      if (error instanceof Error) {
        return {
          errorType: error.name,
          errorMessage: error.message,
          trace: shown(error.stack || "").split("\n"),
        };
      }
      return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }

    async function postError(route, error) {
      const described = describe(error);
      const kind = described.errorType.replace(/[^\x20-\x7e]/g, "");
      await exchange("POST", route, JSON.stringify(described), {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": kind,
      });
    }

    class RuntimeError extends Error {
      constructor(kind, message, cause) {
        super(message);
        this.name = kind;
        if (cause && cause.stack) this.stack = `${kind}: ${cause.stack}`;
      }
    }

    function logError(title, error) {
      const described = describe(error);
      const detail = { ...described, stack: described.trace };
      delete detail.trace;
      console.error(`${title}\t${JSON.stringify(detail)}`);
    }

    // --- Output

    function write(level, values) {
      const message = util.format(...values);
      const time = new Date().toISOString();
      const line = jsonLogs
        ? JSON.stringify({ timestamp: time, level, requestId, message })
        : `${time}\t${requestId || "undefined"}\t${level}\t${message}`;
      const bytes = Buffer.from(line + "\n");
      // One record, whatever lines it has: the host takes 0xFF, a byte that no text has, for the breaks inside of it.
      for (let at = bytes.indexOf(10); at < bytes.length - 1; at = bytes.indexOf(10, at)) bytes[at] = 255;
      // Synchronous, so that nothing is lost when the process ends.
      try {
        fs.writeSync(1, bytes);
      } catch (error) {
        if (error.code === "EAGAIN") process.stdout.write(bytes);
      }
    }

    const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    const threshold = jsonLogs ? levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL || "INFO") : 0;
    const methods = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR" };
    for (const [method, level] of Object.entries(methods)) {
      console[method] = (...values) => {
        if (levels.indexOf(level) >= threshold) write(level, values);
      };
    }

    // --- Streamed answers

    globalThis.awslambda = {
      streamifyResponse(handler) {
        handler[streaming] = true;
        return handler;
      },
      HttpResponseStream: {
        from(stream, metadata) {
          stream.setContentType("application/vnd.awslambda.http-integration-response");
          stream.prelude = Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8)]);
          return stream;
        },
      },
    };

    function openStream() {
      let type = "application/octet-stream";
      const call = request("POST", `invocation/${requestId}/response`, {
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Transfer-Encoding": "chunked",
        Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      });
      const closed = new Promise((resolve, reject) => {
        call.on("error", reject);
        call.on("response", (response) => {
          response.resume();
          response.on("end", resolve);
        });
      });
      closed.catch(() => {});
      const writeBytes = call.write.bind(call);
      const endBytes = call.end.bind(call);
      let begun = false;
      call.setContentType = (value) => { type = value; };
      const begin = () => {
        if (begun) return;
        begun = true;
        call.setHeader("Content-Type", type);
        if (call.prelude) writeBytes(call.prelude);
      };
      const bytes = (value) =>
        typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value);
      call.write = (value, ...rest) => {
        begin();
        return writeBytes(bytes(value), ...rest);
      };
      call.end = (value, ...rest) => {
        begin();
        if (typeof value === "function" || value === undefined || value === null) return endBytes(value, ...rest);
        return endBytes(bytes(value), ...rest);
      };
      return { call, closed, hasBegun: () => begun };
    }

    async function runStreaming(handler, event, context) {
      const stream = openStream();
      try {
        await handler(event, stream.call, context);
        if (!stream.call.writableEnded) stream.call.end();
        await stream.closed;
      } catch (error) {
        logError("Invoke Error", error);
        if (!stream.hasBegun()) {
          stream.call.destroy();
          return postError(`invocation/${requestId}/error`, error);
        }
        const described = describe(error);
        stream.call.addTrailers({
          "Lambda-Runtime-Function-Error-Type": described.errorType,
          "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(described)).toString("base64"),
        });
        stream.call.end();
        await stream.closed;
      }
    }

    \#(nodeSDKLoan)

    // --- The handler

    function findModule(root, name) {
      const base = path.resolve(root, name);
      for (const candidate of [base, `${base}.js`, `${base}.mjs`, `${base}.cjs`]) {
        if (fs.existsSync(candidate) && fs.statSync(candidate).isFile()) return candidate;
      }
      try {
        return createRequire(path.join(root, "_")).resolve(name);
      } catch {
        throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${name}'`);
      }
    }

    async function loadHandler(root, name) {
      const match = /^(.*?)([^/.]+)\.(.+)$/.exec(name);
      if (!match || name.includes("..")) {
        throw new RuntimeError("Runtime.MalformedHandlerName", `'${name}' is not a valid handler name: use file.function`);
      }
      const file = findModule(root, match[1] + match[2]);
      let loaded;
      try {
        loaded = await loadModule(file);
      } catch (error) {
        if (error instanceof SyntaxError) {
          throw new RuntimeError("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`, error);
        }
        if (error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND")) {
          throw new RuntimeError("Runtime.ImportModuleError", `Error: ${error.message}`, error);
        }
        throw error;
      }
      const parts = match[3].split(".");
      let handler = parts.reduce((value, part) => (value === undefined ? value : value[part]), loaded);
      if (handler === undefined && loaded.default) {
        handler = parts.reduce((value, part) => (value === undefined ? value : value[part]), loaded.default);
      }
      if (handler === undefined) throw new RuntimeError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
      if (typeof handler !== "function") throw new RuntimeError("Runtime.HandlerNotFound", `${name} is not a function`);
      return handler;
    }

    async function loadModule(file) {
      if (file.endsWith(".mjs")) return import(pathToFileURL(file).href);
      const require = createRequire(file);
      try {
        return require(file);
      } catch (error) {
        // A package of type "module", or one that awaits at its top level.
        if (["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"].includes(error && error.code)) {
          return import(pathToFileURL(file).href);
        }
        throw error;
      }
    }

    function makeContext(headers, settle) {
      const deadline = Number(headers["lambda-runtime-deadline-ms"]);
      const parse = (text) => (text ? JSON.parse(text) : undefined);
      return {
        callbackWaitsForEmptyEventLoop: true,
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
        memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
        awsRequestId: requestId,
        invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
        tenantId: headers["lambda-runtime-aws-tenant-id"],
        clientContext: parse(headers["lambda-runtime-client-context"]),
        identity: parse(headers["lambda-runtime-cognito-identity"]),
        getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
        done: (error, value) => settle(error, value),
        succeed: (value) => settle(null, value),
        fail: (error) => settle(error === undefined || error === null ? new Error("handled") : error),
      };
    }

    function call(handler, event, headers) {
      return new Promise((resolve, reject) => {
        const settle = (error, value) => {
          if (error !== undefined && error !== null) return reject(error);
          if (context.callbackWaitsForEmptyEventLoop) {
            // Answered when nothing else is under way in the process.
            process.once("beforeExit", () => resolve(value));
          } else {
            resolve(value);
          }
        };
        const context = makeContext(headers, settle);
        const result = handler(event, context, settle);
        if (result !== undefined && result !== null && typeof result.then === "function") {
          result.then(resolve, reject);
        } else if (handler.length < 3 && result !== undefined) {
          resolve(result);
        } else if (handler.length < 2) {
          resolve(result);
        }
      });
    }

    async function runInvocation(handler, headers, body) {
      const trace = headers["lambda-runtime-trace-id"];
      if (trace) process.env._X_AMZN_TRACE_ID = trace;
      else delete process.env._X_AMZN_TRACE_ID;
      try {
        const event = JSON.parse(body.toString("utf8"));
        if (handler[streaming]) return await runStreaming(handler, event, makeContext(headers, () => {}));
        const value = await call(handler, event, headers);
        let answer;
        try {
          answer = JSON.stringify(value === undefined ? null : value);
        } catch {
          throw new RuntimeError("Runtime.MarshalError", "Unable to stringify response body");
        }
        await exchange("POST", `invocation/${requestId}/response`, answer ?? "null", {
          "Content-Type": "application/json",
        });
      } catch (error) {
        logError("Invoke Error", error);
        await postError(`invocation/${requestId}/error`, error);
      }
    }

    async function fatal(title, kind, error) {
      const wrapped = error instanceof Error ? error : new Error(String(error));
      if (kind) {
        const outer = new RuntimeError(kind, `${wrapped.name}: ${wrapped.message}`, wrapped);
        logError(title, outer);
        await postError(requestId ? `invocation/${requestId}/error` : "init/error", outer).catch(() => {});
      } else {
        logError(title, wrapped);
        await postError(requestId ? `invocation/${requestId}/error` : "init/error", wrapped).catch(() => {});
      }
      process.exit(kind ? 128 : 129);
    }

    process.on("uncaughtException", (error) => fatal("Uncaught Exception", null, error));
    process.on("unhandledRejection", (error) => fatal("Unhandled Promise Rejection", "Runtime.UnhandledPromiseRejection", error));

    let handler;
    try {
      handler = await loadHandler(root, process.env._HANDLER || "");
    } catch (error) {
      logError("Uncaught Exception", error);
      await postError("init/error", error).catch(() => {});
      process.exit(1);
    }

    async function serve() {
      for (;;) {
        const next = await exchange("GET", "invocation/next");
        requestId = next.headers["lambda-runtime-aws-request-id"];
        await runInvocation(handler, next.headers, next.body);
      }
    }

    serve().catch((error) => {
      // The host has closed the Runtime API: there is nothing left to do.
      process.exit(error && ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(error.code) ? 0 : 1);
    });
    """#
