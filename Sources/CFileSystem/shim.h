#pragma once

// What Swift's view of the C library leaves out.

/// Brings everything to disk that was written to the file system of the file; syncfs(2).
int syncfs(int descriptor);

/// Begins to bring a part of a file to disk; sync_file_range(2). `flags` is 2 (SYNC_FILE_RANGE_WRITE) to wait for nothing.
int sync_file_range(int descriptor, long offset, long length, unsigned int flags);
