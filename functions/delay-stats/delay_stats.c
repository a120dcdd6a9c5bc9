// Reads {"carrier": "UA", "flights": [[departure delay, arrival delay, destination], …]} and writes what became of the
// flights. A delay of null means that the flight was cancelled.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATE_MINUTES = 30 };

static char *read_all(FILE *file, size_t *size) {
    size_t capacity = 1 << 16;
    char *text = malloc(capacity);
    *size = 0;
    while (text != NULL) {
        *size += fread(text + *size, 1, capacity - *size - 1, file);
        if (feof(file) || ferror(file)) break;
        capacity *= 2;
        char *larger = realloc(text, capacity);
        if (larger == NULL) free(text);
        text = larger;
    }
    if (text != NULL) text[*size] = 0;
    return text;
}

static void fail(const char *message) {
    fprintf(stderr, "%s\n", message);
    exit(1);
}

static const char *skip(const char *at) {
    while (isspace((unsigned char)*at)) at++;
    return at;
}

/// Reads a number or null; says whether it was a number.
static int minutes(const char **at, long *value) {
    *at = skip(*at);
    if (strncmp(*at, "null", 4) == 0) {
        *at += 4;
        return 0;
    }
    char *end;
    *value = strtol(*at, &end, 10);
    if (end == *at) fail("a delay is neither a number nor null");
    *at = end;
    return 1;
}

int main(void) {
    size_t size;
    char *event = read_all(stdin, &size);
    if (event == NULL) fail("out of memory");
    char carrier[8] = "";
    const char *name = strstr(event, "\"carrier\"");
    if (name == NULL || sscanf(name, "\"carrier\" : \"%7[A-Z0-9]\"", carrier) != 1) fail("the event names no carrier");
    const char *at = strstr(event, "\"flights\"");
    if (at == NULL || (at = strchr(at, '[')) == NULL) fail("the event has no flights");
    at = skip(at + 1);

    long flights = 0, cancelled = 0, late = 0, flown = 0, total = 0, worst = 0;
    char worst_destination[8] = "";
    while (*at == '[') {
        long departure = 0, arrival = 0;
        at++;
        minutes(&at, &departure);
        at = skip(at);
        if (*at++ != ',') fail("a flight has no arrival");
        int arrived = minutes(&at, &arrival);
        char destination[8] = "";
        sscanf(skip(at), ", \"%7[A-Z]\"", destination);
        if ((at = strchr(at, ']')) == NULL) fail("a flight is not closed");
        at = skip(at + 1);
        if (*at == ',') at = skip(at + 1);
        flights++;
        if (!arrived) {
            cancelled++;
            continue;
        }
        flown++;
        total += arrival;
        if (arrival >= LATE_MINUTES) late++;
        if (arrival > worst || flown == 1) {
            worst = arrival;
            strcpy(worst_destination, destination);
        }
    }
    if (flights == 0) fail("there is no flight to count");
    printf("{\"carrier\":\"%s\",\"flights\":%ld,\"cancelled\":%ld,\"late\":%ld,\"lateShare\":%.3f,"
           "\"meanDelay\":%.1f,\"worst\":{\"minutes\":%ld,\"destination\":\"%s\"}}\n",
           carrier, flights, cancelled, late, flown > 0 ? (double)late / flown : 0.0,
           flown > 0 ? (double)total / flown : 0.0, worst, worst_destination);
    free(event);
    return 0;
}
