// libinotifytools (Debian's libinotifytools0-dev, GPL-2), used by the target FileWatch alone.
#include <sys/inotify.h>
#include <inotifytools/inotifytools.h>
