#pragma once

// What Swift's view of the C library leaves out.

/// Brings everything to disk that was written to the file system of the file; syncfs(2).
int syncfs(int descriptor);
