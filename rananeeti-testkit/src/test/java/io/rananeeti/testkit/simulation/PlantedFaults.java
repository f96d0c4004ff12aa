package io.rananeeti.testkit.simulation;

import static io.rananeeti.testkit.simulation.PlantedRun.SHARED;
import static io.rananeeti.testkit.simulation.PlantedRun.TAILS;
import static io.rananeeti.testkit.simulation.PlantedRun.UNITS;
import static io.rananeeti.testkit.simulation.PlantedRun.UNITS_OF_NODES;

import java.util.List;
import java.util.stream.Stream;

/** The faults that are planted. */
final class PlantedFaults {

  /** One at least for each rule that the simulator can reach, in the order of the protocol. */
  static final List<PlantedFault> BY_RULE =
      List.of(
          new PlantedFault(
              "skip the force",
              "G1",
              4,
              "internal/log/DurableLog",
              """
                    storage.force();
                    verify(group);
              """,
              """
                    verify(group);
              """),
          new PlantedFault(
              "acknowledgement before the leader's force returned",
              "G1",
              106,
              "internal/log/DurableLog",
              """
                    if (leads(sequence)) {
              """,
              """
                    if (forcing) {
                      return;
                    }
                    if (leads(sequence)) {
              """),
          new PlantedFault(
              "force without the directory",
              "G1",
              4,
              "testkit/SimulatedStorage",
              """
                  disk.forceName(this);
              """,
              ""),
          new PlantedFault(
              "drain only driven by requests",
              "G2",
              1,
              "internal/Drain",
              "case RECOVERING -> recover();",
              """
              case RECOVERING -> {
                backlog.awaitChange(backlog.acceptedSoFar(), Deadline.NEVER);
                recover();
              }
              """),
          new PlantedFault(
              "dead letters forgotten at a restart",
              "G4",
              226,
              "internal/JournalScan",
              "refused.put(mark.id(), new Refused(mark.entry(), mark));",
              ""),
          new PlantedFault(
              "log given back though a letter needs it",
              "G4",
              226,
              "internal/Journal",
              "needed = Math.min(needed, book.firstEntry());",
              "needed = Math.min(needed, Long.MAX_VALUE);"),
          new PlantedFault(
              "node id reused with a smaller number",
              "I1",
              2,
              "internal/log/DurableLog",
              "incarnation = LogDirectory.randomUuid(seams.random());",
              "incarnation = id;"),
          new PlantedFault(
              "in doubt under another id",
              "I1",
              843,
              "internal/Coordinator",
              "return acceptInDoubt(whole, failure);",
              "return acceptInDoubt(transaction(desk.ids().next(), unit, terms, intent), failure);"),
          new PlantedFault(
              "earlier incarnations are not registered",
              "I2",
              19,
              "internal/Drain",
              "made(journal.unregistered(store.name()));",
              "made(Set.of(journal.log().incarnation()));"),
          new PlantedFault(
              "registered in the log before the ledger knows it",
              "I3",
              621,
              "internal/Drain",
              """
                  if (!incarnations.isEmpty()) {
                    register(Set.copyOf(incarnations), true);
                  }
                  incarnations.forEach(incarnation -> journal.registered(store.name(), incarnation));
              """,
              """
                  incarnations.forEach(incarnation -> journal.registered(store.name(), incarnation));
                  if (!incarnations.isEmpty()) {
                    register(Set.copyOf(incarnations), true);
                  }
              """),
          new PlantedFault(
              "COMMIT without its ledger row",
              "C1",
              2,
              "testkit/InMemorySession",
              "commit(Step.COMMIT, writes ? id : null);",
              "commit(Step.COMMIT, null);"),
          new PlantedFault(
              "the pair ignores a conflict",
              "C1",
              13,
              "testkit/InMemoryLedger",
              "throw new Conflict();",
              "return;"),
          new PlantedFault(
              "a lost reply to COMMIT taken for a rollback",
              "C1",
              11,
              "internal/Coordinator",
              "return settle(unit, terms, intent, id, failure);",
              "throw Refusals.retry(\"the connection broke\", failure);"),
          new PlantedFault(
              "no ledger row for what has no transaction id",
              "C2",
              1400,
              "testkit/InMemorySession",
              "boolean writes = unproven || !open.changes().isEmpty();",
              "boolean writes = !open.changes().isEmpty();"),
          new PlantedFault(
              "COMMIT sent in a later epoch",
              "C5",
              122,
              "internal/Coordinator",
              "while (gate.enter(unit.epoch())) {",
              "while (gate.enter(gate.look().epoch())) {"),
          new PlantedFault(
              "detached commit appended after UP",
              "C5",
              90,
              "internal/Coordinator",
              """
                  Passage passage = gate.enter();
                  boolean detached =
                      !passage.up() || parked(terms.orderingKey()) || waitsForOthers(transaction, terms);
                  boolean waits = !terms.deferrable() && passage.availability() == Availability.RECOVERING;
                  try {
                    if (detached && !waits) {
                      receipt = accept(transaction, terms);
                    }
                  } finally {
                    gate.leave();
                  }
              """,
              """
                  Passage passage = gate.enter();
                  gate.leave();
                  boolean detached =
                      !passage.up() || parked(terms.orderingKey()) || waitsForOthers(transaction, terms);
                  boolean waits = !terms.deferrable() && passage.availability() == Availability.RECOVERING;
                  if (detached && !waits) {
                    receipt = accept(transaction, terms);
                  }
              """),
          new PlantedFault(
              "settling does not wait for the standby",
              "C8",
              219,
              "testkit/InMemoryDatabase",
              "awaitStandby(transaction, severed);",
              "if (id != null) awaitStandby(transaction, severed);"),
          new PlantedFault(
              "settle by look-up",
              "S1",
              62,
              "internal/Settler",
              """
                    Claim claim = ledger.claim(List.of(transaction.id()), Outcome.ABORTED).get(0);
                    ledger.commit();
              """,
              """
                    Claim claim = ledger.claim(List.of(transaction.id()), Outcome.ABORTED).get(0);
              """),
          new PlantedFault(
              "settle that does not wait for the original",
              "S1",
              216,
              "testkit/InMemoryLedger",
              """
                    throws SQLException, StoreException {
                  locks.acquire(by, id);
              """,
              """
                    throws SQLException, StoreException {
              """),
          new PlantedFault(
              "DO NOTHING in place of an update",
              "S1",
              271,
              "testkit/InMemoryLedger",
              "by.writesAnew();",
              ""),
          new PlantedFault(
              "claimed in one transaction, applied in another",
              "S2",
              22,
              "internal/Settler",
              """
                  if (replacedAlready(ledger, transaction)) {
                    return new Attempt(null, null);
                  }
              """,
              """
                  if (replacedAlready(ledger, transaction)) {
                    return new Attempt(null, null);
                  }
                  ledger.commit();
              """),
          new PlantedFault(
              "refusal rolled back instead of committed",
              "S2",
              37,
              "internal/Settler",
              """
                    ledger.refuse(transaction.id(), refusal);
                    ledger.commit();
              """,
              """
                    ledger.refuse(transaction.id(), refusal);
              """),
          new PlantedFault(
              "a refusal that came at COMMIT leaves no row",
              "S3",
              40,
              "internal/Settler",
              "return attempt.late() == null ? abort(transaction) : refuseLate(transaction, attempt.late());",
              """
              return attempt.late() == null
                  ? abort(transaction)
                  : new Settlement(transaction, Outcome.REFUSED, attempt.late());
              """),
          new PlantedFault(
              "settling waits for a lock without end",
              "S4",
              822,
              "testkit/InMemoryStore",
              "session(BORROWING, LOCK_TIMEOUT);",
              "session(BORROWING, null);"),
          new PlantedFault(
              "zombies are left alone",
              "S4",
              822,
              "testkit/InMemoryLedgerTransaction",
              "database.endLate(log);",
              ""),
          new PlantedFault(
              "retry without naming the one it replaces",
              "S5",
              28,
              "internal/Letters",
              "sequence = journal.accept(accepted);",
              """
              sequence =
                  journal.accept(
                      new LogRecord.Accepted(
                          new Transaction(
                              retry.id(),
                              retry.store(),
                              retry.operations(),
                              retry.context(),
                              retry.orderingKey(),
                              retry.traceParent(),
                              retry.acceptedAt(),
                              null,
                              retry.intent()),
                          false));
              """),
          new PlantedFault(
              "retry behind what its letter parked",
              "S5",
              150,
              "internal/Letters",
              """
                  journal.book().retrying(retry, journal.book().entry(replaced));
              """,
              ""),
          new PlantedFault(
              "settled without its intent key",
              "S6",
              7,
              "internal/Settler",
              "IntentHolder other = intend(ledger, transaction);",
              "IntentHolder other = null;"),
          new PlantedFault(
              "duplicate whatever its content",
              "S6",
              17,
              "internal/Coordinator",
              "boolean same = holder.digest().equals(intent.digest());",
              "boolean same = true;"),
          new PlantedFault(
              "a refusal keeps its intent key",
              "S6",
              215,
              "internal/Settler",
              """
                  ledger.guard();
                  IntentHolder other = intend(ledger, transaction);
              """,
              """
                  IntentHolder other = intend(ledger, transaction);
                  ledger.guard();
              """),
          new PlantedFault(
              "ledger pruned before marks are forced",
              "F1",
              226,
              "internal/Housekeeping",
              """
                  desk.journal().forceMarks();
              """,
              ""),
          new PlantedFault(
              "ledger pruned though a zombie may come",
              "F1",
              3209,
              "testkit/InMemoryStore",
              "boolean delete = !database.hasLate(host().logId());",
              "boolean delete = true;"),
          new PlantedFault(
              "ledger pruned of the rows of living letters",
              "F1",
              56,
              "internal/Housekeeping",
              "Map<UUID, Set<Long>> kept = union(before, desk.journal().book().numbers());",
              "Map<UUID, Set<Long>> kept = Map.of();"),
          new PlantedFault(
              "pass goes on behind a failure",
              "R1",
              96,
              "internal/Drain",
              """
                  reader.rewind();
                  if (e.failure() == Failure.ENVIRONMENT) {
              """,
              """
                  if (e.failure() == Failure.ENVIRONMENT) {
              """),
          new PlantedFault(
              "replayed though it has read",
              "R6",
              798,
              "internal/Unit",
              "return !read && opaque == null",
              "return opaque == null"),
          new PlantedFault(
              "mark before COMMIT",
              "D1",
              96,
              "internal/Drain",
              """
                    List<Item> group = group(lane, at);
              """,
              """
                    List<Item> group = group(lane, at);
                    journal.mark(
                        store.name(), first.sequence(), first.transaction().id(), Outcome.APPLIED, null, 0);
              """),
          new PlantedFault(
              "applied without the context",
              "D1",
              37,
              "internal/Settler",
              """
                    ledger.enter(transaction.context());
                    ledger.execute(transaction.operations(), transaction.acceptedAt());
                    ledger.release();
              """,
              """
                    ledger.execute(transaction.operations(), transaction.acceptedAt());
                    ledger.release();
              """),
          new PlantedFault(
              "unkeyed entries side by side",
              "D2",
              40,
              "internal/Lanes",
              "(key == null ? unkeyed : keyed.computeIfAbsent(key, any -> new ArrayList<>())).add(item);",
              "keyed.computeIfAbsent(key == null ? item.toString() : key, any -> new ArrayList<>()).add(item);"),
          new PlantedFault(
              "parked key overtaken by an attached commit",
              "D3",
              531,
              "internal/Coordinator",
              "return desk.journal().book().parks(store.name(), orderingKey)",
              "return false"),
          new PlantedFault(
              "lane goes on behind a refusal",
              "D3",
              150,
              "internal/Drain",
              """
                    if (journal.book().holdsBack(first.sequence(), first.transaction())) {
                      at++;
                      continue;
                    }
              """,
              ""),
          new PlantedFault(
              "group commit that keeps a refused member",
              "D4",
              28,
              "internal/Settler",
              """
                      if (claims.get(i).ours()) {
                        ledger.execute(group.get(i).operations(), group.get(i).acceptedAt());
                      }
              """,
              """
                      if (claims.get(i).ours()) {
                        ledger.guard();
                        try {
                          ledger.execute(group.get(i).operations(), group.get(i).acceptedAt());
                        } catch (StoreException e) {
                          if (e.failure() != Failure.REFUSED) {
                            throw e;
                          }
                          ledger.retreat();
                        }
                      }
              """),
          new PlantedFault(
              "group commit with one row for all",
              "D4",
              280,
              "internal/Settler",
              """
                    List<Claim> claims = ledger.claim(ids, Outcome.APPLIED);
              """,
              """
                    List<Claim> claims = new ArrayList<>(ledger.claim(ids.subList(0, 1), Outcome.APPLIED));
                    ids.stream().skip(1).forEach(id -> claims.add(new Claim(id, true, Outcome.APPLIED, null)));
              """),
          new PlantedFault(
              "outage counted as an attempt",
              "D5",
              686,
              "internal/Drain",
              "boolean asksAgain = e.failure() == Failure.RETRY || e.failure() == Failure.UNCLEAR;",
              """
              boolean counts =
                  e.failure() == Failure.UNCLEAR || e.failure() == Failure.UNREACHABLE;
              if (counts && tries >= UNCLEAR_TRIES) {
                return List.of(settler.refuseLate(first.transaction(), e.refusal()));
              }
              boolean asksAgain = e.failure() == Failure.RETRY || counts;
              """),
          new PlantedFault(
              "asked to retry counted as refused",
              "D5",
              402,
              "internal/Settler",
              """
                    if (e.failure() != Failure.REFUSED) {
                      throw e;
                    }
                    refuseForeign(e, evenIfForeign);
                    ledger.retreat();
              """,
              """
                    if (e.failure() != Failure.REFUSED && e.failure() != Failure.RETRY) {
                      throw e;
                    }
                    refuseForeign(e, evenIfForeign);
                    ledger.retreat();
              """),
          new PlantedFault(
              "backlog emptied into dead letters while a table is missing",
              "D5",
              2_405,
              "internal/Settler",
              "if (foreign(e) && !evenIfForeign) {",
              "if (foreign(e) && e.sqlState().isEmpty()) {"),
          new PlantedFault(
              "set_config is no context",
              "D7",
              22,
              "internal/jdbc/Execution",
              "} else if (value != null) {",
              "} else if (value != null && verdict.kind() == Kind.LOCAL_SETTING) {"));

  /** Chosen by reading the product for what would hurt most, whatever the simulator does. */
  static final List<PlantedFault> BY_READING =
      List.of(
          new PlantedFault(
              "the log goes on after a failed force",
              "G1",
              1435,
              "internal/log/DurableLog",
              """
                    LogFailedException ended = endWith("a force of the log failed", failure);
                    endForce();
                    throw ended;
              """,
              """
                    endForce();
                    throw new LogFailedException("a force of the log failed", failure);
              """),
          new PlantedFault(
              "a force counts what was appended meanwhile",
              "G1",
              106,
              "internal/log/DurableLog",
              """
                    group = appended;
                    storage.force();
              """,
              """
                    storage.force();
                    group = appended;
              """),
          new PlantedFault(
              "what was read at open is not written anew",
              "G1",
              1543,
              "internal/log/Opening",
              "storage.refresh(index.before(proven == null ? 0 : proven.forced() + 1));",
              ""),
          new PlantedFault(
              "a torn end is not cut off",
              "G1",
              106,
              "internal/log/Opening",
              "storage.truncate(found.lastPosition());",
              ""),
          new PlantedFault(
              "the gate closes though somebody is inside",
              "C5",
              44,
              "internal/Gate",
              """
                  locked(
                      () -> {
                        awaitForced(() -> inside == 0);
                        return null;
                      });
                  return true;
              """,
              """
                  return true;
              """),
          new PlantedFault(
              "a hold is not forced",
              "R8",
              906,
              "internal/Journal",
              """
                  log.force(sequence);
                  held(sequence, decision);
              """,
              """
                  held(sequence, decision);
              """),
          new PlantedFault(
              "a hold ends with its process",
              "R8",
              19,
              "internal/StoreRuntime",
              "holding.set(journal.held(store.name()));",
              ""),
          new PlantedFault(
              "a drain goes on though its store is held",
              "R8",
              191,
              "internal/Holding",
              "if (now != null) {",
              "if (now != null && now.by().isEmpty()) {"));

  /** Of what is kept until other regions have it, and applied again where a writer lacks it. */
  static final List<PlantedFault> OF_RETENTION =
      List.of(
          new PlantedFault(
              "the gate opens before the tail is applied again",
              "R1",
              164,
              "internal/Drain",
              """
                    finish();
                  } else {
                    apply(window);
              """,
              """
                    finish();
                  } else {
                    if (window.get(0).again() && gate.close(Availability.RECOVERING)) {
                      gate.open(Availability.UP);
                    }
                    apply(window);
              """),
          new PlantedFault(
              "an entry appended after its COMMIT",
              "C6",
              36,
              "internal/Coordinator",
              """
                    kept = keep(unit, terms, intent, id, again);
                    sendKept(unit, terms, id, physical, intent, kept);
              """,
              """
                    sendKept(unit, terms, id, physical, intent, null);
                    kept = keep(unit, terms, intent, id, again);
                    if (kept != null) {
                      retention.acknowledged(kept);
                    }
              """),
          new PlantedFault(
              "a void that is not forced",
              "C6",
              13593,
              "internal/Retention",
              "log.force(mark(kept, Outcome.ABORTED));",
              "mark(kept, Outcome.ABORTED);"),
          new PlantedFault(
              "a failed COMMIT is not voided",
              "C6",
              36,
              "internal/Coordinator",
              """
                    voidKept(kept, failure);
              """,
              ""),
          new PlantedFault(
              "proof by the newest acknowledged alone",
              "R2",
              36,
              "internal/Tail",
              """
                  if (sent > latestSent) {
                    latestSent = sent;
                    frontier.values().removeIf(reply -> reply < latestSent);
                  }
              """,
              """
                  latestSent = Math.max(latestSent, sent);
                  frontier.clear();
              """),
          new PlantedFault(
              "a recovery leaves nothing to prove",
              "R2",
              39,
              "internal/Tail",
              """
                  frontier.put(recovery, ++tick);
              """,
              ""),
          new PlantedFault(
              "a stale branch is taken for a writer",
              "R3",
              155,
              "store/Frontier",
              "return writer.epoch() < epoch && writer.lineage() <= lineage;",
              "return false;"),
          new PlantedFault(
              "cover asked for before the last reply",
              "R5",
              36,
              "internal/Tail",
              """
                      span.closedIn = polls;
              """,
              """
                      span.closedIn = polls;
                      span.position = coverage.written();
              """),
          new PlantedFault(
              "kept entries are not looked at after a restart",
              "R1",
              112,
              "internal/Tail",
              "return known ? Set.copyOf(frontier.keySet()) : null;",
              "return Set.copyOf(frontier.keySet());"),
          new PlantedFault(
              "marks of kept entries are not forced",
              "F1",
              393,
              "internal/Journal",
              """
                  lastMark.accumulateAndGet(sequence, Math::max);
                  return sequence;
              """,
              """
                  return sequence;
              """),
          new PlantedFault(
              "in doubt settled before the tail",
              "R1",
              310,
              "internal/Coordinator",
              "for (int tries = 1; !gate.stopped() && gate.enter(unit.epoch()); tries++) {",
              "for (int tries = 1; !gate.stopped() && gate.enter().epoch() >= 0; tries++) {"),
          new PlantedFault(
              "applied again key by key",
              "R1",
              542,
              "internal/Lanes",
              """
                  if (items.stream().anyMatch(Item::again)) {
                    return List.of(items);
                  }
              """,
              ""),
          new PlantedFault(
              "a letter's row is not restored",
              "S5",
              1633,
              "internal/TailRecovery",
              "desk.settler().refuseLate(nothing(store.name(), letter), causeOf(letter));",
              ""));

  /** Of values of sequences that are given out while there is no writer. */
  static final List<PlantedFault> OF_LEASES =
      List.of(
          new PlantedFault(
              "what was given out is forgotten at a restart",
              "ids",
              281,
              "internal/JournalScan",
              "journal.leases().found(drawn);",
              ""),
          new PlantedFault(
              "a watermark that is not ahead of what is given out",
              "ids",
              281,
              "internal/LeaseBook",
              "long below = Math.min(stock.end, stock.next + Math.max(count, chunk));",
              "long below = stock.next;"),
          new PlantedFault(
              "a value that the server may lose kept through a break",
              "ids",
              354,
              "internal/jdbc/Execution",
              "unit.read(verdict.kind() == Kind.PLAIN_QUERY);",
              """
              if (nextval == null) {
                unit.read(verdict.kind() == Kind.PLAIN_QUERY);
              }
              """));

  /** Of nodes that share their logs; their seeds are those of such runs. */
  static final List<PlantedFault> OF_SHARING =
      List.of(
          new PlantedFault(
              "accepted while others commit directly",
              "N2",
              SHARED + 328,
              "internal/shared/Neighbours",
              "return share.confirmed;",
              "return true;"),
          new PlantedFault(
              "a lease stolen too early",
              "N1",
              SHARED + 1,
              "internal/shared/Neighbours",
              "return time - last.since() > lease.toNanos();",
              "return time - last.since() > lease.toNanos() / 20;"),
          new PlantedFault(
              "a wall clock in a lease",
              "N1",
              SHARED + 2,
              "internal/shared/Neighbours",
              "private long leaseClock() {\n    return seams.nanoTime();",
              "private long leaseClock() {\n    return seams.now().toEpochMilli() * 1_000_000;"),
          new PlantedFault(
              "a COMMIT that is sent though the node may be taken for dead",
              "N1",
              SHARED + 1_121,
              "internal/shared/Neighbours",
              "return leaseClock() - freshUntil < 0;",
              "return true;"),
          new PlantedFault(
              "acknowledged before it is copied",
              "G2",
              SHARED + 73,
              "internal/shared/LogCopier",
              "return waiter.await(() -> copied >= sequence || stopped, deadline) && copied >= sequence;",
              "return true;"),
          new PlantedFault(
              "the order of all nodes is not fenced",
              "G3",
              SHARED + 7,
              "internal/shared/SharedOrder",
              "return waits < ticket ? Verdict.WAITS : Verdict.MAY;",
              "return Verdict.MAY;"),
          new PlantedFault(
              "a letter elsewhere parks nothing",
              "G3",
              SHARED + 11,
              "internal/shared/SharedOrder",
              "return Verdict.PARKED; //",
              "return Verdict.MAY; //"),
          new PlantedFault(
              "the gate opens before another node's tail is whole",
              "N5",
              TAILS + 14,
              "internal/shared/TailGate",
              "return isOpen() ? Turn.ALL : Turn.NONE;",
              "return Turn.ALL;"),
          new PlantedFault(
              "a dead node's tail is not taken",
              "N5",
              TAILS + 61,
              "internal/NodeSharing",
              "boolean whole = !journal.retains(store);",
              "boolean whole = true;"),
          new PlantedFault(
              "a writer that was found is not named",
              "N5",
              TAILS + 247,
              "internal/shared/TailGate",
              "if (mine.isSame(named.writer()) && !lostAgain) {",
              "if (!lostAgain) {"),
          new PlantedFault(
              "what a dead node keeps goes with its copy",
              "N5",
              TAILS + 507,
              "internal/OrphanDrain",
              "return tail.isEmpty();",
              "return true;"),
          new PlantedFault(
              "settle by look-up, among nodes",
              "S1",
              SHARED + 89,
              "internal/Settler",
              """
                    Claim claim = ledger.claim(List.of(transaction.id()), Outcome.ABORTED).get(0);
                    ledger.commit();
              """,
              """
                    Claim claim = ledger.claim(List.of(transaction.id()), Outcome.ABORTED).get(0);
              """),
          new PlantedFault(
              "applied before it has a place",
              "G3",
              SHARED + 54,
              "internal/shared/SharedOrder",
              """
                  if (ticket == 0) {
                    return Verdict.WAITS;
                  }\
              """,
              """
                  if (ticket == 0) {
                    return Verdict.MAY;
                  }\
              """),
          new PlantedFault(
              "up without a look at what others park",
              "N3",
              SHARED + 2_456,
              "internal/NodeSharing",
              "    looked = look(); // What",
              "    looked = true; // What"));

  /** Of units of work across stores; their seeds are those of such runs. */
  static final List<PlantedFault> OF_UNITS =
      List.of(
          new PlantedFault(
              "own operations before the parts",
              "U2",
              UNITS + 1,
              "internal/Drain",
              """
                  List<Settlement> notApplied = partsFirst(first);
              """,
              """
                  if (first.transaction().isAcrossStores()) {
                    settler.apply(List.of(first.transaction()));
                  }
                  List<Settlement> notApplied = partsFirst(first);
              """),
          new PlantedFault(
              "the first part before the entry is forced",
              "U1",
              UNITS + 1,
              "internal/Journal",
              """
                    log.acknowledge(sequence);
                    log.force(sequence); // Where accepting does not: parts must not outlive what is to follow.
                    rememberAccepted(unit.id(), Outcome.IN_DOUBT);
              """,
              """
                    rememberAccepted(unit.id(), Outcome.IN_DOUBT);
              """),
          new PlantedFault(
              "that it came to nothing is not forced",
              "U3",
              UNITS + 366,
              "internal/AcrossStores",
              """
                    desk.journal().forceMarks();
              """,
              ""),
          new PlantedFault(
              "a unit comes to nothing though its items are there",
              "U3",
              UNITS + 52,
              "internal/AcrossStores",
              "return desk.parts().areHarmless(hand.whole().before().subList(0, applied));",
              "return applied >= 0;"),
          new PlantedFault(
              "items of what can't be applied later",
              "U4",
              UNITS + 10,
              "internal/AcrossStores",
              "if (desk.parts().areHarmless(parts)) {",
              "if (parts.size() > 0) {"),
          new PlantedFault(
              "a letter's retry repeats its parts",
              "U5",
              UNITS + 19,
              "internal/Parts",
              "for (TransactionId former : part.formerly()) {",
              "for (TransactionId former : List.<TransactionId>of()) {"),
          new PlantedFault(
              "a letter's part that was never sent is asked for",
              "U5",
              UNITS + 2028,
              "internal/Parts",
              "if (Drain.FORGOTTEN.equals(e.sqlState())) {",
              "if (Drain.FORGOTTEN.isEmpty()) {"),
          new PlantedFault(
              "another store forgets while units wait",
              "F1",
              UNITS + 11,
              "internal/Housekeeping",
              " || desk.journal().holdsUnits()",
              ""),
          new PlantedFault(
              "a unit that waits does not park its key",
              "D3",
              UNITS + 107,
              "internal/AcrossStores",
              """
                  desk.journal().book().wait(hand.entry(), hand.whole());
              """,
              ""),
          new PlantedFault(
              "a unit in hand is drained",
              "U3",
              UNITS + 2,
              "internal/BacklogReader",
              "if (!again && backlog.isAside(sequence)) {",
              "if (!again && backlog.isAside(-sequence)) {"));

  /** Of units of work of nodes that share their logs. */
  static final List<PlantedFault> OF_UNITS_OF_NODES =
      List.of(
          new PlantedFault(
              "keys that wait are not told to other nodes",
              "N6",
              UNITS_OF_NODES + 2,
              "internal/NodeSharing",
              "      if (neighbours.awaitHeard(store)) {",
              "      if (neighbours.number() > 0) {"),
          new PlantedFault(
              "said to have been read, and is not",
              "N6",
              UNITS_OF_NODES + 2,
              "internal/NodeSharing",
              """
                    looked = !neighbours.isAlone() && readCopies(); // Who is alone reads nothing.
                  } finally {
                    looking.remove(store);
              """,
              """
                    looked = true;
                  } finally {
                    looking.remove(store);
              """),
          new PlantedFault(
              "a unit that waits elsewhere parks nothing",
              "N6",
              UNITS_OF_NODES + 2,
              "internal/shared/SharedOrder",
              "          || tickets(State.DELAYED).of(own).containsKey(key);",
              ";"),
          new PlantedFault(
              "a unit that waits for a store is waited for",
              "N3",
              UNITS_OF_NODES + 1,
              "internal/NodeSharing",
              "    if (delayed.put(entry, unit.id()) == null) {",
              "    if (delayed.put(entry, unit.id()) != null) {"),
          new PlantedFault(
              "a moved entry waits behind what came after it",
              "G3",
              UNITS_OF_NODES + 1_075,
              "internal/OrphanDrain",
              "&& place != 0 && place < leftFrom;",
              "&& place != 0 && place < 0;"),
          new PlantedFault(
              "a part store does not get to know a moved unit",
              "I2",
              UNITS_OF_NODES + 226,
              "internal/Parts",
              "tries == 1 && getsToKnow(desk, unit, e)",
              "tries == 0 && getsToKnow(desk, unit, e)"));

  private PlantedFaults() {}

  static List<PlantedFault> all() {
    return Stream.of(
            BY_RULE, BY_READING, OF_LEASES, OF_RETENTION, OF_SHARING, OF_UNITS, OF_UNITS_OF_NODES)
        .flatMap(List::stream)
        .toList();
  }
}
