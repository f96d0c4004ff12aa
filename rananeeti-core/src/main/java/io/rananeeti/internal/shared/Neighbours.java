package io.rananeeti.internal.shared;

import io.rananeeti.Health;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.shared.Agreement.Mode;
import io.rananeeti.internal.shared.Presence.Report;
import io.rananeeti.internal.shared.Presence.Standing;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the nodes of one platform know of each other, and what they agree upon: so that a
 * transaction that one of them has accepted is not overtaken by a later one that another commits
 * directly (G3 across nodes).
 *
 * <p><b>The rules.</b> Each store has one {@link Agreement}, a register that is changed by
 * compare-and-set. N1: a node commits directly only in mode {@code DIRECT}, and only while it knows
 * that nobody can take it for dead: for {@value #FRESH_PERCENT} % of the lease after it began to
 * say that it lives. N2: a transaction is acknowledged as accepted only after the mode is {@code
 * LOGGED}, and each node that is there has said that it obeys that, or was taken over, so that it
 * can say nothing any more: none of them commits directly then. N3: the mode becomes {@code DIRECT}
 * again only by way of {@code CLOSING}, in which every node has closed its gate with nothing left
 * to apply, and said so; and what a dead node has left is applied before that. N4: a node that
 * comes anew shows its presence before it reads the mode: whoever changes the mode after that waits
 * for it. N5: {@link TailGate}. N6: what is accepted while others commit directly, because its key
 * is parked or its unit of work waits for another store, is acknowledged only after a generation
 * that was agreed upon since it was copied: each node obeys that only once it has read all copies
 * after it, so that the key is parked there, or commits nothing directly. The mode stays {@code
 * DIRECT}, so nothing else waits for it.
 *
 * <p><b>Who dies when.</b> A node that says nothing for a lease, by the clock of whoever listens,
 * is taken over: its presence is written anew by compare-and-set with another {@code life}, so the
 * node finds out with the next word it says. Until then it may believe what it likes: it commits
 * nothing directly (N1), and the copy of its log takes nothing more from it. A node that dies in
 * the middle of an agreement is waited for as long as a lease. A wrong guess, of a node that only
 * slept, costs it a new number.
 *
 * <p><b>Who sleeps when.</b> A node that sleeps at any step, and wakes at a gate that is open with
 * the store up, sends nothing: what it knows is not fresh (N1). It is fresh again once it has said
 * a word as what it was. Nobody had taken it over then; so nobody counts it as one that obeys what
 * it has not read (N2), however long it was silent, and if it has not read {@code LOGGED} yet,
 * nothing was acknowledged that it could overtake. If it was taken over, it begins anew (N4), and
 * is fresh after it has read the mode; if that is not {@code DIRECT}, it sends nothing (N1), though
 * its gate may still be open. A COMMIT that was let go before the sleep is of a caller that has
 * waited since: nothing that was acknowledged meanwhile has to be before it. The same holds for a
 * generation that only asks to read (N6): who has not read is waited for, or is taken over, and
 * goes the whole way to be up again.
 *
 * <p><b>Alone.</b> Where the shared log can't be reached for a lease, a node goes on by itself: the
 * order between nodes is not kept then, and health says so. Only the time counts that this process
 * was {@link Awake}: who wakes from a long sleep, perhaps in the middle of a request, has nobody
 * heard, and is to hear others first. All clocks are monotonic ones, and only durations are
 * compared. What waits here behind what others have is applied before anything is committed
 * directly, since it waits for nobody any more: so the order of this node's own is kept.
 *
 * <p>One thread says and reads, one looks how long this process is awake; all others ask.
 * Thread-safe.
 */
public final class Neighbours {

  private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);

  private static final int FRESH_PERCENT = 70;
  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration QUICK = Duration.ofMillis(100);
  private static final Duration SHORT_CLOSING = Duration.ofSeconds(2);
  private static final int MANY = 1_000;
  private static final int LOOKS = 20;
  private static final long BY_ITSELF = -2;

  /** What this node is asked to do. */
  public interface Local {

    /** Whether transactions may be committed directly here, or are about to. */
    boolean isUp(String store);

    /**
     * Not any more, from soon on: then no COMMIT is under way whose fate is not known or in the
     * log.
     *
     * @return whether that is so already
     */
    boolean leaveUp(String store);

    /**
     * Reads what all nodes have accepted by now, and says that it is {@link Neighbours#looked}; if
     * it can't, leaves up. Returns at once.
     */
    void lookAgain(String store, long generation);

    /** Whether something waits here to be applied. */
    boolean waits(String store);

    /**
     * This node has a number; or another one, after it was taken for dead: all that waits here is
     * copied anew then.
     */
    void numbered(long node);

    /** Whether this node keeps what it acknowledges, and so has a tail that may be lost (N5). */
    boolean retains(String store);

    /** A recovery of another node has found a writer: one of a lower epoch is none (R3). */
    void named(String store, Tails.Found writer);

    /** A node says nothing any more. To be quick; {@link Neighbours#take} takes it over. */
    void died(long node, UUID log);

    /** What a person should know of it; null: all is well again. */
    void trouble(@Nullable String message);
  }

  /** A version of a presence, and when it was seen first. */
  private record Seen(long version, long since) {}

  /** What is known about one store. Guarded by the waiter. */
  private static final class Share {
    private Agreement agreement = Agreement.FIRST;
    private long version;
    private long obeyed = -1;
    private long openIn = -1;
    private boolean mayFollow;
    private long asked;
    private long asking;
    private long answered;
    private long answeredIn;
    private long heard;
    private Report report = Report.AWAY;
    private long readIn = -1;
    private boolean confirmed;
    private boolean wantsLogged;
    private boolean wantsOpen;
    private boolean closing;
    private long closingSince;
    private final TailGate tails = new TailGate();
  }

  /**
   * What this node says for one that it has taken over.
   *
   * @param rests whether nothing waits there
   */
  private record Orphan(Map<String, Long> whole, AtomicBoolean rests) {

    static Orphan of(Presence presence) {
      Map<String, Long> whole = new ConcurrentHashMap<>();
      presence.standings().forEach((store, standing) -> whole.put(store, standing.whole()));
      return new Orphan(whole, new AtomicBoolean());
    }

    Standing standing(String store, Standing mine) {
      return new Standing(
          mine.obeyed(), rests.get() ? mine.report() : Report.AWAY, whole.getOrDefault(store, -1L));
    }
  }

  private final String platform;
  private final SharedLogStorage storage;
  private final Seams seams;
  private final Waiter waiter;
  private final UUID log;
  private final Duration lease;
  private final Local local;
  private final Awake awake;
  private final Map<String, Share> shares = new LinkedHashMap<>();
  private final Map<Long, Seen> seen = new ConcurrentHashMap<>();
  private final Set<Long> taken = new TreeSet<>();
  private final Map<Long, Orphan> orphans = new ConcurrentHashMap<>();

  private UUID life;
  private long number;
  private long version;
  private long round;
  private long freshUntil;
  private long reachedAt;
  private boolean slow;
  private boolean alone;
  private boolean urgent;
  private boolean stopped;
  private List<Long> nodes = List.of();
  private Set<Long> living = Set.of();
  private boolean silent;
  private boolean left = true;
  private long listenedAt;

  /**
   * Not started yet.
   *
   * @param platform the name that all its nodes have
   * @param log the id of this node's log, which it has locked
   * @param lease how long a node may be silent, by the clock of whoever listens
   */
  public Neighbours(
      String platform,
      SharedLogStorage storage,
      Seams seams,
      UUID log,
      Collection<String> stores,
      Duration lease,
      Local local) {
    this.platform = platform;
    this.storage = storage;
    this.seams = seams;
    this.waiter = seams.newWaiter();
    this.log = log;
    this.lease = lease;
    this.local = local;
    this.life = draw();
    this.awake = new Awake(seams, lease.dividedBy(LOOKS / 2));
    this.freshUntil = leaseClock();
    stores.forEach(store -> shares.put(store, new Share()));
  }

  private UUID draw() {
    return new UUID(seams.random().nextLong(), seams.random().nextLong());
  }

  static String presences(String platform) {
    return platform + "/nodes";
  }

  /** What leases are counted by: of a clock that nobody sets. */
  private long leaseClock() {
    return seams.nanoTime();
  }

  /** Whether the lease of a node that had said nothing new at a time was over then. */
  private boolean hasEnded(Seen last, long time) {
    return time - last.since() > lease.toNanos();
  }

  /** Whether nobody can take this node for dead yet (N1). */
  private boolean isFresh() {
    return leaseClock() - freshUntil < 0;
  }

  private String agreementOf(String store) {
    return platform + "/stores/" + store;
  }

  /** A closing that takes longer is given up: commits wait meanwhile. */
  private Duration longestClosing() {
    return lease.compareTo(SHORT_CLOSING) > 0 ? lease : SHORT_CLOSING;
  }

  /** The thread that looks how long this process is awake, while the other one waits. */
  public void watch() {
    while (!isStopped()) {
      awake.nanos();
      waiter.lock();
      try {
        waiter.await(() -> stopped, Deadline.after(seams, lease.dividedBy(LOOKS)));
      } catch (InterruptedException e) {
        LOG.debug("{}: interrupted while awake", platform);
      } finally {
        waiter.unlock();
      }
    }
  }

  /** The thread. */
  public void run() {
    while (!isStopped()) {
      long began = seams.nanoTime();
      long awakeThen = awake.nanos();
      try {
        round();
        reached(awakeThen);
      } catch (IOException e) {
        unreached(e);
      } catch (RuntimeException e) {
        LOG.error("{}: the round among nodes failed, goes on", platform, e);
        unreached(new IOException(e));
      }
      rest(began);
    }
  }

  private void rest(long began) {
    boolean quick = isBusy();
    Duration pause = quick ? QUICK : lease.dividedBy(10);
    waiter.lock();
    try {
      waiter.await(() -> stopped, began + SHORTEST.toNanos());
      waiter.await(() -> stopped || urgent, began + pause.toNanos());
      urgent = false;
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted among nodes", platform);
    } finally {
      waiter.unlock();
    }
  }

  /** Whether something is about to change. */
  private boolean isBusy() {
    return locked(
        () ->
            shares.values().stream()
                .anyMatch(
                    share ->
                        share.agreement.mode() != Mode.DIRECT
                            || share.wantsLogged
                            || share.asked > share.heard
                            || hasJustChanged(share)));
  }

  /** Who has asked for a look may do so again soon (N6). */
  private boolean hasJustChanged(Share share) {
    return share.agreement.generation() > 0
        && seams.nanoTime() - share.closingSince < lease.toNanos();
  }

  /** A round is over; it counts only if it was quick enough for what it says to be fresh. */
  private void reached(long awakeThen) {
    if (!isFresh()) {
      unreached(new IOException("it answers too slowly for a lease of " + lease), slow);
      slow = true; // One is not enough: the first of a process takes long.
      return;
    }
    slow = false;
    boolean wasAlone =
        locked(
            () -> {
              boolean before = alone;
              alone = false;
              reachedAt = awakeThen;
              round++;
              waiter.signalAll();
              return before;
            });
    if (wasAlone) {
      LOG.info("{}: the shared log is reached again", platform);
    }
    local.trouble(null);
  }

  private void unreached(IOException e) {
    unreached(e, true);
  }

  private void unreached(IOException e, boolean mayBeAlone) {
    boolean nowAlone =
        locked(
            () -> {
              boolean before = alone;
              alone |= mayBeAlone && awake.nanos() - reachedAt > lease.toNanos();
              waiter.signalAll();
              return alone && !before;
            });
    if (isAlone()) {
      shares.forEach(this::applyFirst);
    }
    if (nowAlone) {
      LOG.warn("{}: the shared log can't be reached, this node goes on by itself", platform, e);
    }
    local.trouble(
        "the shared log can't be reached%s: %s"
            .formatted(
                nowAlone || isAlone()
                    ? ", this node goes on by itself; what it accepts is in its own log only, and the order between nodes is not kept"
                    : "",
                e.getMessage()));
  }

  /**
   * What waits here for others waits for nobody any more, and is not to be overtaken by what is
   * committed here.
   */
  private void applyFirst(String store, Share share) {
    boolean mayOvertake = locked(() -> share.openIn != BY_ITSELF) && local.isUp(store);
    if (mayOvertake && local.waits(store) && !local.leaveUp(store)) {
      LOG.debug("{}: store={} what waits here comes first", platform, store);
    }
  }

  /** One time: show that this node lives, read what the others say, do what is to be done. */
  private void round() throws IOException {
    if (version == 0) {
      join();
    }
    readAll();
    while (!show()) {
      renumber();
      readAll(); // Whoever changes it from here on has to wait for the new presence (N4).
    }
    SortedMap<Long, Presence> living = listen();
    for (Map.Entry<String, Share> each : shares.entrySet()) {
      decide(each.getKey(), each.getValue(), living);
    }
  }

  private void readAll() throws IOException {
    for (Map.Entry<String, Share> each : shares.entrySet()) {
      read(each.getKey(), each.getValue());
    }
  }

  /** Under the number that this log had before, if nobody has taken it over. */
  private void join() throws IOException {
    for (Value value : presences()) {
      Presence presence = Presence.of(value.bytes());
      if (presence.log().equals(log) && !presence.taken()) {
        inherit(presence);
        byte[] mine = new Presence(log, life, false, standings()).bytes();
        if (storage.write(presences(platform), value.key(), value.version(), mine)) {
          joined(value.key(), value.version() + 1);
          return;
        }
      }
    }
    long drawn = storage.add(platform + "/numbers", 1);
    byte[] mine = new Presence(log, life, false, standings()).bytes();
    if (!storage.write(presences(platform), drawn, 0, mine)) {
      throw new IOException("the number " + drawn + " is taken already");
    }
    joined(drawn, 1);
  }

  /** What was whole before this process began is so. */
  private void inherit(Presence presence) {
    locked(
        () -> {
          shares.forEach((store, share) -> share.tails.said(presence.standing(store).whole()));
          return null;
        });
  }

  private void joined(long as, long versionNow) {
    locked(
        () -> {
          number = as;
          version = versionNow;
          waiter.signalAll();
          return null;
        });
    local.numbered(as);
    LOG.info("{}: node {} of the shared log", platform, as);
  }

  /** Somebody has taken this node for dead. */
  private void renumber() throws IOException {
    LOG.warn("{}: node {} was taken for dead, it goes on under a new number", platform, number);
    locked(
        () -> {
          life = draw();
          version = 0;
          number = 0;
          taken.clear();
          left = true;
          shares.values().forEach(Neighbours::beginAnew);
          return null;
        });
    long drawn = storage.add(platform + "/numbers", 1);
    byte[] mine = new Presence(log, life, false, standings()).bytes();
    if (!storage.write(presences(platform), drawn, 0, mine)) {
      throw new IOException("the number " + drawn + " is taken already");
    }
    joined(drawn, 1);
  }

  private static void beginAnew(Share share) {
    share.report = Report.AWAY;
    share.openIn = -1; // It may have come by reading alone, before it was known that it was taken.
    share.mayFollow = false;
  }

  private void read(String store, Share share) throws IOException {
    Value value = storage.read(agreementOf(store), 1);
    Agreement now = value == null ? Agreement.FIRST : Agreement.of(value.bytes());
    boolean agreed = locked(() -> now.generation() == share.openIn);
    boolean obeys = agreed || !local.isUp(store) || goesAlong(store, share, now);
    hear(store, share, now.tails());
    if (locked(() -> !alone && share.readIn >= 0 && share.tails.isBehind(now.tails()))
        && local.isUp(store)) {
      local.leaveUp(store); // It was alone when that was named.
    }
    locked(
        () -> {
          share.tails.read(now.tails(), !local.retains(store), now.mode() != Mode.LOGGED);
          if (now.generation() != share.agreement.generation()) {
            share.closingSince = seams.nanoTime();
            share.confirmed = false;
          }
          if (now.generation() > share.obeyed && now.mode() == Mode.LOGGED) {
            share.report = Report.AWAY;
          }
          share.agreement = now;
          share.version = value == null ? 0 : value.version();
          if (now.mode() != Mode.DIRECT && !share.closing && share.report == Report.CLOSED) {
            share.report = Report.AWAY;
          }
          // Who was up by himself, and is so still, does not obey what he has obeyed before.
          share.obeyed = obeys ? now.generation() : Math.min(share.obeyed, now.generation() - 1);
          share.readIn = round;
          return null;
        });
  }

  /** Where the mode was direct all the time, it is enough to read the copies (N6). */
  private boolean goesAlong(String store, Share share, Agreement now) {
    boolean mayFollow =
        locked(
            () ->
                share.mayFollow
                    && now.mode() == Mode.DIRECT
                    && now.generation() > share.openIn
                    && !share.tails.isBehind(now.tails()));
    if (mayFollow) {
      local.lookAgain(store, now.generation());
      return false;
    }
    return local.leaveUp(store);
  }

  /** All copies were read after the agreement had come to this generation. */
  public void looked(String store, long generation) {
    Share share = share(store);
    locked(
        () -> {
          if (share.mayFollow && share.openIn < generation) {
            share.openIn = generation;
          }
          urgent = true;
          waiter.signalAll();
          return null;
        });
  }

  private void hear(String store, Share share, Tails now) {
    if (now.number() > 0 && locked(() -> share.tails.hears(now))) {
      local.named(store, now.writer());
    }
  }

  /**
   * Says that this node lives, and those that it has taken over; false if it is no more its own.
   */
  private boolean show() throws IOException {
    byte[] mine = new Presence(log, life, false, standings()).bytes();
    long before = leaseClock();
    while (!storage.write(presences(platform), number, version, mine)) {
      Value value = storage.read(presences(platform), number);
      if (value == null || !Presence.of(value.bytes()).life().equals(life)) {
        return false;
      }
      version = value.version(); // The answer to an earlier word was lost.
      before = leaseClock();
    }
    version++;
    long fresh = before + lease.toNanos() / 100 * FRESH_PERCENT;
    locked(
        () -> {
          freshUntil = fresh;
          waiter.signalAll();
          return null;
        });
    for (long node : locked(() -> List.copyOf(taken))) {
      showTaken(node);
    }
    return true;
  }

  private void showTaken(long node) throws IOException {
    Value value = storage.read(presences(platform), node);
    Presence presence = value == null ? null : Presence.of(value.bytes());
    if (value == null || presence == null || !presence.life().equals(life)) {
      locked(() -> taken.remove(node));
    } else {
      Orphan orphan = orphans.computeIfAbsent(node, any -> Orphan.of(presence));
      byte[] mine = inPlaceOf(presence.log(), orphan).bytes();
      storage.write(presences(platform), node, value.version(), mine);
    }
  }

  /** What this node says for one that it has taken over: not ready as long as something waits. */
  private Presence inPlaceOf(UUID itsLog, Orphan orphan) {
    SortedMap<String, Standing> standings = standings();
    standings.replaceAll(orphan::standing);
    return new Presence(itsLog, life, true, standings);
  }

  private SortedMap<String, Standing> standings() {
    return locked(
        () -> {
          SortedMap<String, Standing> standings = new TreeMap<>();
          shares.forEach(
              (store, share) ->
                  standings.put(
                      store, new Standing(share.obeyed, share.report, share.tails.whole())));
          return standings;
        });
  }

  private List<Value> presences() throws IOException {
    return all(storage, presences(platform));
  }

  /** All values of a partition. */
  static List<Value> all(SharedLogStorage storage, String partition) throws IOException {
    List<Value> all = new ArrayList<>();
    List<Value> some = storage.list(partition, 0, MANY);
    while (!some.isEmpty()) {
      all.addAll(some);
      some = storage.list(partition, some.get(some.size() - 1).key() + 1, MANY);
    }
    return all;
  }

  /** Whether this node says that it lives. */
  private boolean isShown(long node) {
    return locked(() -> node == number || taken.contains(node));
  }

  /** The presences of all nodes that live, this one's among them; notices those that do not. */
  private SortedMap<Long, Presence> listen() throws IOException {
    SortedMap<Long, Presence> alive = new TreeMap<>();
    Map<Long, UUID> dead = new TreeMap<>();
    List<Long> all = new ArrayList<>();
    List<UUID> logs = new ArrayList<>();
    boolean canSpeak = false;
    long asked = leaseClock();
    if (asked - listenedAt > lease.toNanos() / 2) {
      seen.clear(); // Who has said nothing meanwhile may not have been heard.
    }
    listenedAt = asked;
    List<Value> presences = presences();
    // What is new was said before this, perhaps long after it was asked for.
    long heard = leaseClock();
    for (Value value : presences) {
      Presence presence = Presence.of(value.bytes());
      all.add(value.key());
      if (value.key() != number) {
        logs.add(presence.log());
      }
      Seen before = seen.get(value.key());
      if (before == null || before.version() != value.version()) {
        before = new Seen(value.version(), heard);
        seen.put(value.key(), before);
      }
      if (isShown(value.key()) || !hasEnded(before, asked)) {
        alive.put(value.key(), presence);
      } else {
        dead.put(value.key(), presence.log());
        canSpeak |= !presence.taken();
      }
    }
    seen.keySet().retainAll(all);
    boolean mayWake = canSpeak;
    locked(
        () -> {
          silent = mayWake;
          nodes = List.copyOf(all);
          left = logs.stream().anyMatch(log::equals);
          living = Set.copyOf(alive.keySet());
          return null;
        });
    dead.forEach(local::died);
    return alive;
  }

  private void decide(String store, Share share, SortedMap<Long, Presence> living)
      throws IOException {
    Agreement next = locked(() -> next(store, share, living));
    if (next == null) {
      return;
    }
    boolean wrote = storage.write(agreementOf(store), 1, share.version, next.bytes());
    if (wrote) {
      LOG.info("{}: store={} agreed: {}", platform, store, next);
    } // If another was faster, what it wrote is read first, and this decided anew.
    locked(
        () -> {
          if (wrote) {
            share.answered = share.asking;
            share.answeredIn = next.generation();
          }
          urgent = true; // What it is now is read first.
          waiter.signalAll();
          return null;
        });
  }

  private @Nullable Agreement next(String store, Share share, SortedMap<Long, Presence> living) {
    Agreement now = share.agreement;
    // Of those who obey LOGGED none is up, and CLOSING follows it only.
    long least = now.mode() == Mode.CLOSING ? now.generation() - 1 : now.generation();
    boolean allObey = !silent && allHave(store, living, least, Report.AWAY);
    share.confirmed = now.mode() != Mode.DIRECT && allObey;
    if (allObey && now.mode() == Mode.DIRECT && now.generation() >= share.answeredIn) {
      share.heard = share.answered;
    }
    share.asking = share.asked;
    boolean nobodyIsDead = living.keySet().containsAll(nodes);
    Tails.Found found = share.tails.toBeNamed();
    if (found != null) {
      return now.naming(found);
    }
    boolean whole = nobodyIsDead && areWhole(store, living, now.tails());
    if (whole) {
      share.tails.allAreWhole(now.tails());
      waiter.signalAll();
    }
    return switch (now.mode()) {
      case DIRECT -> {
        if (share.wantsLogged) {
          yield now.next(Mode.LOGGED);
        }
        boolean isAsked = share.asked > share.answered && allObey;
        yield isAsked ? now.next(Mode.DIRECT) : null;
      }
      case LOGGED -> {
        share.wantsLogged = false;
        share.wantsOpen = false;
        boolean ready = allHave(store, living, now.generation(), Report.READY);
        yield whole && ready ? now.next(Mode.CLOSING) : null;
      }
      case CLOSING -> {
        share.wantsLogged = false;
        if (whole && allHave(store, living, now.generation(), Report.CLOSED)) {
          yield now.next(Mode.DIRECT);
        }
        boolean tooLong = seams.nanoTime() - share.closingSince > longestClosing().toNanos();
        yield share.wantsOpen || tooLong ? now.next(Mode.LOGGED) : null;
      }
    };
  }

  /** Of those that live, and of those that were taken over (N5). */
  private static boolean areWhole(String store, SortedMap<Long, Presence> living, Tails tails) {
    return living.values().stream()
        .allMatch(
            presence -> tails.number() == 0 || presence.standing(store).whole() >= tails.number());
  }

  private static boolean allHave(
      String store, SortedMap<Long, Presence> living, long obeyed, Report report) {
    return living.values().stream()
        .map(presence -> presence.standing(store))
        .allMatch(
            standing -> standing.obeyed() >= obeyed && standing.report().compareTo(report) >= 0);
  }

  // What others of this node ask.

  /** This node's number; 0 before it has one. */
  public long number() {
    return locked(() -> number);
  }

  /** All nodes that were seen last, this one among them. */
  public List<Long> nodes() {
    return locked(() -> nodes);
  }

  /** How they were seen last. */
  public Health.Shared health() {
    return locked(
        () -> {
          Map<Long, Boolean> alive = new TreeMap<>();
          nodes.forEach(node -> alive.put(node, living.contains(node) && !taken.contains(node)));
          Map<String, String> modes = new TreeMap<>();
          shares.forEach((store, share) -> modes.put(store, share.agreement.mode().name()));
          return new Health.Shared(number, alone, alive, modes);
        });
  }

  /** The same, as of now. */
  public List<Long> allNow() throws IOException {
    return presences().stream().map(Value::key).toList();
  }

  /** Whether it has gone on by itself. */
  public boolean isAlone() {
    return locked(() -> alone);
  }

  /** Whether a transaction may be committed directly now, if the store is up here (N1). */
  public boolean maySend(String store) {
    Share share = share(store);
    return locked(() -> maySend(store, share));
  }

  private boolean maySend(String store, Share share) {
    // As long as it has not said that it obeys, nobody relies on what it has to read (N6).
    boolean follows = share.mayFollow && share.agreement.mode() == Mode.DIRECT;
    return alone
        ? share.openIn == BY_ITSELF || !local.waits(store)
        : isFresh() && (follows || share.agreement.generation() == share.openIn);
  }

  /** Waits until that is so, or the store is not up any more; false at the deadline. */
  public boolean awaitMaySend(String store, long deadline) throws InterruptedException {
    Share share = share(store);
    return await(() -> maySend(store, share) || !local.isUp(store), deadline);
  }

  /**
   * Returns once nobody commits directly to a store, and nobody will before this node agrees (N2).
   */
  public void awaitLogged(String store) throws InterruptedException {
    Share share = share(store);
    await(
        () -> {
          if (alone) {
            return true;
          }
          if (isFresh() && share.readIn >= 0 && share.agreement.mode() != Mode.DIRECT) {
            return share.confirmed;
          }
          share.wantsLogged = share.agreement.mode() == Mode.DIRECT;
          return false;
        },
        Deadline.NEVER);
    if (isStopped()) {
      throw new RananeetiException("the platform is closed");
    }
  }

  /**
   * Returns once each node that may commit directly to a store has read what was in the copies when
   * this was called (N6).
   *
   * @return false if this node is alone, and has told nobody
   */
  public boolean awaitHeard(String store) throws InterruptedException {
    Share share = share(store);
    long mine = locked(() -> ++share.asked);
    await(
        () -> {
          boolean nobodyCommits = isFresh() && share.readIn >= 0 && share.confirmed;
          return alone || share.heard >= mine || nobodyCommits;
        },
        Deadline.NEVER);
    if (isStopped()) {
      throw new RananeetiException("the platform is closed");
    }
    return locked(() -> share.heard >= mine || (!alone && share.confirmed));
  }

  /**
   * Nothing waits here for a store: whether its gate may be closed now for the last look. Called
   * again and again.
   */
  public boolean isTimeToClose(String store) {
    Share share = share(store);
    return locked(
        () -> {
          if (alone) {
            return true;
          }
          if (share.readIn < 0) {
            return false;
          }
          if (share.agreement.mode() == Mode.LOGGED && share.report == Report.AWAY) {
            share.report = Report.READY;
            urgent = true;
            waiter.signalAll();
          }
          return share.agreement.mode() != Mode.LOGGED;
        });
  }

  /** Something waits here again. */
  public void notReady(String store) {
    Share share = share(store);
    locked(
        () -> {
          if (share.report == Report.READY) {
            share.report = Report.AWAY;
          }
          return null;
        });
  }

  /**
   * The gate is closed, nobody is inside and nothing waits (N3): whether it may be opened with the
   * store up. Returns once that is agreed, or will not be.
   */
  public boolean agreeUp(String store) throws InterruptedException {
    Share share = share(store);
    long patience = Deadline.after(seams, longestClosing());
    boolean up = false;
    waiter.lock();
    try {
      share.report = Report.CLOSED;
      share.closing = true;
      long closed = round;
      while (!stopped && !isDecided(share, closed)) {
        share.wantsOpen = seams.nanoTime() - patience > 0;
        awaitRound(Deadline.NEVER);
      }
      up = !stopped && (alone || share.agreement.mode() == Mode.DIRECT);
      share.openIn = !up ? -1 : alone ? BY_ITSELF : share.agreement.generation();
      share.mayFollow = share.openIn >= 0;
      return up;
    } finally {
      share.closing = false;
      share.wantsOpen = false;
      if (!up || alone) {
        share.report = Report.AWAY;
      }
      waiter.unlock();
    }
  }

  /** By a round that began after the report was given: its presence was there before (N4). */
  private boolean isDecided(Share share, long closed) {
    return alone || (share.readIn > closed && share.agreement.mode() != Mode.CLOSING);
  }

  /** Asks for a round now. */
  public void hurry() {
    locked(
        () -> {
          urgent = true;
          waiter.signalAll();
          return null;
        });
  }

  /** Takes over a node that died: whether this node has it now, and what it has left. */
  public boolean take(long node) throws IOException {
    Value value = storage.read(presences(platform), node);
    if (value == null || isTaken(node)) {
      return value != null;
    }
    Seen last = seen.get(node);
    if (last == null || last.version() != value.version() || !hasEnded(last, leaseClock())) {
      return false; // It has said something since, or another has it.
    }
    Presence presence = Presence.of(value.bytes());
    Orphan orphan = Orphan.of(presence);
    byte[] mine = inPlaceOf(presence.log(), orphan).bytes();
    if (!storage.write(presences(platform), node, value.version(), mine)) {
      return false;
    }
    orphans.put(node, orphan);
    locked(() -> taken.add(node));
    LOG.warn("{}: node {} says nothing any more, node {} takes it over", platform, node, number);
    return true;
  }

  /**
   * Whether what this node has left under an earlier number is not applied yet, by whoever has
   * taken it over; true as well before that is known.
   */
  public boolean hasLeftSomething() {
    return locked(() -> left);
  }

  /** Whether a number is this node's own, as of now. */
  public boolean isOwn(long node) throws IOException {
    Value value = storage.read(presences(platform), node);
    UUID mine = locked(() -> life);
    return value != null && Presence.of(value.bytes()).life().equals(mine);
  }

  /** Whether this node still has what it has taken over. */
  public boolean isTaken(long node) {
    return locked(() -> taken.contains(node));
  }

  /** All that a node has left is applied, and its copy is gone: it is no more. */
  public void forget(long node) throws IOException {
    for (Value value = storage.read(presences(platform), node);
        value != null && Presence.of(value.bytes()).life().equals(life);
        value = storage.read(presences(platform), node)) {
      if (storage.remove(presences(platform), node, value.version())) {
        break;
      }
    }
    locked(() -> taken.remove(node));
    orphans.remove(node);
  }

  /** Nothing waits any more in what a node has left; what may be lost yet is kept there. */
  public void rests(long node) {
    Orphan orphan = orphans.get(node);
    if (orphan != null) {
      orphan.rests().set(true);
    }
  }

  /** The writer that is named now has what a node that was taken over had acknowledged. */
  public void orphanIsWhole(long node, String store, long tails) {
    Orphan orphan = orphans.get(node);
    if (orphan != null) {
      orphan.whole().merge(store, tails, Math::max);
      hurry();
    }
  }

  /** The number up to which that is so; -1 if it is not known. */
  public long orphanWhole(long node, String store) {
    Orphan orphan = orphans.get(node);
    return orphan == null ? -1 : orphan.whole().getOrDefault(store, -1L);
  }

  /** Whether a recovery may begin: this node has heard which writer was named, or is alone. */
  public boolean hasHeard(String store) {
    Share share = share(store);
    return locked(() -> alone || share.readIn >= 0);
  }

  /**
   * A recovery of this node has found a writer.
   *
   * @param lost whether it lacked something that this node had acknowledged
   */
  public void found(String store, Tails.Found writer, boolean lost) {
    Share share = share(store);
    locked(
        () -> {
          share.tails.found(writer, lost);
          urgent = true;
          waiter.signalAll();
          return null;
        });
  }

  /** A person has said that the next writer is the only one, whatever was named. */
  public void adopted(String store) {
    Share share = share(store);
    locked(
        () -> {
          share.tails.adopted();
          return null;
        });
  }

  /** What this node may apply now (N5). */
  public TailGate.Turn turn(String store) {
    Share share = share(store);
    return locked(() -> alone || share.readIn < 0 ? TailGate.alone(alone) : share.tails.turn());
  }

  /**
   * Whether all nodes' tails are whole, for one that keeps nothing; cheap, and true as long as
   * nobody has named a writer.
   */
  public boolean isOpen(String store) {
    TailGate gate = share(store).tails;
    return !gate.isNamed() || locked(() -> alone || gate.isOpen());
  }

  /** The number of what is named. */
  public long named(String store) {
    Share share = share(store);
    return locked(() -> share.tails.number());
  }

  /** The number for which this node's own recovery has looked at the named writer; else -1. */
  public long checked(String store) {
    Share share = share(store);
    return locked(() -> alone ? -1 : share.tails.checked());
  }

  /** All that the named writer lacked of this node's is applied again. */
  public void whole(String store) {
    Share share = share(store);
    locked(
        () -> {
          share.tails.isWhole();
          urgent = true;
          waiter.signalAll();
          return null;
        });
  }

  /** Ends all waiting. */
  public void stop() {
    locked(
        () -> {
          stopped = true;
          waiter.signalAll();
          return null;
        });
  }

  private boolean isStopped() {
    return locked(() -> stopped);
  }

  private Share share(String store) {
    Share share = shares.get(store);
    if (share == null) {
      throw new IllegalArgumentException("there is no store " + store);
    }
    return share;
  }

  /** Asks for rounds, and waits for the condition; true as well once it is stopped. */
  private boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
    waiter.lock();
    try {
      while (!stopped && !condition.getAsBoolean()) {
        awaitRound(deadline);
        if (seams.nanoTime() >= deadline) {
          return condition.getAsBoolean();
        }
      }
      return true;
    } finally {
      waiter.unlock();
    }
  }

  /** Asks for a round now, and waits for its end, or a little; the lock is held. */
  private void awaitRound(long deadline) throws InterruptedException {
    urgent = true;
    waiter.signalAll();
    long before = round;
    waiter.await(
        () -> stopped || round != before, Math.min(deadline, Deadline.after(seams, QUICK)));
  }

  private <T extends @Nullable Object> T locked(Supplier<T> body) {
    waiter.lock();
    try {
      return body.get();
    } finally {
      waiter.unlock();
    }
  }
}
