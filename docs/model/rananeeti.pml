/*
 * Ledger, settle, fence and recovery of Rananeeti, for the model checker Spin.
 *
 * Applications commit transactions through one node. The node has a log; the database has the
 * ledger. Connections break with a COMMIT on its way, the node dies and starts again, the database
 * fails over to its standby. Spin visits every interleaving of all that within the bounds below and
 * evaluates every assertion. README.md says what is assumed and what is left out.
 *
 * An id is a transaction's identity (I1): 0 .. APPS-1 are those of the applications, the rest are
 * retries of dead letters. Letters and numbers in brackets are the protocol's rules.
 */

/* ---------------------------------------------------------------- bounds, set with -D */

#ifndef APPS
#define APPS 2              /* applications, each commits one transaction */
#endif
#ifndef RETRIES
#define RETRIES 0           /* retries that an operator may ask for */
#endif
#ifndef FAULTS
#define FAULTS 2            /* faults of any kind, in any mixture */
#endif
#ifndef PRUNING
#define PRUNING 0           /* whether the ledger's rows are forgotten */
#endif

#define IDS   (APPS + RETRIES)
#define DRAIN APPS          /* the drain's number among those who talk to the database */

/* ---------------------------------------------------------------- broken variants */

/* -DWRONG=... breaks one rule, and Spin must find out. */
#define LOOKUP           1  /* S1: settles by a look-up that waits for nothing */
#define DO_NOTHING       2  /* S1: settles by ON CONFLICT DO NOTHING, which writes nothing */
#define ROLLED_BACK      3  /* S2: a refusal is only rolled back */
#define MARK_FIRST       4  /* D1: marks before COMMIT */
#define UNFORCED         5  /* G1: acknowledges before the entry is forced */
#define NO_EPOCH         6  /* C5: sends COMMIT in another epoch than that of the first statement */
#define NO_GATE          7  /* C5: the gate is not held from the look at the state to the force */
#define ACCEPT_THOUGH_UP 8  /* decision 0003: accepts what is in doubt while others commit */
#define OUT_OF_ORDER     9  /* R1: the drain takes any entry */
#define UNNAMED         10  /* S5: a retry does not turn the letter's row from refused to replaced */
#define PRUNE_ZOMBIE    11  /* F1: prunes a row whose zombie still runs */
#define PRUNE_UNMARKED  12  /* F1: prunes before the mark is forced */
#define PRUNE_LETTER    13  /* F1: prunes the row of a letter that lives */
#ifndef WRONG
#define WRONG 0
#endif

/* ---------------------------------------------------------------- witnesses */

/* -DWITNESS=... makes an error of what the right model must be able to reach, lest it is vacuous. */
#define MEETS_FENCE      1  /* a COMMIT that arrives late meets the row of a settlement */
#define MEETS_ORIGINAL   2  /* a settlement meets the row of the original */
#define BLOCKED          3  /* a settlement waits for a row that is not decided */
#define TAIL_LOST        4  /* a failover takes back what could be read */
#define EPOCH_OVER       5  /* a transaction is rolled back because the epoch has changed */
#define REPLACED_ALREADY 6  /* a second retry finds its letter replaced */
#define ROW_FORGOTTEN    7  /* a row is pruned */
#define DIES_SENT        8  /* the node dies while COMMIT is on its way */
#define DIES_ARRIVED     9  /* ... while COMMIT waits for the standby */
#define DIES_APPENDED   10  /* ... between append and force */
#define DIES_WAITING    11  /* ... with an entry that nobody has settled */
#define DIES_SETTLING   12  /* ... while the drain's COMMIT is on its way */
#define DIES_SETTLED    13  /* ... between the drain's COMMIT and the mark */
#define DIES_MARKED     14  /* ... and the mark, which was not forced, is gone */
#define DIES_PRUNING    15  /* ... between raising the number and deleting the row */
#ifdef WITNESS
#define reached(what) assert(what != WITNESS)
#else
#define reached(what) skip
#endif

/* ---------------------------------------------------------------- the database */

mtype = { NONE, APPLIED, REFUSED, ABORTED, REPLACED };   /* outcomes; NONE: no row */
mtype = { BROKEN, LATE };        /* instead of an outcome: no answer; refused at COMMIT, no row */
mtype = { NEVER, SENT, ARRIVED, OVER };                  /* what became of a pair */

/* What a reader sees, and what the standby has. They differ only while `behind`. */
typedef Contents {
  mtype row[IDS];           /* the ledger */
  byte effects[APPS]        /* how many times the transaction's operations were done */
};
Contents seen, kept;
bool behind;

/*
 * Who has written an id's row in a database transaction that is not decided: its COMMIT is on its
 * way, or waits for the standby, which looks alike from outside. There is at most one such session,
 * because whoever else inserts or updates that row waits for it. So this is all that the database
 * has to remember of its sessions, together with the pairs on their way.
 */
#define NOBODY     0
#define ORPHAN     1        /* a session whose client is gone: a zombie */
#define JOINED     2        /* belongs to the transaction that settles the letter's retry */
#define session(p) (3 + p)  /* of an application, or of the drain */
byte  hold[IDS];
mtype wants[IDS];           /* the outcome that it commits */
bool  pays[IDS];            /* whether it does the operations */

/* `<ledger insert>; COMMIT` of the original (C1), on its way or arrived. */
mtype pair[APPS];
bool  listens[APPS];        /* whether the application still waits for the pair's answer */
mtype answer[APPS + 1];     /* of the database, to an application or to the drain */

/* ---------------------------------------------------------------- the node */

mtype = { DOWN, RECOVERING, UP };
mtype state;                /* availability */
bool  current[APPS];        /* bound to a connection in the epoch that still is (C5) */
byte  inside;               /* how many hold the gate shared */
bool  closed;               /* somebody holds it exclusively, for more than one step */
bool  falling;              /* the probe wants the state DOWN */

/*
 * The log: where an entry stands in it, and its mark; 0 for not at all. Whatever stands beyond
 * `forced` may vanish when the node dies, from the end.
 */
byte  at[IDS];
bool  whole[IDS];           /* the entry has its operations, and not only the question (G5) */
byte  replaces[IDS];        /* the letter that this one retries (S5) */
byte  markAt[IDS];
mtype mark[IDS];
byte  length, forced;
byte  backlog;              /* entries without a mark */

/* The threads of the node: the applications', the drain, and one on which letters are retried. */
#define OPERATOR (APPS + 1)
bool  runs[APPS];           /* commit() has begun, and has not returned */
bool  dies[APPS + 2];       /* the node has died, and with it this thread */

/* ---------------------------------------------------------------- what the properties need */

mtype = { NOTHING, ACCEPTED, NOT_COMMITTED, UNKNOWN };   /* or APPLIED */
mtype told[APPS];           /* what the caller was told */
bool  follows[APPS];        /* the other was acknowledged before this one's commit() was called */
bool  deferrable[APPS];     /* may go to the log, and be run again; else only be settled */
bool  died[APPS];           /* the node died before the caller was told anything */
bool  fenced[APPS];         /* a settlement of this id stands for good that is not the original's */
bool  forgotten[IDS];       /* below the number under which all is settled (I2) */

byte faults = FAULTS;       /* that may still happen */

/* The same step for each application, or each id. */
#if APPS == 1
#define EACH_APP(step)   step(0)
#else
#define EACH_APP(step)   step(0); step(1)
#endif
#if RETRIES == 0
#define EACH_ID(step)    EACH_APP(step)
#elif RETRIES == 1
#define EACH_ID(step)    step(0); step(1)
#else
#define EACH_ID(step)    step(0); step(1); step(2)
#endif

#define isRetry(i)   (i >= APPS)
#define root(i)      (i < APPS -> i : 0)        /* with retries there is one application */
#define waits(i)     (at[i] != 0 && markAt[i] == 0)
#define dead(i)      (markAt[i] != 0 && mark[i] == REFUSED)

/*
 * A letter lives until a later entry names it as replaced. With retries there is one application:
 * 0 is its transaction, and each later id may replace an earlier one.
 */
#define names(r, i)  (at[r] != 0 && replaces[r] == i)
#if RETRIES == 0
#define lives(i)     dead(i)
#define anyLetter(i) lives(i)
#elif RETRIES == 1
#define lives(i)     (dead(i) && !names(1, i))
#define anyLetter(i) (lives(0) || lives(1))
#else
#define lives(i)     (dead(i) && !names(1, i) && !names(2, i))
#define anyLetter(i) (lives(0) || lives(1) || lives(2))
#endif

/* ---------------------------------------------------------------- properties */

inline propertiesOf(k) {
  assert(seen.effects[k] <= 1);                                /* G2 */
  assert(told[k] != APPLIED || seen.effects[k] == 1);          /* G5: true for ever, */
  assert(told[k] != NOT_COMMITTED || seen.effects[k] == 0)     /* whatever is lost */
}

/* Hold in every state; evaluated whenever what is seen changes, or a caller is told something. */
inline properties() { EACH_APP(propertiesOf) }

#define isRefused(i) (seen.row[i] == REFUSED || seen.row[i] == REPLACED || dead(i))

#define isAhead(i, j) (at[i] != 0 && at[i] < at[j])
#define isDecided(i) (seen.row[i] != NONE || forgotten[i])

/* G3, as transaction i takes effect beside another. */
inline inOrder(i, other) {
  /* If the other was acknowledged before i's commit() was called, it took effect before. */
  assert(!follows[i] || seen.effects[other] == 1 || isRefused(other));
  /* And whatever never sent COMMIT takes effect in the order of the log. */
  assert(pair[i] != NEVER || !isAhead(other, i) || isDecided(other))
}

/* ---------------------------------------------------------------- the database's steps */

inline keepRow(k)    { kept.row[k] = seen.row[k] }
inline keepEffect(k) { kept.effects[k] = seen.effects[k] }
inline loseRow(k)    { seen.row[k] = kept.row[k] }
inline loseEffect(k) { seen.effects[k] = kept.effects[k] }

inline replicate() {
  EACH_ID(keepRow); EACH_APP(keepEffect);
  behind = false
}

/* The transaction that holds row i is over, and with it the row of the letter that it replaces. */
inline release(i) {
  if
  :: isRetry(i) && hold[replaces[i]] == JOINED -> hold[replaces[i]] = NOBODY
  :: else
  fi;
  hold[i] = NOBODY; wants[i] = NONE; pays[i] = false;
  if
  :: !isRetry(i) && pair[i] == ARRIVED -> pair[i] = OVER; listens[i] = false
  :: else
  fi
}

/* It is committed, and readable. */
inline publish(i) {
  if
  :: isRetry(i) && hold[replaces[i]] == JOINED -> seen.row[replaces[i]] = REPLACED
  :: else
  fi;
  seen.row[i] = wants[i];
  if
  :: pays[i] ->
#if APPS > 1
       inOrder(i, 1 - i);
#endif
       seen.effects[root(i)]++
  :: else
  fi;
  properties()
}

/* The standby has taken the COMMIT of whoever holds row i, and all before it. */
inline acknowledge(i) {
  if
  :: !isRetry(i) && pair[i] != ARRIVED && seen.row[i] == NONE -> fenced[i] = true
  :: else
  fi;
  publish(i);
  replicate();
  if
  :: hold[i] != ORPHAN -> answer[hold[i] - session(0)] = wants[i]
  :: else
  fi;
  release(i)
}

/* The pair of the original reaches the server, and nobody undecided holds its row. */
inline pairArrives(i) {
  if
  :: seen.row[i] != NONE ->
       printf("%d: a late COMMIT meets its row: it fails\n", i);
       if
       :: fenced[i] -> reached(MEETS_FENCE)
       :: else
       fi;
       assert(!listens[i]);   /* nobody settles it while the application waits for the answer */
       pair[i] = OVER
  :: else ->
       if
       :: true ->
            printf("%d: COMMIT arrives\n", i);
            assert(!fenced[i]);                             /* S2: no fenced original commits */
            pair[i] = ARRIVED; wants[i] = APPLIED; pays[i] = true;
            hold[i] = (listens[i] -> session(i) : ORPHAN)
       :: true ->
            printf("%d: COMMIT arrives, and a deferred constraint refuses it\n", i);
            pair[i] = OVER;
            if
            :: listens[i] -> answer[i] = REFUSED; listens[i] = false
            :: else
            fi
       fi
  fi
}

#define isUndecided(i) (hold[i] != NOBODY && hold[i] != JOINED)

/* The server's part for one id. */
proctype Server(byte i) {
end:
  do
  :: atomic { i < APPS && pair[i] == SENT && hold[i] == NOBODY -> pairArrives(i) }

  :: d_step { i < APPS && pair[i] == SENT && !listens[i] ->
       printf("%d: COMMIT is lost on its way\n", i);
       pair[i] = OVER }

  :: d_step { isUndecided(i) ->
       printf("%d: committed %e, and the standby has it\n", i, wants[i]);
       acknowledge(i) }

  :: d_step { hold[i] == ORPHAN ->
       printf("%d: COMMIT is lost on its way, the server rolls back\n", i);
       release(i) }

    /* A session that is ended while it waits for the standby has committed: all can read it. */
  :: d_step { hold[i] == ORPHAN ->
       printf("%d: ended, so committed %e, but the standby does not have it\n", i, wants[i]);
       publish(i); behind = true;
       release(i) }
  od
}

/* ---------------------------------------------------------------- settling */

#define isFree(i)     (hold[i] == NOBODY && (!isRetry(i) || hold[replaces[i]] == NOBODY))
#define isReplaced(i) (isRetry(i) && seen.row[replaces[i]] != REFUSED)

/* The row is written, and COMMIT sent. */
inline writes(who, id, outcome) {
  wants[id] = outcome; pays[id] = (outcome == APPLIED && seen.row[id] == NONE);
  hold[id] = session(who);
  if
  :: isRetry(id) && seen.row[id] == NONE && outcome != ABORTED -> hold[replaces[id]] = JOINED
  :: else
  fi
}

/*
 * The write of S1 and what follows it in the same database transaction, up to the first byte of
 * COMMIT. To break off before that is as if COMMIT was lost on its way, so it is one step.
 */
inline claim(who, id, how) {
  answer[who] = NONE;
  if
  :: seen.row[id] != NONE ->
       printf("%d: settle meets the outcome %e\n", id, seen.row[id]);
       if
       :: id < APPS && !fenced[root(id)] -> reached(MEETS_ORIGINAL)
       :: else
       fi;
#if WRONG == DO_NOTHING
       answer[who] = seen.row[id]
#else
       writes(who, id, seen.row[id])            /* the same again: the standby must take that */
#endif
  :: else ->
       assert(!forgotten[id]);                   /* I2: the node would stop here with an alarm */
       if
#if WRONG != UNNAMED
       :: how != ABORTED && isReplaced(id) ->
            printf("%d: the letter is replaced already\n", id);
            reached(REPLACED_ALREADY);
            writes(who, id, ABORTED)
       :: how == APPLIED && !isReplaced(id) ->
#else
       :: how == APPLIED ->
#endif
            if
            :: true ->
                 printf("%d: settle applies\n", id);
                 writes(who, id, APPLIED)
            :: true ->
                 printf("%d: settle is refused, and commits that\n", id);
#if WRONG == ROLLED_BACK
                 answer[who] = REFUSED
#else
                 writes(who, id, REFUSED)
#endif
#ifndef NO_LATE
            :: true ->
                 printf("%d: settle is refused at COMMIT, which leaves no row\n", id);
                 answer[who] = LATE
#endif
            fi
       :: else ->
            printf("%d: settle writes %e\n", id, how);
            writes(who, id, how)
       fi
  fi
}

/* Settles an id: the outcome, or BROKEN, or LATE, is in answer[who]. */
inline settle(who, id, how) {
  if
#if WRONG == LOOKUP
  :: d_step { seen.row[id] != NONE ->
       printf("%d: look-up finds %e\n", id, seen.row[id]);
       answer[who] = seen.row[id] }
  :: d_step { seen.row[id] == NONE && how == ABORTED ->
       printf("%d: look-up finds nothing\n", id);
       answer[who] = ABORTED }
  :: atomic { seen.row[id] == NONE && how != ABORTED && isFree(id) -> claim(who, id, how) }
#else
  :: atomic { isFree(id) -> claim(who, id, how) }
#endif
  :: d_step { faults > 0 ->
       printf("%d: the connection breaks before a settlement\n", id);
       if
       :: !isFree(id) -> reached(BLOCKED)
       :: else
       fi;
       faults--; answer[who] = BROKEN }
  fi;
  if
  :: answer[who] != NONE
  :: d_step { faults > 0 && answer[who] == NONE ->
       printf("%d: the connection breaks under a settlement\n", id);
       faults--; cut(who, id) }
  fi
}

/* The connection breaks on which `who` has written the row, or has sent the pair. */
inline cut(who, id) {
  if
  :: hold[id] == session(who) -> hold[id] = ORPHAN; answer[who] = BROKEN
  :: else
  fi;
  if
  :: id < APPS && who == id && listens[id] -> listens[id] = false; answer[who] = BROKEN
  :: else
  fi
}

/* ---------------------------------------------------------------- the log */

inline append(i, withOperations) {
  length++;
  at[i] = length; whole[i] = withOperations;
  backlog++
}

inline writeMark(i, outcome) {
  length++;
  markAt[i] = length; mark[i] = outcome;
  backlog--
}

inline force() {
  forced = length
}

inline tearOff(k) {
  if
  :: markAt[k] == length -> reached(DIES_MARKED); markAt[k] = 0; mark[k] = NONE; backlog++
  :: at[k] == length -> at[k] = 0; whole[k] = false; replaces[k] = 0; backlog--
  :: else
  fi
}

/* What the node finds when it starts again: any of the entries that were not forced may be gone. */
inline tear() {
  do
  :: length > forced ->
       EACH_ID(tearOff);
       length--
  :: break
  od;
  forced = length
}

/* ---------------------------------------------------------------- gate and availability */

inline unbind(k) { current[k] = false }

/* The state changes, in a new epoch. Only while nobody is inside. */
inline become(next) {
  printf("the store is %e\n", next);
  state = next;
  EACH_APP(unbind)
}

#if WRONG == NO_GATE
#define nobodyInside true
#else
#define nobodyInside (inside == 0)
#endif

/* ---------------------------------------------------------------- an application */

inline tell(i, what) {
  printf("%d: the caller is told %e\n", i, what);
  told[i] = what; answer[i] = NONE; intent = NONE;
#if WRONG != UNFORCED
  runs[i] = false;
#endif
  properties()
}

/* Into the log, with the gate held since the look at the state; then the caller hears of it. */
inline accept(i, withOperations, what) {
#if WRONG == UNFORCED
  d_step { printf("%d: entry appended\n", i); append(i, withOperations); tell(i, what) };
  d_step { printf("%d: entry forced\n", i); force(); inside--; runs[i] = false }
#else
  d_step { printf("%d: entry appended\n", i); append(i, withOperations) };
  d_step { printf("%d: entry forced\n", i); force(); inside--; tell(i, what) }
#endif
}

/* COMMIT was sent and its reply is missing: settle, or let the log keep the question. */
inline settleInDoubt(i) {
  do
  :: atomic { state != DOWN ->
       if
       :: answer[i] == LATE -> intent = REFUSED
       :: answer[i] != LATE -> intent = APPLIED
       :: answer[i] != LATE && !deferrable[i] -> intent = ABORTED
       fi };
       settle(i, i, intent);
       if
       :: d_step { answer[i] == APPLIED -> tell(i, APPLIED) }; break
       :: d_step { answer[i] == REFUSED || answer[i] == ABORTED -> tell(i, NOT_COMMITTED) }; break
       :: answer[i] == BROKEN || answer[i] == LATE
       fi
    /* The budget is over. Nothing is accepted while the store is up (decision 0003). */
#if WRONG != ACCEPT_THOUGH_UP
  :: d_step { state == UP && nobodyInside && !closed -> become(RECOVERING) };
progress: skip             /* it may find the store up again, but not for ever */
  :: d_step { state != UP && !closed -> inside++ };
#else
  :: d_step { !closed -> inside++ };
#endif
       if
       :: deferrable[i] -> accept(i, true, ACCEPTED)
       :: else -> accept(i, false, UNKNOWN)
       fi;
       break
  od
}

#if APPS == 1
#define isAcknowledged(i) false
#else
#define isAcknowledged(i) (told[i] == APPLIED || told[i] == ACCEPTED)
#endif
#define hasBegun(i) (runs[i] || told[i] != NOTHING || died[i])

proctype App(byte i) {
  bool attached;
  mtype intent;
  {
    atomic {
      i == 0 || hasBegun(0);              /* they are alike: whoever begins first is 0 */
      runs[i] = true;
      if
      :: deferrable[i] = true
#ifndef DEFERRABLE
      :: deferrable[i] = false
#endif
      fi;
      if                                  /* the first statement binds it, or not */
      :: state == UP -> attached = true; current[i] = true
      :: state != UP
      fi };
    d_step { printf("%d: commit() is called\n", i); follows[i] = isAcknowledged(1 - i) };
    do
    :: attached ->
         if
#if WRONG != NO_EPOCH
         :: d_step { !closed && !current[i] ->
              printf("%d: rolled back, the epoch has changed\n", i);
              reached(EPOCH_OVER);
              attached = false }
         :: d_step { !closed && current[i] ->
#else
         :: d_step { !closed ->
#endif
              printf("%d: COMMIT is sent\n", i);
              inside++; current[i] = false; pair[i] = SENT; listens[i] = true };
              if
              :: d_step { answer[i] == APPLIED -> inside--; tell(i, APPLIED) }; break
              :: d_step { answer[i] == REFUSED -> inside--; tell(i, NOT_COMMITTED) }; break
              :: d_step { answer[i] == BROKEN -> inside-- }; settleInDoubt(i); break
              :: d_step { faults > 0 && answer[i] == NONE ->
                   printf("%d: the connection breaks, the reply is missing\n", i);
                   faults--; cut(i, i); inside-- };
                   settleInDoubt(i); break
              fi
         fi
    :: !attached ->
         if
         :: d_step { state == UP -> attached = true; current[i] = true }
         :: d_step { !deferrable[i] && state != UP -> tell(i, NOT_COMMITTED) }; break
         :: d_step { deferrable[i] && state != UP && !closed -> inside++ };
              accept(i, true, ACCEPTED); break
         fi
    od
  } unless { dies[i] };
  atomic { dies[i] = false; attached = false; intent = NONE }
}

/* ---------------------------------------------------------------- the drain */

#define isReadable(i) (waits(i) && at[i] <= forced)       /* what is not forced nobody reads */
#if IDS == 1
#define anyReadable   isReadable(0)
#elif IDS == 2
#define anyReadable   (isReadable(0) || isReadable(1))
#else
#define anyReadable   (isReadable(0) || isReadable(1) || isReadable(2))
#endif

inline orFirst(k) {
  if
  :: isReadable(k) && (x == IDS || at[k] < at[x]) -> x = k
  :: else
  fi
}

/* The entry that waits and stands first in the log. */
inline next(x) {
#if WRONG == OUT_OF_ORDER
  x = (isReadable(1) -> 1 : 0)
#else
  x = IDS;
  EACH_ID(orFirst)
#endif
}

/* F1: what may be forgotten. */
#define isOver(i)   (isRetry(i) -> at[i] != 0 : told[i] != NOTHING || died[i])
#define isZombie(i) (i < APPS && pair[i] == SENT)
#if WRONG == PRUNE_ZOMBIE
#define isPast(i)   (isOver(i) && !lives(i) && seen.row[i] != NONE)
#elif WRONG == PRUNE_LETTER
#define isPast(i)   (isOver(i) && !isZombie(i) && seen.row[i] != NONE)
#else
#define isPast(i)   (isOver(i) && !lives(i) && !isZombie(i) && seen.row[i] != NONE)
#endif

/* The marks are forced, the number is raised below which all is settled, then the row goes. */
inline prune(x) {
#if WRONG != PRUNE_UNMARKED
  d_step { printf("%d: marks forced\n", x); force() };
#endif
  d_step { printf("%d: forgotten\n", x); forgotten[x] = true };
  d_step { hold[x] == NOBODY -> printf("%d: row deleted\n", x); reached(ROW_FORGOTTEN);
    seen.row[x] = NONE; behind = true; x = 0 }
}

/* R1, D1: one pass of the log in its order, again and again until nothing waits. */
proctype Drain() {
  byte x;
  mtype intent;
endOrBegin:
  {
end:
    do
    :: d_step { state == RECOVERING && anyReadable ->
         next(x);
         intent = (answer[DRAIN] == LATE -> REFUSED : (whole[x] -> APPLIED : ABORTED)) };
#if WRONG == MARK_FIRST
         d_step { writeMark(x, intent) };
         settle(DRAIN, x, intent)
#else
         settle(DRAIN, x, intent);
         if
         :: d_step { answer[DRAIN] == BROKEN -> x = 0; intent = NONE; answer[DRAIN] = NONE }
         :: d_step { answer[DRAIN] == LATE -> x = 0; intent = NONE }
         :: d_step { answer[DRAIN] != BROKEN && answer[DRAIN] != LATE ->
              printf("%d: marked %e\n", x, answer[DRAIN]);
              writeMark(x, answer[DRAIN]); answer[DRAIN] = NONE; x = 0; intent = NONE }
         fi
#endif

      /* The end of a recovery: nothing waits, and nobody is on his way into the log. */
    :: d_step { state == RECOVERING && backlog == 0 && nobodyInside && !closed -> become(UP) }

#if PRUNING
      /* While nothing waits, forgets. */
    :: d_step { state == UP && backlog == 0 && isPast(0) -> x = 0 }; prune(x)
#if IDS > 1
    :: d_step { state == UP && backlog == 0 && isPast(1) -> x = 1 }; prune(x)
#endif
#if IDS > 2
    :: d_step { state == UP && backlog == 0 && isPast(2) -> x = 2 }; prune(x)
#endif
#endif
    od
  } unless { dies[DRAIN] };
  atomic { dies[DRAIN] = false; x = 0; intent = NONE };
  goto endOrBegin
}

/* ---------------------------------------------------------------- dead letters */

#ifdef TWICE
#define mayRetry(i) dead(i)     /* the log's own check is taken away: the ledger's must suffice */
#else
#define mayRetry(i) lives(i)
#endif

#if RETRIES
/* S5: a retry is a new entry that names the letter, accepted while nobody is inside the gate. */
inline acceptRetry() {
  d_step { inside == 0 ->
    printf("%d: retry of letter %d appended\n", retry, letter);
    append(retry, true); replaces[retry] = letter };
  d_step { printf("%d: retry forced\n", retry); force() };
  d_step {
    if
    :: state == UP -> become(RECOVERING)
    :: else
    fi;
    letter = 0; closed = false }
}

#define isIdle (!closed && retry < IDS - 1)

proctype Operator() {
  byte letter, retry = APPS - 1;      /* each retry takes a number that never was (I1) */
endOrBegin:
  {
end:
    do
    :: d_step { isIdle && mayRetry(0) -> letter = 0; retry++; closed = true }; acceptRetry()
    :: d_step { isIdle && mayRetry(1) -> letter = 1; retry++; closed = true }; acceptRetry()
    od
  } unless { dies[OPERATOR] };
  atomic { dies[OPERATOR] = false; letter = 0 };
  goto endOrBegin
}
#endif

/* ---------------------------------------------------------------- what may go wrong */

inline severSession(k) {
  if
  :: hold[k] >= session(0) -> answer[hold[k] - session(0)] = BROKEN; hold[k] = ORPHAN
  :: else
  fi
}

inline severPair(k) {
  if
  :: listens[k] -> answer[k] = BROKEN; listens[k] = false
  :: else
  fi
}

/* All connections break, with whatever is on its way. */
inline sever() { EACH_ID(severSession); EACH_APP(severPair) }

inline die(k) {
  answer[k] = NONE;
  if
  :: runs[k] -> runs[k] = false; current[k] = false; dies[k] = true; died[k] = true
  :: else
  fi
}

/* In which step the node dies. */
inline witnessOf(k) {
  if
  :: k < APPS && pair[root(k)] == SENT && listens[root(k)] -> reached(DIES_SENT)
  :: k < APPS && pair[root(k)] == ARRIVED && listens[root(k)] -> reached(DIES_ARRIVED)
  :: at[k] > forced -> reached(DIES_APPENDED)
  :: waits(k) && at[k] <= forced && hold[k] == NOBODY && seen.row[k] == NONE ->
       reached(DIES_WAITING)
  :: hold[k] == session(DRAIN) -> reached(DIES_SETTLING)
  :: waits(k) && answer[DRAIN] == APPLIED -> reached(DIES_SETTLED)
  :: forgotten[k] && seen.row[k] != NONE -> reached(DIES_PRUNING)
  :: else
  fi
}

/* The node dies, and is there again at once, with what its disk holds; the state is DOWN then. */
inline crash() {
#ifdef WITNESS
  EACH_ID(witnessOf);
#endif
  d_step {
    sever();
    EACH_APP(die);
    answer[DRAIN] = NONE; dies[DRAIN] = true; dies[OPERATOR] = (RETRIES > 0);
    inside = 0; closed = false; falling = false;
    become(DOWN)
  };
  tear()
}

inline endSession(k) { hold[k] = NOBODY; wants[k] = NONE; pays[k] = false }

inline endPair(k) {
  if
  :: pair[k] != NEVER -> pair[k] = OVER
  :: else
  fi
}

/* The standby takes over: what it does not have never was, and no session outlives it. */
inline failover() {
  if
  :: behind -> reached(TAIL_LOST)
  :: else
  fi;
  sever();
  EACH_ID(endSession); EACH_APP(endPair);
  EACH_ID(loseRow); EACH_APP(loseEffect);
  behind = false;
  properties()
}

proctype Fate() {
end:
  do
  :: d_step { behind -> printf("the standby catches up\n"); replicate() }

  :: atomic { faults > 0 -> printf("the node dies, and starts again\n"); faults--; crash() }

#ifndef NO_FAILOVER
  :: d_step { faults > 0 -> printf("the standby takes over\n"); faults--; failover() }
#endif

    /* The probe loses the database, or finds it; it waits for those inside (C5). */
  :: d_step { faults > 0 && state != DOWN && !falling ->
       printf("the database is out of reach\n");
       faults--; falling = true; sever() }
  :: d_step { falling && inside == 0 && !closed -> falling = false; become(DOWN) }
  :: d_step { state == DOWN && inside == 0 && !closed -> become(RECOVERING) }
  od
}

inline judgeCaller(k) {
  assert(told[k] != NOTHING || died[k]);
  assert(told[k] != ACCEPTED || seen.effects[k] == 1 || anyLetter(k))
}

inline judgeMark(k) {
  assert(mark[k] != APPLIED || seen.effects[root(k)] == 1);
  assert(mark[k] != ABORTED || isRetry(k) || seen.effects[root(k)] == 0)
}

/* When nothing more can happen: G4, and what marks say. */
proctype Judge() {
  atomic {
    timeout;
    assert(state == UP && backlog == 0 && inside == 0 && !closed && !behind);
    EACH_APP(judgeCaller);
    EACH_ID(judgeMark)
  }
}

inline noRow(k)  { seen.row[k] = NONE; kept.row[k] = NONE; wants[k] = NONE }
inline noMark(k) { mark[k] = NONE }
inline noCall(k) { pair[k] = NEVER; told[k] = NOTHING; answer[k] = NONE }
inline startServer(k) { run Server(k) }
inline startApp(k)    { run App(k) }

init {
  atomic {
    state = DOWN;
    EACH_ID(noRow); EACH_ID(noMark); EACH_APP(noCall);
    answer[DRAIN] = NONE;
    EACH_ID(startServer);
    run Drain(); run Fate(); run Judge();
#if RETRIES
    run Operator();
#endif
    EACH_APP(startApp)
  }
}
