#pragma once
#include <curl/curl.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

// Swift cannot call variadic functions: one function for each type of argument.

static inline CURLcode millrace_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*millrace_curl_data)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode millrace_curl_set_data(CURL *handle, CURLoption option, millrace_curl_data value) {
    return curl_easy_setopt(handle, option, value);
}

/// Answers whether a connection to the address may be opened.
typedef int (*millrace_curl_admission)(void *context, const struct sockaddr *address);

struct millrace_curl_gate {
    millrace_curl_admission admits;
    void *context;
};

static inline curl_socket_t millrace_curl_open(void *gate, curlsocktype purpose, struct curl_sockaddr *address) {
    struct millrace_curl_gate *checked = gate;
    (void)purpose;
    if (!checked->admits(checked->context, &address->addr)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode millrace_curl_set_gate(CURL *handle, struct millrace_curl_gate *gate) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, millrace_curl_open);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, gate);
}

static inline long millrace_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static inline void *millrace_curl_private(CURL *handle) {
    void *context = NULL;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &context);
    return context;
}

static inline CURLcode millrace_curl_result(const CURLMsg *message) { return message->data.result; }

static inline CURLMcode millrace_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
