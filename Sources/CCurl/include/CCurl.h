#ifndef CCURL_H
#define CCURL_H

// libcurl, loaded when the first request is sent: with what it needs itself it is 25 libraries, which would cost every
// start of the program a quarter of its time and 5 MB. Swift cannot call variadic functions either: setting an option
// is one function for each type of argument.

#define CURL_DISABLE_TYPECHECK
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

/// Loads libcurl. Call it before any other function here; any number of times, from any thread.
/// @return NULL, or why it could not be loaded.
const char *mc_load(void);

CURL *mc_easy_init(void);
void mc_easy_cleanup(CURL *handle);
const char *mc_easy_strerror(CURLcode code);
struct curl_slist *mc_slist_append(struct curl_slist *list, const char *line);
void mc_slist_free_all(struct curl_slist *list);

typedef size_t (*mc_data)(char *bytes, size_t size, size_t count, void *context);

CURLcode mc_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode mc_set_long(CURL *handle, CURLoption option, long value);
CURLcode mc_set_size(CURL *handle, CURLoption option, curl_off_t value);
CURLcode mc_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode mc_set_data(CURL *handle, CURLoption option, mc_data value);

/// Answers whether a connection to the address may be opened.
typedef int (*mc_admission)(void *context, const struct sockaddr *address);

struct mc_gate {
    mc_admission admits;
    void *context;
};

/// Asks the gate before each connection that the handle opens.
CURLcode mc_set_gate(CURL *handle, struct mc_gate *gate);

long mc_status(CURL *handle);
void *mc_private(CURL *handle);
CURLcode mc_result(const CURLMsg *message);

CURLM *mc_multi_init(void);
void mc_multi_cleanup(CURLM *handle);
CURLMcode mc_multi_set_long(CURLM *handle, CURLMoption option, long value);
CURLMcode mc_multi_add_handle(CURLM *handle, CURL *easy);
CURLMcode mc_multi_remove_handle(CURLM *handle, CURL *easy);
CURLMcode mc_multi_perform(CURLM *handle, int *running);
CURLMsg *mc_multi_info_read(CURLM *handle, int *left);
CURLMcode mc_multi_poll(CURLM *handle, int milliseconds);
CURLMcode mc_multi_wakeup(CURLM *handle);

#endif
