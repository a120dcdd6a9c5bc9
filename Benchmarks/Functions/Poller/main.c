// The other side of the measurements: a runtime as lean as it can be, and the bounds it is measured against.
//
//   poller                      a Lambda runtime: asks, answers with the event, asks again
//   poller tcp PORT COUNT       COUNT times two round trips of the same sizes over one connection
//   poller cat                  standard input to standard output
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 20];

static int open_connection(int port)
{
    int one = 1;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) exit(1);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

static void send_all(int descriptor, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = write(descriptor, bytes, count);
        if (sent <= 0) exit(1);
        bytes += sent;
        count -= (size_t)sent;
    }
}

/// Reads one HTTP message; returns its head's length and sets the body's.
static size_t receive_message(int descriptor, size_t *body)
{
    size_t count = 0, head = 0;
    *body = 0;
    for (;;) {
        ssize_t received = read(descriptor, buffer + count, sizeof buffer - count - 1);
        if (received <= 0) exit(0);
        count += (size_t)received;
        buffer[count] = 0;
        if (head == 0) {
            char *end = strstr(buffer, "\r\n\r\n");
            if (end == NULL) continue;
            head = (size_t)(end - buffer) + 4;
            char *length = strcasestr(buffer, "content-length: ");
            if (length != NULL && length < end) *body = strtoul(length + 16, NULL, 10);
        }
        if (count >= head + *body) return head;
    }
}

static int run_runtime(const char *api)
{
    char request[2048], answer[1 << 16], id[64];
    int descriptor = open_connection(atoi(strchr(api, ':') + 1));
    int asked = snprintf(
        request, sizeof request, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
    for (;;) {
        size_t body, other;
        send_all(descriptor, request, (size_t)asked);
        size_t head = receive_message(descriptor, &body);
        char *field = strcasestr(buffer, "lambda-runtime-aws-request-id: ");
        if (field == NULL || body > sizeof answer - 1024) return 1;
        memcpy(id, field + 31, 36);
        id[36] = 0;
        int length = snprintf(
            answer, sizeof answer,
            "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n", id,
            api, body);
        memcpy(answer + length, buffer + head, body);
        send_all(descriptor, answer, (size_t)length + body);
        receive_message(descriptor, &other);
    }
}

static void exchange(int descriptor, size_t out, size_t in)
{
    send_all(descriptor, buffer, out);
    for (size_t received = 0; received < in;) {
        ssize_t count = read(descriptor, buffer, sizeof buffer);
        if (count <= 0) exit(0);
        received += (size_t)count;
    }
}

/// Sizes of the four messages of an invocation of 1 KB, as the server of the benchmark expects them.
static int run_round_trips(int port, long count)
{
    int descriptor = open_connection(port);
    for (long i = 0; i < count; i++) {
        exchange(descriptor, 80, 1300);
        exchange(descriptor, 1200, 80);
    }
    return 0;
}

static int run_cat(void)
{
    ssize_t count;
    while ((count = read(0, buffer, sizeof buffer)) > 0) send_all(1, buffer, (size_t)count);
    return 0;
}

int main(int count, char **arguments)
{
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (count == 4 && strcmp(arguments[1], "tcp") == 0) return run_round_trips(atoi(arguments[2]), atol(arguments[3]));
    if (count == 2 && strcmp(arguments[1], "cat") == 0) return run_cat();
    if (api != NULL) return run_runtime(api);
    return 2;
}
