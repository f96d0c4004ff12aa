package io.rananeeti;

import java.util.List;
import java.util.function.Predicate;

/**
 * What an application does that could not go on in an outage, found while it runs on a healthy
 * database: with its own tests, or in its test stage. Switched on by {@link
 * DataPlatform.Builder#audit()}; costs nothing where it is off. Thread-safe.
 *
 * <p>The reasons are those that the same statement would be refused with: the same code decides.
 * What was not run is not found.
 */
public interface OutageAudit {

  /** How something could not go on. */
  enum Kind {
    /** The statement is refused while no writer can be reached (55R01). */
    DETACHED_REFUSED("refused in an outage (55R01)"),
    /** A call that is no statement is refused then (55R01). */
    CALL_REFUSED("calls refused in an outage (55R01)"),
    /** The update count that would be promised is likely not to be met. */
    PROMISE_BREAKS("update counts that can't be promised"),
    /** If the connection breaks behind it, its transaction gets 40001 and has to be run again. */
    NOT_REPLAYABLE("not run again by the platform when the connection breaks (40001)"),
    /** The application has said that its transaction may not wait. */
    NOT_DEFERRED("not deferred, as the application has said (55R01)");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** What it means, for people. */
    public String words() {
      return words;
    }
  }

  /** What it was part of. */
  enum Where {
    /** Nothing else: a transaction of its own, or none. */
    ALONE("alone"),
    /** A transaction that has read only. */
    READING("in a transaction that only reads"),
    /** A transaction that has written, or may have. */
    WRITING("in a transaction that writes");

    private final String words;

    Where(String words) {
      this.words = words;
    }

    /** What it means, for people. */
    public String words() {
      return words;
    }
  }

  /**
   * One statement at one place that could not go on.
   *
   * @param kind how
   * @param where what it was part of
   * @param store the store it was for
   * @param statement its text with literals masked, or the name of the call
   * @param reason why, in the words of the refusal
   * @param advice what would work
   * @param place the application's code that ran it, innermost first, with who called that when it
   *     was seen first; at most three places, empty if there is none in the stack
   * @param count how often it was seen
   */
  record Finding(
      Kind kind,
      Where where,
      String store,
      String statement,
      String reason,
      String advice,
      List<String> place,
      long count) {

    /** Copies the list. */
    public Finding {
      place = List.copyOf(place);
    }
  }

  /** What was found, by kind, the most frequent first; at most 10,000. */
  List<Finding> findings();

  /** How many statements were run. */
  long statements();

  /** How many sightings were left out because there were too many different ones. */
  long leftOut();

  /** For people: what was run, and each finding with why, where in the code, and what works. */
  default String text() {
    return text(finding -> true);
  }

  /** The same with some of the findings. */
  String text(Predicate<Finding> which);

  /** For programs: an object with what {@link #findings()} has. */
  String json();

  /** Forgets what was found, as between two tests. */
  void clear();
}
