package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Deferral;
import io.rananeeti.Durability;
import io.rananeeti.UpdateCounts;
import io.rananeeti.VolatileFunctions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Lease;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.ValueRange;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When values are leased, and when what was leased is given up. */
final class LeasingTest implements Sequences {

  private static final String STORE = "orders";
  private static final String S = "public.s";

  @TempDir private Path directory;

  private final Seams seams = Seams.system();
  private final Gate gate = new Gate(seams, (from, to) -> {});
  private final LeaseBook book = new LeaseBook(new ListLog(), seams);
  private final List<String> asked = new ArrayList<>();
  private long next = 1;
  private String state = "1";
  private boolean waits;
  private Runnable whenLeased = () -> {};
  private @Nullable StoreException whenAdvanced;

  @SuppressWarnings("NullAway.Init")
  LeasingTest() {}

  @BeforeEach
  void up() {
    gate.close(Availability.DOWN);
    gate.open(Availability.UP);
    gate.verdict(gate.suspicions());
  }

  @Test
  void onlyASequenceThatIsGoneTakesItsLeasesWithIt() throws Exception {
    Leasing leasing = used("s");
    leasing.run();
    whenAdvanced = new StoreException(Failure.ENVIRONMENT, "57014", "cancelled", null);
    assertThatThrownBy(leasing::recovered).isSameAs(whenAdvanced);
    assertThat(book.left(STORE, S)).isEqualTo(32);

    whenAdvanced = new StoreException(Failure.REFUSED, "42P01", "gone", null);
    leasing.recovered();
    assertThat(book.left(STORE, S)).isZero();
    assertThat(book.furthest(STORE)).isEmpty();
  }

  @Test
  void nothingIsLeasedOfAWriterThatWasNotRecovered() {
    Leasing leasing = used("s");
    leasing.used("t", Map.of(), 1);
    whenLeased = this::writerChanges;

    leasing.run();

    assertThat(asked).hasSize(1);
    assertThat(book.left(STORE, S)).isEqualTo(-1);
    assertThat(book.left(STORE, "public.t")).isEqualTo(-1);
    leasing.run();
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatIsSuspectedMeanwhileIsJudgedFirst() {
    Leasing leasing = used("s");
    whenLeased =
        () -> {
          long suspicion = gate.suspect();
          seams.start(
              "probe",
              () -> {
                writerChanges();
                gate.verdict(suspicion);
              });
        };

    leasing.run();

    assertThat(book.left(STORE, S)).isEqualTo(-1);
  }

  @Test
  void aSequenceThatWasMovedBackIsMovedOnBeforeItIsLeased() {
    Leasing leasing = used("s");
    leasing.run();
    next = -200;
    leasing.used("s", Map.of(), 100);

    leasing.run();
    assertThat(book.left(STORE, S)).isZero();
    leasing.run();

    assertThat(asked).containsExactly("lease s", "lease s", "advance " + S, "lease s");
    assertThat(book.draw(STORE, S, 1)).containsExactly(33);
  }

  @Test
  void whatWasLeasedOfASequenceThatWasRestartedIsGivenUp() {
    Leasing leasing = used("s");
    leasing.run();
    state = "2";
    next = 5;
    leasing.used("s", Map.of(), 100);

    leasing.run();

    assertThat(asked).doesNotContain("advance " + S);
    assertThat(book.draw(STORE, S, 1)).containsExactly(5);
  }

  @Test
  void whileKeysOfTheOldOneWaitTheNewOneIsMovedPastThem() {
    waits = true;
    Leasing leasing = used("s");
    leasing.run();
    state = "2";
    next = -200;
    leasing.used("s", Map.of(), 100);

    leasing.run();
    leasing.run();

    assertThat(book.draw(STORE, S, 1)).containsExactly(33);
  }

  @Test
  void aStockThatNobodyFillsUpIsComparedAtTheNextLookAndAtARecovery() throws Exception {
    used("s").run();
    state = "2";
    used("t").run();
    assertThat(book.left(STORE, S)).isZero();
    assertThat(book.furthest(STORE)).doesNotContainKey(S);

    state = "3";
    used("u").recovered();
    assertThat(book.left(STORE, "public.t")).isZero();
    assertThat(book.furthest(STORE)).containsKey("public.t");
  }

  private void writerChanges() {
    gate.close(Availability.UP);
    gate.open(Availability.RECOVERING);
  }

  private Leasing used(String sequence) {
    Store store =
        (Store)
            Proxy.newProxyInstance(
                Store.class.getClassLoader(),
                new Class<?>[] {Store.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "name" -> STORE;
                      case "sequences" -> this;
                      case "naming" -> "";
                      default -> throw new UnsupportedOperationException(method.getName());
                    });
    Leasing leasing = new Leasing(settings(), store, book, gate, new Holding(), () -> waits);
    leasing.used(sequence, Map.of(), 1);
    return leasing;
  }

  private Settings settings() {
    return new Settings(
        "shop",
        List.of(),
        List.of(),
        directory,
        where -> {
          throw new IOException(where + " is not used");
        },
        new Settings.LogSize(null, null),
        Durability.FORCE,
        false,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Deferral.ALL,
        UpdateCounts.PROMISE_ONE,
        1,
        seams,
        VolatileFunctions.REFUSE,
        new Settings.Audit(false, null),
        Duration.ofDays(1),
        null,
        null,
        null);
  }

  @Override
  public Lease lease(String name, Map<String, String> settings, int count) {
    asked.add("lease " + name);
    Lease lease = new Lease("public." + name, List.of(new ValueRange(next, count, 1)), state);
    next += count;
    whenLeased.run();
    return lease;
  }

  @Override
  public String inFull(String name, Map<String, String> settings) {
    return name;
  }

  @Override
  public void advance(String sequence, long past) throws StoreException {
    asked.add("advance " + sequence);
    if (whenAdvanced != null) {
      throw whenAdvanced;
    }
    next = Math.max(next, past + 1);
  }

  @Override
  public Map<String, String> states(Set<String> sequences) {
    Map<String, String> states = new HashMap<>();
    sequences.forEach(each -> states.put(each, state));
    return states;
  }

  @Override
  public InsertTarget describe(String table, Map<String, String> settings) {
    throw new UnsupportedOperationException(table);
  }
}
