package io.rananeeti.benchmarks.jdbc;

import java.util.Map;

/** Whether the server waits for its disk. */
enum Commits {
  /** A commit is on disk when it is answered. */
  DISK,
  /** Nothing waits for the disk: what is left is processor time. */
  MEMORY;

  /** Parameters of the server. Checkpoints would meet one subject and not the others. */
  Map<String, String> settings() {
    String waits = this == DISK ? "on" : "off";
    return Map.of(
        "fsync", waits,
        "synchronous_commit", waits,
        "shared_buffers", "256MB",
        "max_wal_size", "8GB",
        "checkpoint_timeout", "1h");
  }
}
