#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define FUNCTIONS(X)                                                                                               \
    X(global_init) X(easy_init) X(easy_cleanup) X(easy_strerror) X(easy_setopt) X(easy_getinfo) X(slist_append)    \
    X(slist_free_all) X(multi_init) X(multi_cleanup) X(multi_setopt) X(multi_add_handle) X(multi_remove_handle)    \
    X(multi_perform) X(multi_info_read) X(multi_poll) X(multi_wakeup)

#define POINTER(name) __typeof__(curl_##name) *name;
static struct { FUNCTIONS(POINTER) } curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[256];

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(failure, sizeof failure, "%s", dlerror());
        return;
    }
#define FIND(name)                                                                                                 \
    if (!(curl.name = (__typeof__(curl_##name) *)dlsym(library, "curl_" #name))) {                                 \
        snprintf(failure, sizeof failure, "libcurl.so.4 has no curl_" #name ": 7.68 or newer is needed");          \
        return;                                                                                                    \
    }
    FUNCTIONS(FIND)
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) snprintf(failure, sizeof failure, "libcurl does not start");
}

const char *mc_load(void) {
    pthread_once(&once, load);
    return failure[0] ? failure : NULL;
}

CURL *mc_easy_init(void) { return curl.easy_init(); }
void mc_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
const char *mc_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }
struct curl_slist *mc_slist_append(struct curl_slist *list, const char *line) { return curl.slist_append(list, line); }
void mc_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLcode mc_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode mc_set_long(CURL *handle, CURLoption option, long value) { return curl.easy_setopt(handle, option, value); }

CURLcode mc_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode mc_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode mc_set_data(CURL *handle, CURLoption option, mc_data value) { return curl.easy_setopt(handle, option, value); }

static curl_socket_t open_through_gate(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct mc_gate *gate = context;
    (void)purpose;
    if (!gate->admits(gate->context, &address->addr)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode mc_set_gate(CURL *handle, struct mc_gate *gate) {
    CURLcode code = curl.easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_through_gate);
    return code != CURLE_OK ? code : curl.easy_setopt(handle, CURLOPT_OPENSOCKETDATA, gate);
}

long mc_status(CURL *handle) {
    long status = 0;
    curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

void *mc_private(CURL *handle) {
    void *context = NULL;
    curl.easy_getinfo(handle, CURLINFO_PRIVATE, &context);
    return context;
}

CURLcode mc_result(const CURLMsg *message) { return message->data.result; }

CURLM *mc_multi_init(void) { return curl.multi_init(); }
void mc_multi_cleanup(CURLM *handle) { curl.multi_cleanup(handle); }

CURLMcode mc_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl.multi_setopt(handle, option, value);
}

CURLMcode mc_multi_add_handle(CURLM *handle, CURL *easy) { return curl.multi_add_handle(handle, easy); }
CURLMcode mc_multi_remove_handle(CURLM *handle, CURL *easy) { return curl.multi_remove_handle(handle, easy); }
CURLMcode mc_multi_perform(CURLM *handle, int *running) { return curl.multi_perform(handle, running); }
CURLMsg *mc_multi_info_read(CURLM *handle, int *left) { return curl.multi_info_read(handle, left); }
CURLMcode mc_multi_poll(CURLM *handle, int milliseconds) { return curl.multi_poll(handle, NULL, 0, milliseconds, NULL); }
CURLMcode mc_multi_wakeup(CURLM *handle) { return curl.multi_wakeup(handle); }
