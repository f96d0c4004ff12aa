package io.rananeeti.log;

/**
 * A record at its place in the log.
 *
 * @param sequence grows by one from entry to entry, from 1, through all opens of the log
 * @param record what it holds
 */
public record LogEntry(long sequence, LogRecord record) {}
