package io.rananeeti.internal.shared;

import org.jspecify.annotations.Nullable;

/**
 * N5, the gate across nodes after a lost tail: no node applies what was accepted, or commits
 * directly, on a writer before that writer has what <em>every</em> node had acknowledged.
 *
 * <p><b>The rule.</b> The {@link Agreement} names one writer ({@link Tails}). Whoever finds another
 * one by its recovery, or finds that the named one lacks what it had acknowledged, names what it
 * has found by compare-and-set, with the next number; nobody commits directly from then on ({@code
 * LOGGED}). Each node that hears of a new number looks at the writer that is named, applies again
 * what that lacks of its own tail and nothing else, and says so in its presence: it is
 * <em>whole</em> for this number. The gate is open for a number once everybody was seen to be whole
 * for it, and nobody was dead: for one that had died its successor says so, after it has applied
 * again what the copy of that one's log keeps. Open stays open: whoever comes later is new, or was
 * seen.
 *
 * <p><b>Why nobody gets past it.</b> A connection is used only on the writer that this node's own
 * recovery has found last, by its identity; and after that recovery nothing is applied but the tail
 * until that writer is the one that is named, and its gate open. So whoever does not know of a new
 * number yet has no connection to the writer that it names. No clock takes part.
 *
 * <p><b>Who dies when.</b> Who dies before it has named the writer it has found has done nothing
 * there but to apply its tail; the next one finds it too. Who has named it and dies, or dies with
 * its tail half applied, is waited for as long as its lease lasts, and is not whole until it is
 * back or somebody has taken it over, which begins anew with all that the copy keeps: the ledger
 * lets one of both. A successor that dies is succeeded, and what it has said for the dead one
 * stands in the presence. A node that comes back under its number is as whole as it was: it has
 * added nothing. A node that is alive and can't reach the named writer keeps the others waiting,
 * with all that they accept; that is what it means to wait for its tail.
 *
 * <p><b>What it can't promise.</b> A node that is alone (it does not reach the shared log for a
 * lease) knows of nobody, and waits for nobody. What a dead node had acknowledged and not copied
 * yet is there once that node is back with its disk, behind what came meanwhile. Where a writer
 * loses something and keeps its identity, the others know once the one that misses it has found
 * out.
 *
 * <p>Guarded by its owner.
 */
public final class TailGate {

  /** What a node may do with a store whose recovery it is at. */
  public enum Turn {
    /** To look at the writer that is named. */
    CHECK,
    /** To apply again what it lacks of this node's tail, and nothing else. */
    TAIL,
    /** Nothing: others are at that. */
    NONE,
    /** To apply what waits, and to agree to be up. */
    ALL
  }

  private volatile Tails named = Tails.NONE;
  private Tails.@Nullable Found found;
  private boolean lost;
  private boolean adopting;
  private long heard;
  private long checked = -1;
  private long whole = -1;
  private long open;

  static Turn alone(boolean isAlone) {
    return isAlone ? Turn.ALL : Turn.NONE;
  }

  /** Whether anybody has ever named a writer. */
  boolean isNamed() {
    return named.number() > 0;
  }

  /** Whether this node has not looked yet, though others have agreed to be up. */
  boolean isBehind(Tails now) {
    return whole < now.number();
  }

  /**
   * What the agreement says now.
   *
   * @param agreedSince whether it says more than that nobody commits directly: that was agreed upon
   *     with all tails whole
   */
  void read(Tails now, boolean keepsNothing, boolean agreedSince) {
    named = now;
    if (keepsNothing) {
      said(now.number());
    }
    if (agreedSince) {
      allAreWhole(now);
    }
    match();
  }

  /** Whether this number is heard of for the first time. */
  boolean hears(Tails now) {
    boolean first = now.number() > heard;
    heard = now.number();
    return first;
  }

  /** A recovery has found this. */
  void found(Tails.Found writer, boolean lacked) {
    found = writer;
    lost |= lacked;
    match();
  }

  /** A person has said that what is found next is the only writer. */
  void adopted() {
    adopting = true;
  }

  /**
   * What was found may be what is named; unless that has lost something that it was said to have.
   * What others have seen the end of is not to be named, but looked for again.
   */
  private void match() {
    Tails.Found mine = found;
    if (mine == null || !isNamed()) {
      return;
    }
    boolean lostAgain = lost && whole >= named.number();
    if (mine.isSame(named.writer()) && !lostAgain) {
      checked = named.number();
      found = null;
      lost = false;
      adopting = false;
    } else if (mine.isStaleBeside(named.writer()) && !adopting) {
      checked = -1;
      found = null;
    }
  }

  /** What this node has found, and nobody has named; null if there is nothing. */
  Tails.@Nullable Found toBeNamed() {
    return found;
  }

  Turn turn() {
    if (found != null) {
      return Turn.NONE;
    }
    if (checked < named.number() || !isNamed()) {
      return Turn.CHECK;
    }
    if (whole < named.number()) {
      return Turn.TAIL;
    }
    return isOpen() ? Turn.ALL : Turn.NONE;
  }

  long number() {
    return named.number();
  }

  boolean isOpen() {
    return open >= named.number();
  }

  long checked() {
    return found == null && checked == named.number() ? checked : -1;
  }

  void isWhole() {
    said(checked);
  }

  /** It was whole for that number. */
  void said(long number) {
    whole = Math.max(whole, number);
  }

  long whole() {
    return whole;
  }

  void allAreWhole(Tails now) {
    open = now.number();
  }
}
